"""What every panel begins with."""

from collections.abc import Sequence

import pygame

from rlkit.envs.view import kit, shapes

BELOW = 12
"""Room under what is in a panel [px]."""

Key = Sequence[tuple[kit.Colour, int, str]]
"""Colours and widths of marks [px], and what they mean."""


def blank(
    size: tuple[int, int], title: str, aside: str = "", key: Key = ()
) -> tuple[pygame.Surface, pygame.Rect]:
    """Return a panel with its title, and where on it there is room.

    Args:
        size: Of the panel [px].
        title: At the top left.
        aside: Less important words at the top right.
        key: Marks that are explained at the top right, before `aside`.
    """
    surface = pygame.Surface(size, depth=32)
    surface.fill(kit.BACKGROUND)
    shapes.panel(surface, surface.get_rect(), title)
    right, y = size[0] - shapes.INSET, 13
    if aside:
        width = kit.text(
            surface, aside, (right, y), size=kit.SMALL, colour=kit.MUTED, align="right"
        )
        right -= width + 14
    for colour, wide, meaning in reversed(key):
        right -= kit.text(
            surface, meaning, (right, y), size=kit.SMALL, colour=kit.MUTED, align="right"
        )
        right -= wide + 6
        surface.blit(shapes.rounded((wide, 10), wide // 3, colour), (right, y + 5))
        right -= 14
    inside = surface.get_rect().inflate(-2 * shapes.INSET, 0)
    inside.y, inside.height = shapes.TITLE, size[1] - shapes.TITLE - BELOW
    return surface, inside
