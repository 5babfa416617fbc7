"""Sutton and Barto, Example 4.3 and Figure 4.3: the gambler's problem."""

from functools import cache

import numpy as np

from rlkit.agents.planning import PolicyIteration
from rlkit.arrays import Floats, Ints
from rlkit.model import TabularModel
from studies.reproductions import Finding, Reproduction
from studies.reproductions.pictures import TIE, lines, panels

GOAL = 100
HEADS = 0.4
SHOWN = (1, 2, 3, 32)
"""Sweeps of value iteration in the book's figure."""
STAKES = {25: 25, 50: 50, 51: 1, 75: 25, 99: 1}
"""Of the book's figure: the smallest optimal stakes."""


def problem() -> TabularModel:
    """Return states 0 ... 100, the capital, and stakes 0 ... 50, of which 0 is illegal."""
    P, R = np.zeros((GOAL + 1, GOAL // 2 + 1, GOAL + 1)), np.zeros((GOAL + 1, GOAL // 2 + 1))
    legal = np.zeros(R.shape, np.bool_)
    for s in range(1, GOAL):
        for stake in range(1, min(s, GOAL - s) + 1):
            P[s, stake, s + stake], P[s, stake, s - stake] = HEADS, 1 - HEADS
            R[s, stake] = HEADS * (s + stake == GOAL)
            legal[s, stake] = True
    terminal = np.isin(np.arange(GOAL + 1), (0, GOAL))
    legal[terminal] = True
    return TabularModel(P, R, 1.0, terminal=terminal, legal=legal)


def bold_play() -> Floats:
    """Return the chance of reaching the goal by always staking all that helps, `(99,)`.

    That is optimal where heads are less likely than tails (Dubins and Savage 1965).
    """

    @cache
    def chance(capital: int, depth: int) -> float:
        if capital in {0, GOAL} or depth == 0:
            return float(capital == GOAL)
        if 2 * capital <= GOAL:
            return HEADS * chance(2 * capital, depth - 1)
        return HEADS + (1 - HEADS) * chance(2 * capital - GOAL, depth - 1)

    return np.array([chance(capital, 100) for capital in range(1, GOAL)])


def reproduce() -> Reproduction:
    """Solve, and compare with bold play."""
    model = problem()
    solution = PolicyIteration(model).solve()
    values, stakes = solution.values, smallest_best(solution.q)
    bold = bold_play()
    findings = [
        Finding("chance of reaching 100 from 25", 0.16, float(values[25]), 1e-9),
        Finding("chance of reaching 100 from 50", 0.4, float(values[50]), 1e-9),
        Finding("chance of reaching 100 from 75", 0.64, float(values[75]), 1e-9),
        Finding(
            "largest distance to bold play, all capitals",
            0.0,
            float(np.abs(values[1:GOAL] - bold).max()),
            1e-9,
        ),
    ]
    findings += [
        Finding(f"smallest optimal stake at {s}", stake, int(stakes[s]), 0)
        for s, stake in STAKES.items()
    ]
    return Reproduction(
        title="The gambler's problem",
        source="Sutton and Barto, Example 4.3 and Figure 4.3; Dubins and Savage 1965",
        text="Stakes on a coin that shows heads with probability .4, until the capital is 0 or "
        "100. Bold play has a closed recursion, against which every value is checked.",
        findings=findings,
        figure=_draw(model, values, stakes),
    )


def smallest_best(q: Floats) -> Ints:
    """Return the smallest of the best stakes at each capital, `(S,)`."""
    return np.asarray((q >= q.max(axis=1, keepdims=True) - TIE).argmax(axis=1))


def _draw(model: TabularModel, optimum: Floats, stakes: Ints) -> object:
    figure, (left, right) = panels(9, 3.6, 1, 2)
    values, inside = np.zeros(GOAL + 1), np.s_[1:GOAL]
    for k in range(1, max(SHOWN) + 1):
        q = np.where(model.legal, model.R + (model.P @ values).reshape(model.R.shape), -np.inf)
        values = np.where(model.terminal, 0.0, q.max(axis=1))
        if k in SHOWN:
            left.plot(np.arange(GOAL + 1)[inside], values[inside], label=f"sweep {k}")
    left.plot(
        np.arange(GOAL + 1)[inside],
        optimum[inside],
        color="black",
        linestyle="--",
        linewidth=1,
        label="optimum",
    )
    lines(left, "capital", "chance of reaching 100")
    left.legend(frameon=False)
    right.step(np.arange(GOAL + 1)[inside], stakes[inside], where="mid")
    lines(right, "capital", "smallest optimal stake")
    return figure
