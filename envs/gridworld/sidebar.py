"""What stands beside the picture of a gridworld: its tiles, or the scale of an overlay."""

import numpy as np
import pygame

from rlkit.arrays import Array
from rlkit.envs.gridworld import maps, palette
from rlkit.envs.gridworld.overlays import COUNTED, NEGATIVE, POSITIVE, Scale
from rlkit.envs.gridworld.tiles import mark
from rlkit.envs.view import kit

LEGEND_WIDTH, LEGEND_HEIGHT = 116, 160
"""Room for the legend beside the map, and the least height of a map that has one [px]."""
LINE = 28
"""Height of a line of the legend [px]."""


def with_sidebar(picture: pygame.Surface, glyphs: Array, scale: Scale | None) -> pygame.Surface:
    """Return the picture with the colour bar to its right, or the tiles where it has no scale."""
    width, height = picture.get_size()
    wide = pygame.Surface((width + LEGEND_WIDTH, height), depth=32)
    wide.fill(kit.BACKGROUND)
    wide.blit(picture, (0, 0))
    if scale is None:
        _tile_key(wide, width + 18, glyphs)
    else:
        _colour_bar(wide, width + 18, scale)
    return wide


def _tile_key(wide: pygame.Surface, x: int, glyphs: Array) -> None:
    """Say what the tiles of the map are, as far as there is room; a meaning needs one line."""
    found = set(np.unique(glyphs))
    shown: dict[str, str] = {}
    for glyph, meaning in maps.LEGEND.items():
        if glyph in found and glyph != maps.FREE:
            shown.setdefault(meaning, glyph)
    for k, (meaning, glyph) in enumerate(shown.items()):
        tile = pygame.Rect(x, 14 + LINE * k, 16, 16)
        if tile.bottom > wide.get_height():
            return
        ground = palette.GROUNDS.get(glyph, palette.FREE)
        pygame.draw.rect(wide, ground, tile, border_radius=3)
        if glyph == maps.START:
            pygame.draw.rect(wide, kit.BLUE, tile, width=1, border_radius=3)
        wide.blit(mark(glyph, 20), tile.move(-2, -2))
        place = (tile.right + 10, tile.y - 1)
        kit.text(wide, meaning, place, size=kit.SMALL, colour=kit.MUTED)


def _colour_bar(wide: pygame.Surface, x: int, scale: Scale) -> None:
    """Show which colour is which number."""
    area = pygame.Rect(x, 44, 16, min(wide.get_height() - 64, 420))
    kit.text(wide, scale.name, (area.x, 12), size=kit.SMALL, colour=kit.MUTED, bold=True)
    top, bottom = scale.high > 0, scale.low < 0
    ends = [COUNTED if scale.counts else POSITIVE] * top + [palette.FREE] + [NEGATIVE] * bottom
    wide.blit(kit.gradient(area.size, ends if len(ends) > 1 else ends * 2), area)
    pygame.draw.rect(wide, kit.EDGE, area, width=1)
    numbers = [scale.full] * top + [0.0] + [-scale.full] * bottom
    marks = dict(zip(np.linspace(0, 1, len(numbers)), numbers, strict=True))
    if scale.counts and scale.full >= 100:
        marks[0.5] = round(np.expm1(np.log1p(scale.full) / 2))
    for share, value in marks.items():
        y = area.y + (area.height - 1) * share
        pygame.draw.line(wide, kit.MUTED, (area.right, y), (area.right + 5, y))
        beyond = "\N{LESS-THAN OR EQUAL TO} " if value == -scale.full > scale.low else ""
        room = wide.get_width() - area.right - 14 - kit.width_of(beyond, kit.SMALL)
        words = scale.words(float(value), room, kit.SMALL)
        kit.text(wide, beyond + words, (area.right + 10, y - 9), size=kit.SMALL)
