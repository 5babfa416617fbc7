"""Sutton and Barto, Example 6.5 and Exercises 6.9 and 6.10: the windy gridworld."""

from typing import Any

import gymnasium
import numpy as np

from rlkit import agents
from rlkit.agents.learning import Progress
from rlkit.agents.planning import PolicyIteration
from rlkit.arrays import Floats
from rlkit.model import TabularModel
from rlkit.statistics import mean_curve
from studies.reproductions import Finding, Reproduction
from studies.reproductions.pictures import lines, panels

ENV = "rlkit/WindyGridWorld-v0"
SETS: dict[str, tuple[dict[str, Any], int]] = {
    "four moves": ({}, 15),
    "king's moves": ({"moves": "king"}, 7),
    "king's moves and standing still": ({"moves": "king", "stay": True}, 7),
}
"""Arguments, and the fewest steps from start to goal."""
SEEDS, STEPS = 100, 8_000


def reproduce() -> Reproduction:
    """Solve each set of moves, and let SARSA learn with the four."""
    findings = []
    for name, (arguments, fewest) in SETS.items():
        model: TabularModel = gymnasium.make(ENV, **arguments).unwrapped.model  # type: ignore[attr-defined]
        steps = -float(model.initial @ PolicyIteration(model).solve().values)
        findings.append(Finding(f"fewest steps, {name}", fewest, steps, 1e-9))
    grid: Any = gymnasium.make(ENV, render_mode="rgb_array", max_episode_steps=-1)
    agent: Any = agents.make("sarsa", grid, seeds=SEEDS, epsilon=0.1, learning_rate=0.5)
    points: list[Any] = []

    def look(_: Progress) -> None:
        points.append([table.episodes for table in agent.online])

    agent.learn(STEPS, callback=look)
    episodes = np.array(points, dtype=np.float64)
    findings.append(
        Finding(
            f"SARSA: episodes in {STEPS:,} steps, simulated elsewhere (30 runs, +- 8.4)",
            161.5,
            float(episodes[-1].mean()),
            8.4,
        )
    )
    return Reproduction(
        title="The windy gridworld",
        source="Sutton and Barto, Example 6.5, Exercises 6.9 and 6.10",
        text=f"SARSA with epsilon .1 and step size .5: finished episodes against steps, {SEEDS} "
        "seeds with the interval of their mean; dashed, the slope of the shortest path. "
        "Beside it an optimal policy with four moves and its values. Wind blows upwards, from the "
        "fourth column to the ninth; nobody comes to the cells that stay empty.",
        findings=findings,
        figure=_draw(grid, episodes.T),
    )


def _draw(grid: Any, episodes: Floats) -> object:
    figure, (left, right) = panels(11, 4, 1, 2)
    band = mean_curve(episodes)
    steps = np.linspace(0, STEPS, len(band.mean) + 1)[1:]
    left.plot(steps, band.mean)
    at_best = band.mean[-1] + (steps - STEPS) / SETS["four moves"][1]
    left.plot(steps[at_best > 0], at_best[at_best > 0], color="black", linestyle="--", linewidth=1)
    left.fill_between(steps, band.low, band.high, alpha=0.3, linewidth=0)
    lines(left, "steps", "finished episodes")
    solution = PolicyIteration(grid).solve()
    grid.reset(seed=0)
    grid.unwrapped.overlay(values=solution.values, policy=solution.policy)
    right.imshow(grid.render())
    right.axis("off")
    return figure
