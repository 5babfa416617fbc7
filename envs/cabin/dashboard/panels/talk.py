"""The conversation: the newest bubbles from the bottom up."""

from functools import lru_cache

import pygame

from rlkit.envs.cabin.dashboard.panels.base import blank
from rlkit.envs.cabin.dashboard.panels.bubbles import MOST_HYPOTHESES, bubble
from rlkit.envs.cabin.dashboard.scene import Utterance
from rlkit.envs.view import kit, shapes

MOST_BUBBLES = 12
"""More of the newest lines never fit."""
BETWEEN = 10
"""Between bubbles [px]."""
ICON = 22
FADE = 40
"""Over so much of the top the oldest line fades away [px]."""


@lru_cache(maxsize=32)
def talk_panel(size: tuple[int, int], lines: tuple[Utterance, ...], turn: int) -> pygame.Surface:
    """Return the panel; the oldest bubble fades away under the title."""
    surface, inside = blank(size, "Conversation", f"turn {turn}")
    if not lines:
        kit.text(surface, "Nobody has spoken yet.", inside.topleft, colour=kit.MUTED)
        return surface
    images = _bubbles(lines)
    heights = [image.get_height() + BETWEEN for image in images]
    overflows = sum(heights) > inside.height + BETWEEN
    bottom = inside.bottom if overflows else inside.y + sum(heights) - BETWEEN
    surface.set_clip(pygame.Rect(1, shapes.TITLE, size[0] - 2, size[1] - shapes.TITLE - 1))
    for line, image in zip(reversed(lines), reversed(images), strict=True):
        _place(surface, line, image, inside, bottom)
        bottom -= image.get_height() + BETWEEN
        if bottom < inside.y:
            break
    if overflows:
        surface.blit(_fade(size[0] - 2), (1, shapes.TITLE))
    surface.set_clip(None)
    return surface


def _bubbles(lines: tuple[Utterance, ...]) -> list[pygame.Surface]:
    """Return the bubbles; only the newest line of the driver shows several hypotheses."""
    newest = max((k for k, line in enumerate(lines) if line.heard), default=None)
    return [bubble(line, MOST_HYPOTHESES if k == newest else 1) for k, line in enumerate(lines)]


def _place(
    surface: pygame.Surface,
    line: Utterance,
    image: pygame.Surface,
    inside: pygame.Rect,
    bottom: int,
) -> None:
    """Draw one bubble with who speaks, its lower edge at `bottom`."""
    own = line.speaker == "car"
    reach = ICON + 12
    x = inside.right - reach - image.get_width() if own else inside.x + reach
    surface.blit(image, (x, bottom - image.get_height()))
    mark = shapes.icon("car" if own else "wheel", ICON, kit.BLUE if own else kit.MUTED)
    surface.blit(mark, (inside.right - ICON if own else inside.x, bottom - ICON - 8))


@lru_cache(maxsize=4)
def _fade(width: int) -> pygame.Surface:
    image = pygame.Surface((width, FADE), pygame.SRCALPHA)
    for y in range(FADE):
        image.fill((*kit.PANEL, round(255 * (1 - y / FADE))), (0, y, width, 1))
    return image
