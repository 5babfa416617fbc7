"""Sutton and Barto, Example 4.1 and Figure 4.1: the small gridworld."""

import gymnasium
import numpy as np

from rlkit.agents.planning.kernels import sweep
from rlkit.agents.planning.planner import unsigned
from rlkit.arrays import Floats
from rlkit.linear import finite_horizon
from rlkit.model import TabularModel
from rlkit.policy import TabularPolicy
from studies.reproductions import Finding, Reproduction
from studies.reproductions.pictures import arrows, best, heat, panels

SIDE = 4
ENDS = (0, 15)
SHOWN = (0, 1, 2, 3, 10)
"""Sweeps of the book's figure, which ends with the limit."""
DELTA = 1e-4
"""Largest change of the sweep after which iterative evaluation stops."""
ITERATES = {  # the book prints one digit; these are the fractions that it cuts
    2: (0.0, -1.75, -2.0, -2.0),
    3: (0.0, -2.4375, -2.9375, -3.0),
    10: (0.0, -6.138, -8.3524, -8.9673),
}
LIMIT = (0.0, -14.0, -20.0, -22.0, -14.0, -18.0, -20.0, -20.0)
"""First half of the values; the other half is its mirror image."""
SWEEPS = {"two arrays": 173, "in place": 114}


def reproduce() -> Reproduction:
    """Evaluate the random policy by sweeps, by two arrays and in place, and exactly."""
    model: TabularModel = gymnasium.make("rlkit/SmallGrid-v0").unwrapped.model  # type: ignore[attr-defined]
    random = TabularPolicy(np.full((SIDE * SIDE, 4), 0.25))
    system = model.under(random)
    values: dict[int | str, Floats] = {k: finite_horizon(*system, 1.0, k) for k in SHOWN}
    limit = model.evaluate(random)
    findings = [
        Finding(f"V_{k}, row 1, column {place + 1}", value, float(values[k][place]), 5e-5)
        for k, row in ITERATES.items()
        for place, value in enumerate(row)
        if place
    ]
    findings += [
        Finding(f"V, cell {place}", value, float(limit[place]), 1e-9)
        for place, value in enumerate(LIMIT)
    ]
    findings += [
        Finding(f"sweeps to a change below {DELTA:g}, {how}", count, sweeps(model, random, how), 0)
        for how, count in SWEEPS.items()
    ]
    return Reproduction(
        title="The small gridworld",
        source="Sutton and Barto, Example 4.1 and Figure 4.1",
        text="Iterative evaluation of the random policy, and the policy that is greedy with "
        "respect to each estimate: after three sweeps it is optimal already.",
        findings=findings,
        figure=_draw(model, {**values, "the limit": limit}),
    )


def sweeps(model: TabularModel, policy: TabularPolicy, how: str) -> int:
    """Return how many sweeps evaluation takes with "two arrays" or "in place"."""
    transitions, rewards = model.under(policy)
    values = np.zeros(model.num_states)
    rows = (unsigned(transitions.indptr), unsigned(transitions.indices), transitions.data)
    legal, order = np.ones((len(values), 1), np.bool_), np.arange(len(values))
    for count in range(1, 1_000):
        if how == "in place":
            change = sweep(rows, rewards[:, None], legal, model.terminal, 1.0, values, order)
        else:
            following = rewards + transitions @ values
            change = np.abs(following - values).max()
            values = following
        if change < DELTA:
            return count
    raise ArithmeticError(f"evaluation {how} does not settle")


def _draw(model: TabularModel, estimates: dict[int | str, Floats]) -> object:
    figure, axes = panels(9, 6, 2, 3)
    for panel, (k, values) in zip(axes, estimates.items(), strict=True):
        title = f"k = {k}" if isinstance(k, int) else k
        heat(panel, values.reshape(SIDE, SIDE), title, vmin=-22, vmax=0)
        q = model.R + (model.P @ values).reshape(model.R.shape)
        arrows(panel, best(q), (SIDE, SIDE), skip=ENDS)
    return figure
