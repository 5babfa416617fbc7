"""Sutton and Barto, Examples 3.5 and 3.8: a grid with two cells that jump."""

from typing import Any

import numpy as np

from rlkit.agents.planning import ModifiedPolicyIteration
from rlkit.envs.gridworld.moves import FOUR
from rlkit.model import TabularModel
from studies.reproductions import Finding, Reproduction
from studies.reproductions.pictures import arrows, best, heat, panels

SIDE = 5
JUMPS = {1: (21, 10.0), 3: (13, 5.0)}
"""Cell to where it leads and what that pays."""
RANDOM = (
    (3.3, 8.8, 4.4, 5.3, 1.5),
    (1.5, 3.0, 2.3, 1.9, 0.5),
    (0.1, 0.7, 0.7, 0.4, -0.4),
    (-1.0, -0.4, -0.4, -0.6, -1.2),
    (-1.9, -1.3, -1.2, -1.4, -2.0),
)
OPTIMAL = (
    (21.98, 24.42, 21.98, 19.42, 17.48),
    (19.78, 21.98, 19.78, 17.80, 16.02),
    (17.80, 19.78, 17.80, 16.02, 14.42),
    (16.02, 17.80, 16.02, 14.42, 12.98),
    (14.42, 16.02, 14.42, 12.98, 11.68),
)


def problem() -> TabularModel:
    """Return the grid; moving off it costs 1, and every move from a jumping cell jumps."""
    size = SIDE * SIDE
    P, R = np.zeros((size, len(FOUR), size)), np.zeros((size, len(FOUR)))
    for s in range(size):
        row, column = divmod(s, SIDE)
        for a, (down, right) in enumerate(FOUR.values()):
            inside = 0 <= row + down < SIDE and 0 <= column + right < SIDE
            target, reward = (s + SIDE * down + right, 0.0) if inside else (s, -1.0)
            target, reward = JUMPS.get(s, (target, reward))
            P[s, a, target], R[s, a] = 1.0, reward
    return TabularModel(P, R, 0.9)


def reproduce() -> Reproduction:
    """Evaluate the random policy, and solve."""
    model = problem()
    random = model.evaluate(np.full((SIDE * SIDE, len(FOUR)), 0.25)).reshape(SIDE, SIDE)
    solution = ModifiedPolicyIteration(model).solve()
    optimal = solution.values.reshape(SIDE, SIDE)
    findings = [
        Finding(
            f"V of the {name} policy, row {i + 1}, column {k + 1}", value, float(table[i, k]), d
        )
        for name, expected, table, d in (
            ("random", RANDOM, random, 0.05),
            ("optimal", OPTIMAL, optimal, 0.005),
        )
        for (i, k), value in np.ndenumerate(np.array(expected))
    ]
    figure, (left, right) = panels(8, 4, 1, 2)
    heat(left, random, "the random policy")
    heat(right, optimal, "the optimum and all optimal moves")
    arrows(right, best(solution.q), (SIDE, SIDE))
    for start, (end, _) in JUMPS.items():
        _draw_jump(left, start, end)
    return Reproduction(
        title="A grid with two jumps",
        source="Sutton and Barto, Examples 3.5 and 3.8",
        text="From the second cell of the first row every move jumps down and pays 10, from the "
        "fourth it pays 5; moving off the grid costs 1. Discount .9.",
        findings=findings,
        figure=figure,
    )


def _draw_jump(axes: Any, start: int, end: int) -> None:
    row, column = divmod(start, SIDE)
    axes.annotate(
        "",
        xy=(end % SIDE + 0.3, end // SIDE),
        xytext=(column + 0.3, row),
        arrowprops={
            "arrowstyle": "-|>",
            "color": "orange",
            "linewidth": 1.5,
            "connectionstyle": "arc3,rad=-0.15",
        },
    )
