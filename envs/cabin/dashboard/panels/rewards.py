"""The reward of the last act, term by term, and the return so far."""

from functools import lru_cache

import pygame

from rlkit.envs.cabin.dashboard.panels.base import blank
from rlkit.envs.view import kit, shapes

LARGEST = 20.0
"""A term that fills its bar; the bars grow with the square root."""
STEP = 23
"""From one term to the next [px]."""
MIDDLE, REACH = 250, 105
"""Where the bars begin, and how long they get [px]."""

Terms = tuple[tuple[str, float], ...]


@lru_cache(maxsize=32)
def reward_panel(size: tuple[int, int], act: str, terms: Terms, total: float) -> pygame.Surface:
    """Return the panel: the act, its reward, and each term as a bar to the right or the left."""
    surface, inside = blank(size, "Reward of the last act")
    words = kit.fitted(kit.signed(total), 150, kit.LARGE, bold=True)
    width = kit.text(surface, words, (inside.right, 9), size=kit.LARGE, bold=True, align="right")
    place = (inside.right - width - 10, 13)
    kit.text(surface, "return", place, size=kit.SMALL, colour=kit.MUTED, align="right")
    if not act and not terms:
        kit.text(surface, "No act yet.", inside.topleft, colour=kit.MUTED)
        return surface
    step = kit.fitted(kit.signed(sum(value for _, value in terms)), 110, bold=True)
    kit.text(surface, step, inside.topright, bold=True, align="right")
    kit.text(surface, kit.fitted(act, inside.width - 130, bold=True), inside.topleft, bold=True)
    line = inside.y + 27
    pygame.draw.line(surface, kit.EDGE, (inside.x, line), (inside.right, line))
    area = pygame.Rect(inside.x, line + 7, inside.width, inside.bottom - line - 7)
    _bars(surface, _largest([term for term in terms if term[1]], area.height // STEP), area)
    return surface


def _largest(terms: list[tuple[str, float]], most: int) -> list[tuple[str, float]]:
    """Return the terms if they fit, else the largest ones and the sum of the others."""
    if len(terms) <= most:
        return terms
    ranked = sorted(terms, key=lambda term: -abs(term[1]))
    others = ranked[most - 1 :]
    return [*ranked[: most - 1], (f"{len(others)} others", sum(value for _, value in others))]


def _bars(surface: pygame.Surface, terms: list[tuple[str, float]], area: pygame.Rect) -> None:
    middle = area.x + MIDDLE
    if terms:
        end = area.y + STEP * len(terms) - 4
        pygame.draw.line(surface, kit.EDGE, (middle, area.y), (middle, end))
    for k, (name, value) in enumerate(terms):
        y = area.y + k * STEP
        words = kit.fitted(name.replace("_", " "), MIDDLE - REACH - 12)
        kit.text(surface, words, (area.x, y))
        length = round(REACH * min(abs(value) / LARGEST, 1.0) ** 0.5)
        colour = kit.GREEN if value > 0 else kit.RED
        shapes.signed_bar(surface, middle, y + 4, length if value > 0 else -length, colour, 13)
        number = kit.fitted(kit.signed(value), area.right - middle - REACH - 8)
        kit.text(surface, number, (area.right, y), align="right")
