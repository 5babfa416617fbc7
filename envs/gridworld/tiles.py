"""The tiles of gridworlds, drawn: grounds, words, and marks for what has no ground of its own."""

import math
from functools import lru_cache

import numpy as np
import pygame

from rlkit.arrays import Array, Bools, Floats
from rlkit.envs.gridworld import maps, palette
from rlkit.envs.view import kit, shapes

SHOW_WORDS, SHOW_MARKS, SHOW_GAPS = 52, 14, 8
"""Cells at least so large [px] show words and numbers, marks and arrows, lines between them."""
ROOMY = 96
"""In cells at least so large [px] agent and arrows do not touch the number."""
FINE = 4
"""Marks and arrows are drawn so many times too large."""
MOST_LANDMARKS = 40
WORDS = {maps.START: "start", maps.GOAL: "goal", maps.PIT: "pit", maps.CLIFF: "cliff"}

Cell = tuple[int, int]


def tiles(glyphs: Array, size: int) -> pygame.Surface:
    """Return the grounds of a map of characters `(rows, columns)`, with words where they fit."""
    colours = np.full((*glyphs.shape, 3), palette.FREE, dtype=np.float64)
    for glyph, colour in palette.GROUNDS.items():
        colours[glyphs == glyph] = colour
    if size < SHOW_MARKS:
        for glyph in maps.PORTALS + maps.KEYS + maps.DOORS:
            colours[glyphs == glyph] = palette.mark_colour(glyph)
    surface = blocks(colours, size)
    if size >= SHOW_WORDS:
        for i, k in np.argwhere(np.isin(glyphs, list(WORDS))):
            word(surface, str(glyphs[i, k]), (int(i), int(k)), size)
    return surface


def blocks(colours: Floats, size: int) -> pygame.Surface:
    """Return a surface of square cells in the colours `(rows, columns, 3)`."""
    high, wide = colours.shape[:2]
    large = np.repeat(np.repeat(np.rint(colours).astype(np.uint8), size, axis=0), size, axis=1)
    if size >= SHOW_GAPS:
        for k in range(gap(size)):
            large[k::size] = kit.BACKGROUND
            large[:, k::size] = kit.BACKGROUND
    surface = pygame.Surface((wide * size, high * size), depth=32)
    pygame.surfarray.blit_array(surface, large.transpose(1, 0, 2))
    return surface


def gap(size: int) -> int:
    """Return the width of the line at the top and left of a cell [px]."""
    return 0 if size < SHOW_GAPS else 2 if size >= SHOW_WORDS else 1


def lift(size: int) -> int:
    """Return how far arrows and agent move up to make room for a number [px]."""
    return round(size * 0.08) if SHOW_WORDS <= size < ROOMY else 0


