"""Colours, fonts and shapes that every view shares. Surfaces only: no screen is needed."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pygame
from numpy.typing import NDArray

Colour = tuple[int, int, int]

BACKGROUND: Colour = (14, 17, 23)
PANEL: Colour = (24, 29, 38)
EDGE: Colour = (44, 52, 66)
TEXT: Colour = (232, 237, 244)
MUTED: Colour = (139, 151, 168)
BLUE: Colour = (88, 166, 255)
GREEN: Colour = (70, 200, 130)
AMBER: Colour = (240, 180, 70)
RED: Colour = (240, 96, 88)


@lru_cache(maxsize=16)
def font(size: int) -> pygame.font.Font:
    """Return pygame's own font, which is always there."""
    if not pygame.font.get_init():
        pygame.font.init()
    return pygame.font.Font(None, size)


def text(
    surface: pygame.Surface,
    words: str,
    place: tuple[int, int],
    *,
    size: int = 22,
    colour: Colour = TEXT,
    right: bool = False,
) -> int:
    """Write one line; return its width [px]. `place` is its top left, or right, corner."""
    image = font(size).render(words, True, colour)
    x = place[0] - image.get_width() if right else place[0]
    surface.blit(image, (x, place[1]))
    return image.get_width()


def wrapped(words: str, width: int, size: int) -> list[str]:
    """Break words into lines of at most `width` [px]."""
    lines: list[str] = []
    line = ""
    for word in words.split():
        longer = f"{line} {word}".strip()
        if line and font(size).size(longer)[0] > width:
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines


def panel(surface: pygame.Surface, area: pygame.Rect, title: str) -> None:
    """Draw a titled panel."""
    pygame.draw.rect(surface, PANEL, area, border_radius=14)
    pygame.draw.rect(surface, EDGE, area, width=1, border_radius=14)
    text(surface, title.upper(), (area.x + 18, area.y + 14), size=18, colour=MUTED)


def bar(
    surface: pygame.Surface,
    area: pygame.Rect,
    share: float,
    colour: Colour,
    *,
    mark: float | None = None,
) -> None:
    """Draw a horizontal bar filled to `share` in [0, 1], with an optional mark."""
    radius = area.height // 2
    pygame.draw.rect(surface, EDGE, area, border_radius=radius)
    filled = area.copy()
    filled.width = round(area.width * min(max(share, 0.0), 1.0))
    if filled.width > area.height // 2:
        pygame.draw.rect(surface, colour, filled, border_radius=radius)
    if mark is not None:
        x = area.x + round(area.width * mark)
        pygame.draw.line(surface, TEXT, (x, area.y - 3), (x, area.bottom + 2), 2)


def blend(low: Colour, high: Colour, share: float) -> Colour:
    """Return the colour between two at `share` in [0, 1]."""
    kept = min(max(share, 0.0), 1.0)
    mixed = [round(a + (b - a) * kept) for a, b in zip(low, high, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def alarm(share: float) -> Colour:
    """Return green, amber or red for a share in [0, 1]."""
    return blend(GREEN, AMBER, share * 2) if share < 0.5 else blend(AMBER, RED, share * 2 - 1)


def gradient(size: tuple[int, int], colours: Sequence[Colour]) -> pygame.Surface:
    """Return a vertical gradient through the colours."""
    strip = pygame.Surface((1, len(colours)))
    for y, colour in enumerate(colours):
        strip.set_at((0, y), colour)
    return pygame.transform.smoothscale(strip, size)


def pixels(surface: pygame.Surface) -> NDArray[np.uint8]:
    """Return a surface as `(H, W, 3)` uint8."""
    return np.ascontiguousarray(pygame.surfarray.array3d(surface).transpose(1, 0, 2))
