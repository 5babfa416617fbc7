"""Gridworlds as pictures and text: tiles, the agent, a value heat map and policy arrows."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pygame
from numpy.typing import NDArray

from rlkit.arrays import Array, Floats
from rlkit.envs.view import kit

LONGEST_SIDE = 960
LARGEST_CELL, SMALLEST_CELL = 96, 4
SHOW_NUMBERS, SHOW_ARROWS = 48, 14
"""Cells at least so large [px] show numbers and arrows."""

TILES: dict[str, kit.Colour] = {
    "#": (58, 66, 80),
    ".": (24, 29, 38),
    "S": (34, 44, 62),
    "G": (40, 120, 84),
    "P": (112, 44, 46),
}
DIRECTIONS = ((0, -1), (1, 0), (0, 1), (-1, 0))
"""Up, right, down, left as (x, y) on the picture."""

Cell = tuple[int, int]


def draw(
    rows: Sequence[str],
    agent: Cell | None,
    *,
    values: Floats | None = None,
    policy: Array | None = None,
) -> NDArray[np.uint8]:
    """Return a picture of the map, `(H, W, 3)` uint8.

    Args:
        rows: The map.
        agent: (row, column) of the agent.
        values: `(rows, columns)`, shown as a heat map; NaN where there is none.
        policy: Actions `(rows, columns)` or probabilities `(rows, columns, 4)`; NaN for none.
    """
    longest = max(len(rows), len(rows[0]))
    size = max(min(LONGEST_SIDE // longest, LARGEST_CELL), SMALLEST_CELL)
    surface = _tiles(tuple(rows), size).copy()
    if values is not None:
        _heat(surface, rows, values, size)
    if policy is not None and size >= SHOW_ARROWS:
        _arrows(surface, rows, policy, size)
    if agent is not None:
        centre = (agent[1] * size + size // 2, agent[0] * size + size // 2)
        pygame.draw.circle(surface, kit.BACKGROUND, centre, max(size * 0.34, 2))
        pygame.draw.circle(surface, kit.BLUE, centre, max(size * 0.28, 1.5))
    return kit.pixels(surface)


def describe(rows: Sequence[str], agent: Cell | None) -> str:
    """Return the map as text, with `A` where the agent is."""
    lines = [list(row) for row in rows]
    if agent is not None:
        lines[agent[0]][agent[1]] = "A"
    return "\n".join("".join(line) for line in lines) + "\n"


@lru_cache(maxsize=4)
def _tiles(rows: tuple[str, ...], size: int) -> pygame.Surface:
    """Return the map without the agent; it never changes."""
    surface = pygame.Surface((len(rows[0]) * size, len(rows) * size))
    surface.fill(kit.BACKGROUND)
    gap = 1 if size >= 8 else 0
    for i, row in enumerate(rows):
        for k, glyph in enumerate(row):
            surface.fill(TILES[glyph], (k * size, i * size, size - gap, size - gap))
            if glyph in "SGP" and size >= SHOW_NUMBERS:
                _corner(surface, {"S": "start", "G": "goal", "P": "pit"}[glyph], k, i, size)
    return surface


def _corner(surface: pygame.Surface, words: str, column: int, row: int, size: int) -> None:
    place = (column * size + 6, row * size + 5)
    kit.text(surface, words, place, size=max(size // 5, 15), colour=kit.TEXT)


def _heat(surface: pygame.Surface, rows: Sequence[str], values: Floats, size: int) -> None:
    """Colour each free cell by its value: red below 0, green above, dark at 0."""
    largest = float(np.nanmax(np.abs(values))) or 1.0
    gap = 1 if size >= 8 else 0
    for i, row in enumerate(rows):
        for k, glyph in enumerate(row):
            value = values[i, k]
            if glyph in "#GP" or np.isnan(value):
                continue
            colour = kit.blend(
                TILES["."], (48, 156, 110) if value > 0 else (170, 66, 62), abs(value) / largest
            )
            surface.fill(colour, (k * size, i * size, size - gap, size - gap))
            if size >= SHOW_NUMBERS:
                place = ((k + 1) * size - 7, (i + 1) * size - max(size // 5, 15))
                kit.text(surface, f"{value:.3g}", place, size=max(size // 5, 15), right=True)


def _arrows(surface: pygame.Surface, rows: Sequence[str], policy: Array, size: int) -> None:
    """Draw an arrow for each action, as long as it is probable."""
    for i, row in enumerate(rows):
        for k, glyph in enumerate(row):
            chosen = policy[i, k]
            if glyph in "#GP" or np.isnan(chosen).any():
                continue
            odds = chosen if np.ndim(chosen) else np.eye(4)[int(chosen)]
            for direction, odd in zip(DIRECTIONS, odds, strict=True):
                if odd > 0.01:
                    _arrow(
                        surface, (k * size + size / 2, i * size + size / 2), direction, size * odd
                    )


def _arrow(
    surface: pygame.Surface, centre: tuple[float, float], direction: tuple[int, int], size: float
) -> None:
    x, y = direction
    tip = (centre[0] + x * size * 0.32, centre[1] + y * size * 0.32)
    tail = (centre[0] - x * size * 0.22, centre[1] - y * size * 0.22)
    width = max(round(size / 22), 1)
    pygame.draw.line(surface, kit.TEXT, tail, tip, width)
    side = size * 0.12
    base = (tip[0] - x * side, tip[1] - y * side)
    head = [tip, (base[0] - y * side, base[1] + x * side), (base[0] + y * side, base[1] - x * side)]
    pygame.draw.polygon(surface, kit.TEXT, head)
