"""What is written on the dashboard: every word passes through `kit.text`, which is watched."""

from typing import Any

import pygame

from rlkit.envs.cabin.dashboard import drawing as dashboard
from rlkit.envs.cabin.dashboard.panels import beliefs, bubbles, car, gauges, goals, rewards, talk

PANELS = {
    "road": dashboard.ROAD,
    "gauges": dashboard.GAUGES,
    "belief": dashboard.BELIEF,
    "car": dashboard.CAR,
    "goal": dashboard.GOAL,
    "talk": dashboard.TALK,
    "reward": dashboard.REWARD,
}
AREAS = (
    *PANELS.values(),
    dashboard.BELIEF.union(dashboard.CAR),
    dashboard.GOAL.union(dashboard.TALK),
)
"""Where panels can be."""


class Written:
    """One line of words: where, on what, and how."""

    def __init__(self, surface: pygame.Surface, words: str, area: pygame.Rect, colour: Any) -> None:
        self.surface, self.words, self.area, self.colour = surface, words, area, colour


def forget() -> None:
    """Empty the caches, so that everything is written again."""
    for panel in (
        beliefs.belief_panel,
        bubbles.bubble,
        car._panel,
        gauges.gauge_panel,
        goals.goal_panel,
        rewards.reward_panel,
        talk.talk_panel,
    ):
        panel.cache_clear()
