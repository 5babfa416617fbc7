"""Gridworlds as pictures and text: tiles, the agent, a value heat map and policy arrows."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

import numpy as np
import pygame
from numpy.typing import ArrayLike, NDArray

from rlkit.arrays import Array, Floats
from rlkit.envs.view import kit, shapes

LONGEST_SIDE = 960
"""Of the map on the picture [px], unless it has more cells than fit at the smallest size."""
LARGEST_CELL, SMALLEST_CELL = 160, 4
"""Sides of a cell [px]."""
LARGEST_SIDE = 2_048
"""A longer side [px] is not drawn: of a huge map the part around the agent is shown."""
SHOW_NUMBERS, SHOW_ARROWS, SHOW_GAPS = 52, 15, 8
"""Cells at least so large [px] show numbers and words, arrows, lines between them."""
FINE = 4
"""Arrows and the agent are drawn so many times too large."""
LEGEND_WIDTH, LEGEND_HEIGHT = 104, 160
"""Room for the legend beside the map, and the least height of a map that has one [px]."""

WALL: kit.Colour = (66, 75, 92)
FREE: kit.Colour = (27, 33, 43)
GROUND: kit.Colour = kit.BACKGROUND
TILES: dict[str, kit.Colour] = {
    "#": WALL,
    ".": FREE,
    "S": (50, 82, 138),
    "G": (34, 122, 84),
    "P": (132, 46, 50),
}
OPEN = ".S"
"""Tiles that have a value and an action."""
MOST_LANDMARKS = 40
WORDS = {"S": "start", "G": "goal", "P": "pit"}
MEANINGS = {**WORDS, "#": "wall"}
"""Of the tiles that the legend explains."""
NEGATIVE, POSITIVE = (206, 84, 66), (56, 164, 172)
"""Ends of the scale of values; 0 is as dark as a free cell."""
DIRECTIONS = ((0, -1), (1, 0), (0, 1), (-1, 0))
"""Up, right, down, left as (x, y) on the picture."""
LEAST_ODDS = 0.02
"""Less probable actions get no arrow."""

ROOMY = 96
"""In cells at least so large [px] the agent does not touch the number."""

Cell = tuple[int, int]


def draw(
    rows: Sequence[str],
    agent: Cell | None,
    *,
    values: ArrayLike | None = None,
    policy: ArrayLike | None = None,
) -> NDArray[np.uint8]:
    """Return a picture of the map.

    Args:
        rows: The map: `#` wall, `.` free, `S` start, `G` goal, `P` pit.
        agent: (row, column) of the agent; None draws none.
        values: `(rows, columns)`, shown as a heat map with a colour bar; NaN where there is none.
        policy: Actions `(rows, columns)`, 0 up, 1 right, 2 down, 3 left, or their probabilities
            `(rows, columns, 4)`; NaN where there is none.

    Returns:
        `(H, W, 3)` uint8, at most 2,048 px high and a legend wider; its size depends on the map
        alone. Of a map that does not fit at 4 px a cell only the part around the agent is drawn,
        or that around its middle.

    Raises:
        ValueError: If the map is empty or ragged, has an unknown tile, or values, policy or agent
            do not fit it.
    """
    rows = tuple(rows)
    heat = None if values is None else np.asarray(values, dtype=np.float64)
    odds = None if policy is None else _odds(np.asarray(policy, dtype=np.float64))
    _check(rows, agent, heat, odds)
    top, left, high, wide = _part(rows, agent)
    window = np.s_[top : top + high, left : left + wide]
    rows = tuple(row[left : left + wide] for row in rows[top : top + high])
    size = max(min(LONGEST_SIDE // max(high, wide), LARGEST_CELL), SMALLEST_CELL)
    picture = _scenery(rows, size, _packed(heat, window), _packed(odds, window)).copy()
    if agent is not None:
        cell = agent[0] - top, agent[1] - left
        _agent(picture, cell, size, numbers=heat is not None and size >= SHOW_NUMBERS)
        if odds is not None and size >= SHOW_ARROWS and rows[cell[0]][cell[1]] in OPEN:
            _arrows(picture, {cell: odds[agent]}, size, heat is not None)
    return kit.pixels(picture)


def describe(rows: Sequence[str], agent: Cell | None) -> str:
    """Return the map as text, with `A` where the agent is."""
    lines = [list(row) for row in rows]
    if agent is not None:
        lines[agent[0]][agent[1]] = "A"
    return "\n".join("".join(line) for line in lines) + "\n"


def _odds(policy: Array) -> Floats:
    """Return the probabilities `(rows, columns, 4)` of a policy; NaN where it has none."""
    if policy.ndim != 2:
        return policy
    known = np.isfinite(policy)
    if not np.isin(policy[known], range(len(DIRECTIONS))).all():
        raise ValueError("a policy of actions must hold 0 up, 1 right, 2 down, 3 left, or NaN")
    table = np.eye(len(DIRECTIONS))[np.where(known, policy, 0).astype(np.intp)]
    table[~known] = np.nan
    return table


def _check(
    rows: tuple[str, ...], agent: Cell | None, values: Floats | None, odds: Floats | None
) -> None:
    if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        raise ValueError("the map is empty or ragged")
    stray = sorted(set("".join(rows)) - set(TILES))
    if stray:
        raise ValueError(f"unknown tile {stray[0]!r}; the tiles are {' '.join(TILES)}")
    shape = (len(rows), len(rows[0]))
    if agent is not None and not (0 <= agent[0] < shape[0] and 0 <= agent[1] < shape[1]):
        raise ValueError(f"the agent is at {agent}, outside of the map of shape {shape}")
    if values is not None and values.shape != shape:
        raise ValueError(f"values are {values.shape}, the map is {shape}")
    if odds is not None and odds.shape != (*shape, len(DIRECTIONS)):
        raise ValueError(f"the policy must be {shape} or {(*shape, 4)}, got {odds.shape}")


def _part(rows: tuple[str, ...], agent: Cell | None) -> tuple[int, int, int, int]:
    """Return (top, left, height, width) of what is drawn, in cells."""
    most = LARGEST_SIDE // SMALLEST_CELL
    shape = (len(rows), len(rows[0]))
    extent = [min(length, most) for length in shape]
    centre = agent if agent is not None else (shape[0] // 2, shape[1] // 2)
    start = [
        min(max(at - shown // 2, 0), length - shown)
        for at, shown, length in zip(centre, extent, shape, strict=True)
    ]
    return start[0], start[1], extent[0], extent[1]


def _packed(table: Floats | None, window: tuple[slice, slice]) -> bytes | None:
    """Return the part of an overlay that is drawn, as something that a cache can look up."""
    return None if table is None else np.ascontiguousarray(table[window]).tobytes()


@lru_cache(maxsize=4)
def _scenery(
    rows: tuple[str, ...], size: int, heat: bytes | None, odds: bytes | None
) -> pygame.Surface:
    """Return the picture without the agent: it stays the same as long as the overlays do."""
    picture = _tiles(rows, size)
    shape = (len(rows), len(rows[0]))
    shown = np.array([[glyph in OPEN for glyph in row] for row in rows])
    values = None
    if heat is not None:
        values = np.where(shown, np.frombuffer(heat).reshape(shape), np.nan)
        _heat(picture, rows, values, size)
    if odds is not None and size >= SHOW_ARROWS:
        table = np.frombuffer(odds).reshape(*shape, len(DIRECTIONS))
        there = shown & np.isfinite(table).all(axis=-1)
        cells = {(int(i), int(k)): table[i, k] for i, k in np.argwhere(there)}
        _arrows(picture, cells, size, heat is not None)
    _landmarks(picture, rows, size)
    return picture if picture.get_height() < LEGEND_HEIGHT else _with_legend(picture, rows, values)


def _landmarks(picture: pygame.Surface, rows: tuple[str, ...], size: int) -> None:
    """Frame the starts, and where cells are tiny, enlarge a few starts and goals."""
    glyphs = np.array([list(row) for row in rows])
    marked = [(int(i), int(k)) for i, k in np.argwhere(np.isin(glyphs, ["S", "G"]))]
    for i, k in marked:
        if size >= SHOW_GAPS and rows[i][k] == "S":
            area = pygame.Rect(k * size, i * size, size, size)
            pygame.draw.rect(picture, kit.BLUE, area, width=max(size // 30, 2))
        elif size < SHOW_GAPS and len(marked) <= MOST_LANDMARKS:
            inside = picture.get_rect().inflate(-14, -14)
            centre = (
                min(max((k + 0.5) * size, inside.left), inside.right),
                min(max((i + 0.5) * size, inside.top), inside.bottom),
            )
            shapes.disc(picture, centre, 6, kit.BACKGROUND)
            shapes.disc(picture, centre, 5, kit.GREEN if rows[i][k] == "G" else kit.AMBER)


def _tiles(rows: tuple[str, ...], size: int) -> pygame.Surface:
    """Return the bare map."""
    glyphs = np.array([list(row) for row in rows])
    colours = np.zeros((*glyphs.shape, 3))
    for glyph, colour in TILES.items():
        colours[glyphs == glyph] = colour
    surface = _blocks(colours, size)
    if size >= SHOW_NUMBERS:
        for i, k in zip(*np.nonzero(np.isin(glyphs, list(WORDS))), strict=True):
            _word(surface, WORDS[str(glyphs[i, k])], (int(i), int(k)), size)
    return surface


def _blocks(colours: Floats, size: int) -> pygame.Surface:
    """Return a surface of square cells in the colours `(rows, columns, 3)`."""
    high, wide = colours.shape[:2]
    large = np.repeat(np.repeat(np.rint(colours).astype(np.uint8), size, axis=0), size, axis=1)
    if size >= SHOW_GAPS:
        gap = 2 if size >= SHOW_NUMBERS else 1
        for k in range(gap):
            large[k::size] = GROUND
            large[:, k::size] = GROUND
    surface = pygame.Surface((wide * size, high * size), depth=32)
    pygame.surfarray.blit_array(surface, large.transpose(1, 0, 2))
    return surface


def _letters(size: int) -> int:
    """Return the size of words and numbers in a cell [px]."""
    return min(max(size // 6, kit.SMALL), 20)


def _word(surface: pygame.Surface, word: str, cell: Cell, size: int) -> None:
    place = (cell[1] * size + 9, cell[0] * size + 7)
    kit.text(surface, word, place, size=_letters(size), bold=word != "start")


def _heat(picture: pygame.Surface, rows: tuple[str, ...], values: Floats, size: int) -> None:
    """Colour each cell that has a value, and write the value where there is room."""
    finite = np.isfinite(values)
    if not finite.any():
        return
    share = np.where(finite, values, 0.0) / _largest(values)
    ends = np.where(share[..., None] < 0, NEGATIVE, POSITIVE).astype(np.float64)
    colours = np.array(FREE) + (ends - np.array(FREE)) * np.abs(share)[..., None]
    heat = _blocks(colours, size)
    for i, k in zip(*np.nonzero(finite), strict=True):
        area = pygame.Rect(int(k) * size, int(i) * size, size, size)
        picture.blit(heat, area, area)
        if size < SHOW_NUMBERS:
            continue
        if rows[i][k] == "S":
            _word(picture, "start", (int(i), int(k)), size)
        letters = _letters(size)
        place = (area.right - 7, area.bottom - letters - 8)
        kit.text(
            picture, _number(values[i, k], size - 10, letters), place, size=letters, align="right"
        )


def _largest(values: Floats) -> float:
    """Return the largest size of a value, which is the end of the scale; 1 if all are 0."""
    return float(np.max(np.abs(values[np.isfinite(values)]))) or 1.0


def _number(value: float, width: int, letters: int) -> str:
    """Return a value with as many digits as fit into `width` [px], at most three; or nothing."""
    forms = (".0f", ".0e") if abs(value) >= 100 else (".2f", ".1f", ".0f")
    for form in forms:
        words = format(value, form).replace("-", kit.MINUS)
        if kit.width_of(words, letters) <= width:
            return words
    return ""


def _arrows(
    picture: pygame.Surface, cells: Mapping[Cell, Floats], size: int, over_heat: bool
) -> None:
    """Draw an arrow for each action in the cells, the longer the more probable it is."""
    lift = _lift(size) if over_heat else 0
    for (i, k), odds in cells.items():
        for action, odd in enumerate(odds):
            if odd >= LEAST_ODDS:
                arrow = _arrow(size, action, round(float(min(odd, 1.0)), 2))
                picture.blit(arrow, (k * size, i * size - lift))


def _lift(size: int) -> int:
    """Return how far arrows and agent move up to make room for a number [px]."""
    return round(size * 0.08) if SHOW_NUMBERS <= size < ROOMY else 0


@lru_cache(maxsize=512)
def _arrow(size: int, action: int, odd: float) -> pygame.Surface:
    """Return an arrow in a cell: a sure one through the middle, others from the middle outwards."""
    n = size * FINE
    image = pygame.Surface((n, n), pygame.SRCALPHA)
    image.fill((*kit.TEXT, 0))
    x, y = DIRECTIONS[action]
    tail, tip = (-0.22, 0.24) if odd > 0.995 else (0.045, 0.10 + 0.28 * odd)
    head = 0.10 if odd > 0.995 else 0.04 + 0.06 * odd
    neck = tip - head

    def at(along: float, across: float) -> tuple[float, float]:
        return (n * (0.5 + x * along - y * across), n * (0.5 + y * along + x * across))

    half = 0.020
    shaft = [at(tail, half), at(neck, half), at(neck, -half), at(tail, -half)]
    pygame.draw.polygon(image, kit.TEXT, shaft)
    pygame.draw.polygon(image, kit.TEXT, [at(tip, 0), at(neck, 0.8 * head), at(neck, -0.8 * head)])
    return pygame.transform.smoothscale(image, (size, size))


def _agent(picture: pygame.Surface, cell: Cell, size: int, *, numbers: bool) -> None:
    """Draw the agent as a disc with a ring; on the smallest cells it is larger than its cell."""
    radius = max(round(size * 0.22), 4)
    lift = _lift(size) if numbers else 0
    centre = ((cell[1] + 0.5) * size, (cell[0] + 0.5) * size - lift)
    shapes.disc(picture, centre, radius + max(radius // 5, 1), kit.TEXT)
    shapes.disc(picture, centre, radius, kit.BLUE)


def _with_legend(
    picture: pygame.Surface, rows: tuple[str, ...], values: Floats | None
) -> pygame.Surface:
    """Return the picture with the colour bar to its right, or the tiles where it has no values."""
    width, height = picture.get_size()
    wide = pygame.Surface((width + LEGEND_WIDTH, height), depth=32)
    wide.fill(kit.BACKGROUND)
    wide.blit(picture, (0, 0))
    if values is None or not np.isfinite(values).any():
        _tile_key(wide, width + 18, rows)
    else:
        _colour_bar(wide, width + 18, values)
    return wide


def _tile_key(wide: pygame.Surface, x: int, rows: tuple[str, ...]) -> None:
    """Say what the tiles of the map are."""
    found = [glyph for glyph in MEANINGS if any(glyph in row for row in rows)]
    for k, glyph in enumerate(found):
        tile = pygame.Rect(x, 14 + 28 * k, 16, 16)
        pygame.draw.rect(wide, TILES[glyph], tile, border_radius=3)
        if glyph == "S":
            pygame.draw.rect(wide, kit.BLUE, tile, width=1, border_radius=3)
        place = (tile.right + 10, tile.y - 1)
        kit.text(wide, MEANINGS[glyph], place, size=kit.SMALL, colour=kit.MUTED)


def _colour_bar(wide: pygame.Surface, x: int, values: Floats) -> None:
    """Show which colour is which value."""
    height = wide.get_height()
    largest = _largest(values)
    finite = values[np.isfinite(values)]
    low, high = float(finite.min()), float(finite.max())
    tops = [POSITIVE] if high > 0 else []
    ends = [NEGATIVE] if low < 0 else []
    area = pygame.Rect(x, 44, 16, min(height - 64, 420))
    kit.text(wide, "value", (area.x, 12), size=kit.SMALL, colour=kit.MUTED, bold=True)
    wide.blit(kit.gradient(area.size, [*tops, FREE, *ends] if tops or ends else [FREE, FREE]), area)
    pygame.draw.rect(wide, kit.EDGE, area, width=1)
    marks = [largest] * len(tops) + [0.0] + [-largest] * len(ends)
    for k, mark in enumerate(marks):
        y = area.y + (area.height - 1) * k / max(len(marks) - 1, 1)
        pygame.draw.line(wide, kit.MUTED, (area.right, y), (area.right + 5, y))
        kit.text(wide, _number(mark, 66, kit.SMALL), (area.right + 10, y - 9), size=kit.SMALL)