def letters(size: int) -> int:
    """Return the size of words and numbers in a cell [px]."""
    return min(max(size // 6, kit.SMALL), 20)


def word(surface: pygame.Surface, glyph: str, cell: Cell, size: int) -> None:
    """Write what a tile is into its upper left corner."""
    place = (cell[1] * size + 9, cell[0] * size + 7)
    kit.text(surface, WORDS[glyph], place, size=letters(size), bold=glyph != maps.START)


def marks(
    surface: pygame.Surface,
    glyphs: Array,
    keys: str,
    size: int,
    *,
    covered: Bools,
    named: bool,
) -> None:
    """Draw portals, keys, doors and signs, frame the starts, and enlarge what would be too tiny.

    Args:
        surface: The picture.
        glyphs: The map, `(rows, columns)` characters.
        keys: Those that are held: they are not drawn, and their doors are open.
        size: Of a cell [px].
        covered: `(rows, columns)`, the cells where marks go into a corner to leave room for an
            overlay; none are drawn there where cells are small.
        named: Whether there is room for words in them.
    """
    for i, k in np.argwhere(~np.isin(glyphs, [maps.FREE, maps.WALL, maps.PIT])):
        glyph, area = str(glyphs[i, k]), pygame.Rect(int(k) * size, int(i) * size, size, size)
        area = pygame.Rect(area.x + gap(size), area.y + gap(size), *[size - gap(size)] * 2)
        opened = glyph in maps.DOORS and glyph.lower() in keys
        if glyph == maps.START and size >= SHOW_GAPS:
            pygame.draw.rect(surface, kit.BLUE, area, width=max(size // 30, 2))
            if named and covered[i, k] and size >= SHOW_WORDS:
                word(surface, glyph, (int(i), int(k)), size)
        elif glyph in WORDS or glyph in keys or size < SHOW_MARKS:
            continue
        elif not covered[i, k]:
            surface.blit(mark(glyph, area.width, opened), area)
        elif size >= SHOW_WORDS:
            corner = pygame.Rect(area.x, area.y, *[round(size * 0.36)] * 2)
            pygame.draw.rect(surface, palette.FREE, corner, border_bottom_right_radius=size // 10)
            surface.blit(mark(glyph, corner.width, opened), corner)
    if size < SHOW_GAPS:
        _landmarks(surface, glyphs, size)


def _landmarks(surface: pygame.Surface, glyphs: Array, size: int) -> None:
    """Enlarge starts and goals, if they are few."""
    found = np.argwhere(np.isin(glyphs, [maps.START, maps.GOAL]))
    inside = surface.get_rect().inflate(-14, -14)
    for i, k in found if len(found) <= MOST_LANDMARKS else ():
        centre = (
            min(max((k + 0.5) * size, inside.left), inside.right),
            min(max((i + 0.5) * size, inside.top), inside.bottom),
        )
        shapes.disc(surface, centre, 6, kit.BACKGROUND)
        shapes.disc(surface, centre, 5, kit.GREEN if glyphs[i, k] == maps.GOAL else kit.AMBER)


@lru_cache(maxsize=256)
def mark(glyph: str, size: int, opened: bool = False) -> pygame.Surface:
    """Return the mark of a tile on a clear ground as large as a cell."""
    n = size * FINE
    image = pygame.Surface((n, n), pygame.SRCALPHA)
    if glyph in maps.PORTALS:
        _portal(image, n, palette.mark_colour(glyph))
    elif glyph in maps.KEYS:
        _key(image, n, palette.mark_colour(glyph))
    elif glyph in maps.DOORS:
        _door(image, n, palette.mark_colour(glyph), opened)
    elif glyph in maps.ONE_WAY:
        _chevrons(image, n, maps.ONE_WAY[glyph])
    elif glyph == maps.BONUS:
        _sign(image, n, kit.GREEN, upright=True)
    elif glyph == maps.PENALTY:
        _sign(image, n, kit.RED, upright=False)
    return pygame.transform.smoothscale(image, (size, size))


def _portal(image: pygame.Surface, n: int, colour: kit.Colour) -> None:
    """Draw rings that grow fainter inwards."""
    for ring, share in ((0.34, 1.0), (0.235, 0.65), (0.13, 0.4)):
        shade = kit.blend(palette.FREE, colour, share)
        pygame.draw.circle(image, shade, (n / 2, n / 2), ring * n, width=max(round(n * 0.055), 1))


def _key(image: pygame.Surface, n: int, colour: kit.Colour) -> None:
    """Draw a key that lies level: a ring, a shaft and two teeth."""
    pygame.draw.circle(image, colour, (n * 0.33, n / 2), n * 0.15, width=max(round(n * 0.06), 1))
    for x, y, wide, high in (
        (0.47, 0.47, 0.34, 0.06),
        (0.65, 0.50, 0.055, 0.13),
        (0.755, 0.50, 0.055, 0.16),
    ):
        image.fill(colour, (n * x, n * y, n * wide, n * high))


def _door(image: pygame.Surface, n: int, colour: kit.Colour, opened: bool) -> None:
    """Draw a leaf with a keyhole, or where it is open only the frame."""
    leaf = pygame.Rect(n * 0.14, n * 0.14, n * 0.74, n * 0.74)
    if opened:
        pygame.draw.rect(image, (*colour, 150), leaf, width=round(n * 0.05), border_radius=n // 14)
        return
    pygame.draw.rect(image, kit.blend(palette.FREE, colour, 0.75), leaf, border_radius=n // 14)
    pygame.draw.rect(image, colour, leaf, width=round(n * 0.05), border_radius=n // 14)
    hole = kit.blend(palette.FREE, colour, 0.12)
    pygame.draw.circle(image, hole, (n / 2, n * 0.45), n * 0.075)
    slot = [(n * 0.5, n * 0.42), (n * 0.565, n * 0.65), (n * 0.435, n * 0.65)]
    pygame.draw.polygon(image, hole, slot)


def _chevrons(image: pygame.Surface, n: int, way: tuple[int, int]) -> None:
    """Draw two angles that point where the tile may be left."""
    turn = math.atan2(way[0], way[1])

    def at(along: float, across: float) -> tuple[float, float]:
        x = along * math.cos(turn) - across * math.sin(turn)
        y = along * math.sin(turn) + across * math.cos(turn)
        return n * (0.5 + x), n * (0.5 + y)

    for start in (-0.20, 0.02):
        tip, back, thick = start + 0.20, start, 0.09
        angle = [(tip, 0), (back, 0.24), (back - thick, 0.24), (tip - thick, 0)]
        angle += [(back - thick, -0.24), (back, -0.24)]
        colour = kit.blend(palette.FREE, kit.MUTED, 0.75)
        pygame.draw.polygon(image, colour, [at(*corner) for corner in angle])


def _sign(image: pygame.Surface, n: int, colour: kit.Colour, *, upright: bool) -> None:
    """Draw a plus, or a minus."""
    image.fill(colour, (n * 0.32, n * 0.46, n * 0.36, n * 0.08))
    if upright:
        image.fill(colour, (n * 0.46, n * 0.32, n * 0.08, n * 0.36))
