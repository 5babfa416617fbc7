"""What the driver wants: for the spectator only, the agent never sees it."""

from functools import lru_cache

import pygame

from rlkit.envs.cabin.dashboard.panels.base import BELOW, blank
from rlkit.envs.cabin.dashboard.scene import GoalBar
from rlkit.envs.view import kit, shapes

LINE = 20
BAR = 56
"""Width of the bar of progress [px]."""


@lru_cache(maxsize=16)
def goal_panel(size: tuple[int, int], goals: tuple[GoalBar, ...]) -> pygame.Surface:
    """Return the panel: each goal has a line, the first ones more if there is room."""
    most = (size[1] - shapes.TITLE - BELOW) // LINE
    left_out = len(goals) - most
    title = "What the driver wants" + (f" (+{left_out})" if left_out > 0 else "")
    surface, inside = blank(size, title, "hidden from the agent")
    words = kit.width_of("hidden from the agent", kit.SMALL)
    mark = shapes.icon("hidden", 18, kit.MUTED)
    surface.blit(mark, (inside.right - words - 25, 13))
    shown = _most_active(goals, most)
    spare = most - len(shown)
    top = inside.y - 2
    for goal in shown:
        room = 1 + spare
        lines = kit.wrapped(goal.words, inside.width - 24 - BAR - 62, kit.SMALL, room)
        spare -= max(len(lines) - 1, 0)
        _goal(surface, goal, lines, pygame.Rect(inside.x, top, inside.width, LINE))
        top += max(len(lines), 1) * LINE
    return surface


def _most_active(goals: tuple[GoalBar, ...], most: int) -> tuple[GoalBar, ...]:
    """Return the goals if they fit, else the active ones first."""
    ranked = sorted(range(len(goals)), key=lambda k: (not goals[k].active, k))
    return tuple(goals[k] for k in sorted(ranked[:most]))


def _goal(surface: pygame.Surface, goal: GoalBar, lines: list[str], area: pygame.Rect) -> None:
    done = goal.progress >= 1.0
    colour = kit.TEXT if goal.active else kit.MUTED
    mark = shapes.icon("check" if done else "target", 15, kit.GREEN if done else colour)
    surface.blit(mark, (area.x, area.y + 3))
    for k, line in enumerate(lines):
        kit.text(surface, line, (area.x + 24, area.y + k * LINE), size=kit.SMALL, colour=colour)
    place = (area.right, area.y)
    kit.text(surface, f"{goal.progress:.0%}", place, size=kit.SMALL, colour=colour, align="right")
    meter = pygame.Rect(area.right - 50 - BAR, area.y + 7, BAR, 6)
    shapes.bar(surface, meter, goal.progress, kit.GREEN)
