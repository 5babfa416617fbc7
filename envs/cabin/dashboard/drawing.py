"""The dashboard of the cabin: a scene drawn at 1280 x 720."""

from functools import lru_cache

import numpy as np
import pygame
from numpy.typing import NDArray

from rlkit.envs.cabin.dashboard.panels.beliefs import belief_panel
from rlkit.envs.cabin.dashboard.panels.car import car_panel
from rlkit.envs.cabin.dashboard.panels.gauges import gauge_panel, gauges_of
from rlkit.envs.cabin.dashboard.panels.goals import goal_panel
from rlkit.envs.cabin.dashboard.panels.head_up import draw_banner, draw_head_up
from rlkit.envs.cabin.dashboard.panels.rewards import reward_panel
from rlkit.envs.cabin.dashboard.panels.road import draw_road
from rlkit.envs.cabin.dashboard.panels.talk import MOST_BUBBLES, talk_panel
from rlkit.envs.cabin.dashboard.scene import CabinScene
from rlkit.envs.view import kit

SIZE = (1280, 720)
ROAD = pygame.Rect(16, 16, 748, 332)
GAUGES = pygame.Rect(16, 360, 748, 104)
BELIEF = pygame.Rect(16, 476, 386, 228)
CAR = pygame.Rect(414, 476, 350, 228)
GOAL = pygame.Rect(776, 16, 488, 116)
TALK = pygame.Rect(776, 144, 488, 364)
REWARD = pygame.Rect(776, 520, 488, 184)


def draw(scene: CabinScene) -> NDArray[np.uint8]:
    """Return the dashboard, `(720, 1280, 3)` uint8: a pure function of the scene.

    It draws on a surface that it keeps, so only one thread at a time may call it.
    """
    surface = _canvas()
    surface.fill(kit.BACKGROUND)
    draw_road(surface, ROAD, scene)
    draw_head_up(surface, ROAD, scene)
    for area, panel in _panels(scene):
        surface.blit(panel, area)
    if scene.outcome:
        draw_banner(surface, ROAD, scene.outcome, scene.success)
    return kit.pixels(surface)


def _panels(scene: CabinScene) -> list[tuple[pygame.Rect, pygame.Surface]]:
    """Return where each panel goes; one takes the room of a neighbour that has nothing to show."""
    goals, actuators = scene.driver.goals, scene.actuators
    belief = BELIEF if actuators else BELIEF.union(CAR)
    talk = TALK if goals else GOAL.union(TALK)
    lines = scene.conversation[-MOST_BUBBLES:]
    panels = [
        (GAUGES, gauge_panel(GAUGES.size, gauges_of(scene))),
        (belief, belief_panel(belief.size, scene.beliefs)),
        (talk, talk_panel(talk.size, lines, scene.turn)),
        (REWARD, reward_panel(REWARD.size, scene.act, tuple(scene.terms.items()), scene.total)),
    ]
    if goals:
        panels.append((GOAL, goal_panel(GOAL.size, goals)))
    if actuators:
        panels.append((CAR, car_panel(CAR.size, actuators)))
    return panels


@lru_cache(maxsize=1)
def _canvas() -> pygame.Surface:
    """Return a surface to draw on; every picture covers all of it."""
    return pygame.Surface(SIZE, depth=32)
