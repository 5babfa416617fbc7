"""What the car believes of each slot: a few slots with all that is known, or many in short."""

import math
from functools import lru_cache

import pygame

from rlkit.envs.cabin.dashboard.panels.base import BELOW, blank
from rlkit.envs.cabin.dashboard.scene import Belief
from rlkit.envs.view import kit, shapes

ACCEPTED = 0.8
"""The mark on the bars: from here on a value counts as accepted (PyDial)."""
ROOMY, ROOMY_STEP, ROOMY_COLUMN = 3, 76, 340
"""So many slots in a column have three lines each; largest distance, least width [px]."""
STEP, MOST_STEP = 29, 35
"""Least and largest distance of slots that are shown in short [px]."""
COLUMN = 164
"""Least width of a column of slots [px]."""
BETWEEN = 22
"""Between columns [px]."""
KEY = ((kit.BLUE, 10, "best"), (kit.AMBER, 10, "second"), (kit.TEXT, 2, "accepted"))


@lru_cache(maxsize=32)
def belief_panel(size: tuple[int, int], beliefs: tuple[Belief, ...]) -> pygame.Surface:
    """Return the panel; of too many slots the most certain ones are shown."""
    width, height = size[0] - 2 * shapes.INSET, size[1] - shapes.TITLE - BELOW
    draw_slot, column, rows, step = _roomy, ROOMY_COLUMN, ROOMY, ROOMY_STEP
    if len(beliefs) > ROOMY * _columns(width, ROOMY_COLUMN):
        draw_slot, column, rows = _short, COLUMN, height // STEP
    columns = min(_columns(width, column), math.ceil(len(beliefs) / rows) or 1)
    shown = _most_certain(beliefs, rows * columns)
    left_out = len(beliefs) - len(shown)
    aside, key = (f"{left_out} more", KEY[:2]) if left_out else ("", KEY)
    surface, inside = blank(size, "Belief", aside, key)
    if not beliefs:
        kit.text(surface, "Nothing is known.", inside.topleft, colour=kit.MUTED)
        return surface
    rows = math.ceil(len(shown) / columns)
    step = min(height // rows, step if draw_slot is _roomy else MOST_STEP)
    wide = (width - BETWEEN * (columns - 1)) // columns
    for k, belief in enumerate(shown):
        place = (inside.x + k // rows * (wide + BETWEEN), inside.y + k % rows * step)
        draw_slot(surface, belief, pygame.Rect(place, (wide, step)))
    return surface


def _columns(width: int, least: int) -> int:
    """Return how many columns of at least that width there is room for [px]."""
    return (width + BETWEEN) // (least + BETWEEN)


def _most_certain(beliefs: tuple[Belief, ...], most: int) -> tuple[Belief, ...]:
    """Return at most `most` slots, those of which most is known, in their order."""
    ranked = sorted(range(len(beliefs)), key=lambda k: (-beliefs[k].mass, k))
    return tuple(beliefs[k] for k in sorted(ranked[:most]))


def _roomy(surface: pygame.Surface, belief: Belief, area: pygame.Rect) -> None:
    """Draw name and best value, their bar, and below it what else there is."""
    name = kit.fitted(belief.slot, area.width * 2 // 5, bold=True)
    x = area.x + kit.text(surface, name, area.topleft, bold=True) + 12
    share = f"{belief.mass:.0%}" if belief.best else ""
    right = area.right - kit.text(surface, share, area.topright, align="right")
    if belief.guarded:
        x += _tag(surface, "guarded", x, area.y) + 10
    if belief.confirmed:
        surface.blit(shapes.icon("check", 16, kit.BLUE), (x, area.y + 3))
        x += 22
    words = kit.fitted(belief.best or "unknown", right - 12 - x)
    kit.text(surface, words, (x, area.y), colour=kit.TEXT if belief.best else kit.MUTED)
    _bar(surface, belief, pygame.Rect(area.x, area.y + 24, area.width, 9))
    words = kit.fitted(_rest(belief), area.width, kit.SMALL)
    kit.text(surface, words, (area.x, area.y + 35), size=kit.SMALL, colour=kit.MUTED)


def _rest(belief: Belief) -> str:
    """Return in words what is not the best value."""
    parts = [f"or {belief.second} {belief.second_mass:.0%}"] if belief.second else []
    parts += [f"not mentioned {belief.none:.0%}"] if belief.none >= 0.005 else []
    return ", ".join(parts)


def _tag(surface: pygame.Surface, words: str, x: int, y: int) -> int:
    """Draw a word in an amber frame and return its width."""
    width = kit.width_of(words, kit.SMALL) + 16
    fill = kit.blend(kit.PANEL, kit.AMBER, 0.18)
    surface.blit(shapes.rounded((width, 22), 11, fill, kit.AMBER), (x, y))
    kit.text(surface, words, (x + 8, y + 1), size=kit.SMALL, colour=kit.AMBER)
    return width


def _short(surface: pygame.Surface, belief: Belief, area: pygame.Rect) -> None:
    """Draw name, best value and probability in one line over a thin bar."""
    right = area.right
    if belief.best:
        share = f"{belief.mass:.0%}"
        right -= kit.text(
            surface, share, area.topright, size=kit.SMALL, colour=kit.MUTED, align="right"
        )
        right -= 6
    words = kit.fitted(belief.best or "unknown", (right - area.x) // 2, kit.SMALL)
    colour = kit.TEXT if belief.best else kit.MUTED
    right -= kit.text(surface, words, (right, area.y), size=kit.SMALL, colour=colour, align="right")
    mark = "! " if belief.guarded else ""
    name = kit.fitted(mark + belief.slot, right - 8 - area.x, kit.SMALL, bold=True)
    kit.text(surface, name, area.topleft, size=kit.SMALL, bold=True)
    _bar(surface, belief, pygame.Rect(area.x, area.y + 20, area.width, 5))


def _bar(surface: pygame.Surface, belief: Belief, area: pygame.Rect) -> None:
    """Draw the masses of the two best values one behind the other."""
    parts = ((belief.mass, kit.BLUE), (belief.second_mass, kit.AMBER))
    shapes.stacked_bar(surface, area, parts, mark=ACCEPTED)
