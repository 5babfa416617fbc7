"""Colours, fonts, words and pixels that every view shares. Surfaces only: no screen is needed."""

import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pygame
from numpy.typing import NDArray

Colour = tuple[int, int, int]

BACKGROUND: Colour = (11, 14, 20)
PANEL: Colour = (21, 26, 35)
EDGE: Colour = (43, 51, 66)
TEXT: Colour = (233, 238, 245)
MUTED: Colour = (146, 158, 177)
BLUE: Colour = (86, 170, 240)
GREEN: Colour = (52, 190, 156)
AMBER: Colour = (238, 186, 74)
RED: Colour = (242, 104, 60)
"""Close to the palette of Okabe and Ito (2008), which colour-blind people can tell apart."""

SMALL, NORMAL, LARGE, HUGE = 15, 17, 21, 28
"""Sizes of words [px]; nothing smaller than the first is written on a dashboard."""

ELLIPSIS, MINUS = "\N{HORIZONTAL ELLIPSIS}", "\N{MINUS SIGN}"
HUGE_NUMBER = 1e5
"""From here on numbers are written with a power of ten."""
LONGEST_WORDS = 2_000
"""Longer texts are cut before they are measured [characters]."""


def font(size: int, bold: bool = False) -> pygame.font.Font:
    """Return the font of a size [px]: DejaVu Sans, which matplotlib brings, or pygame's own.

    It works too after somebody else, such as another environment that closed, has quit pygame.
    """
    if not pygame.font.get_init():
        pygame.font.init()
    try:
        found = _font(size, bold)
        found.get_height()  # raises for a font that was opened before pygame was quit
    except pygame.error:
        _font.cache_clear()
        found = _font(size, bold)
    return found


@lru_cache(maxsize=64)
def _font(size: int, bold: bool) -> pygame.font.Font:
    path = _font_file("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf")
    return pygame.font.Font(path, size)


@lru_cache(maxsize=4)
def _font_file(name: str) -> str | None:
    """Return where matplotlib keeps a font, found without importing it; None if it is not there."""
    spec = importlib.util.find_spec("matplotlib")
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder) / "mpl-data" / "fonts" / "ttf" / name
        if path.is_file():
            return str(path)
    return None


def clean(words: str) -> str:
    """Return words that can be drawn: one line, no control characters, no broken code points."""
    kept = "".join(mark if mark.isprintable() else " " for mark in words[:LONGEST_WORDS])
    return kept.encode("utf-8", "replace").decode("utf-8")


@lru_cache(maxsize=512)
def _written(words: str, size: int, colour: Colour, bold: bool) -> pygame.Surface:
    return font(size, bold).render(words, True, colour)


def text(
    surface: pygame.Surface,
    words: str,
    place: tuple[float, float],
    *,
    size: int = NORMAL,
    colour: Colour = TEXT,
    bold: bool = False,
    align: str = "left",
) -> int:
    """Write one line and return its width [px].

    Args:
        surface: Where to write.
        words: What to write; characters that cannot be drawn become blanks.
        place: The top of the line, and its left end, middle or right end [px].
        size: Height of the letters [px].
        colour: Of the letters.
        bold: Whether the letters are bold.
        align: "left", "middle" or "right": what `place` is.
    """
    image = _written(clean(words), size, colour, bold)
    width = image.get_width()
    x = place[0] - {"left": 0.0, "middle": width / 2, "right": float(width)}[align]
    surface.blit(image, (round(x), round(place[1])))
    return width


def width_of(words: str, size: int = NORMAL, bold: bool = False) -> int:
    """Return how wide words are [px]."""
    return font(size, bold).size(clean(words))[0]


def fitted(words: str, width: int, size: int = NORMAL, bold: bool = False) -> str:
    """Return words cut to `width` [px], with an ellipsis if something was cut."""
    words = clean(words)
    if width_of(words, size, bold) <= width:
        return words
    low, high = 0, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        if width_of(words[:middle].rstrip() + ELLIPSIS, size, bold) <= width:
            low = middle
        else:
            high = middle - 1
    return words[:low].rstrip() + ELLIPSIS


def wrapped(words: str, width: int, size: int = NORMAL, most: int | None = None) -> list[str]:
    """Break words into lines of at most `width` [px], and at most `most` lines.

    A word that is wider than a line is broken; what does not fit ends in an ellipsis.
    """
    lines: list[str] = []
    line = ""
    for word in clean(words).split():
        longer = f"{line} {word}".strip()
        if width_of(longer, size) <= width:
            line = longer
            continue
        lines += [line] if line else []
        while width_of(word, size) > width:
            head = max(len(fitted(word, width, size)) - 1, 1)
            lines.append(word[:head])
            word = word[head:]  # noqa: PLW2901 - the rest of the word goes on the next line
        line = word
    lines += [line] if line else []
    if most is not None and len(lines) > most:
        last = fitted(lines[most - 1] + " " + lines[most], width, size)
        last = last if last.endswith(ELLIPSIS) else fitted(last + ELLIPSIS, width, size)
        lines = [*lines[: most - 1], last]
    return lines


def signed(value: float, digits: int = 2) -> str:
    """Return a number with its sign, the minus as wide as the plus; 0 has a plus."""
    words = f"{value:+.{digits}f}" if abs(value) < HUGE_NUMBER else f"{value:+.1e}"
    return words.replace(f"-{0:.{digits}f}", f"+{0:.{digits}f}").replace("-", MINUS)


def blend(low: Colour, high: Colour, share: float) -> Colour:
    """Return the colour between two at `share` in [0, 1]; a share beyond is clamped."""
    kept = min(max(share, 0.0), 1.0)
    (r, g, b), (red, green, blue) = low, high
    return (
        round(r + (red - r) * kept),
        round(g + (green - g) * kept),
        round(b + (blue - b) * kept),
    )


def alarm(share: float) -> Colour:
    """Return green, amber or red for a share in [0, 1]."""
    return blend(GREEN, AMBER, share * 2) if share < 0.5 else blend(AMBER, RED, share * 2 - 1)


def gradient(size: tuple[int, int], colours: Sequence[Colour]) -> pygame.Surface:
    """Return a vertical gradient through the colours, as large as `size` [px]."""
    width, height = size
    at = np.linspace(0, len(colours) - 1, height)
    stops = np.array(colours, dtype=np.float64)
    channels = [np.interp(at, np.arange(len(colours)), stops[:, k]) for k in range(3)]
    column = np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
    surface = pygame.Surface((width, height), depth=32)
    pygame.surfarray.blit_array(surface, np.repeat(column[None], width, axis=0))
    return surface


def pixels(surface: pygame.Surface) -> NDArray[np.uint8]:
    """Return a copy of a surface as `(H, W, 3)` uint8, red first."""
    width, height = surface.get_size()
    packed = pygame.Surface((width, height), depth=24, masks=(0xFF, 0xFF00, 0xFF0000, 0))
    packed.blit(surface, (0, 0))
    rows = np.frombuffer(packed.get_buffer().raw, dtype=np.uint8)
    rows = rows.reshape(height, packed.get_pitch())[:, : 3 * width]
    return rows.reshape(height, width, 3).copy()
