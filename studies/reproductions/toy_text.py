"""Gymnasium's toy-text problems, solved exactly: values, and success within the step limit."""

from typing import NamedTuple

import gymnasium
import numpy as np

from rlkit.agents.planning import PolicyIteration
from rlkit.exact import evaluate_exactly
from rlkit.model import TabularModel
from studies.reproductions import Finding, Reproduction
from studies.reproductions.pictures import arrows, best, heat, panels


class Lake(NamedTuple):
    """What is published of a lake under a discount."""

    env_id: str
    discount: float
    value: float
    limited: float
    """Success within the step limit, of the policy that is optimal without one."""
    unlimited: float


LAKES = (
    Lake("FrozenLake-v1", 0.99, 0.542026, 0.740165, 14 / 17),
    Lake("FrozenLake-v1", 0.95, 0.180472, 0.729766, 0.780488),
    Lake("FrozenLake-v1", 0.9, 0.068891, 0.729766, 0.780488),
    Lake("FrozenLake8x8-v1", 0.99, 0.414640, 0.862955, 0.893841),
    Lake("FrozenLake8x8-v1", 0.95, 0.048250, 0.738576, 0.748790),
    Lake("FrozenLake8x8-v1", 0.9, 0.006411, 0.738576, 0.748790),
)
FIRST_LAKE = (
    (0.5420, 0.4988, 0.4707, 0.4569),
    (0.5585, 0.0, 0.3583, 0.0),
    (0.5918, 0.6431, 0.6152, 0.0),
    (0.0, 0.7417, 0.8628, 0.0),
)
LAKE_MOVES = ((0, -1), (1, 0), (0, 1), (-1, 0))
"""(down, right) of the actions of a lake."""
OTHERS = {"CliffWalking-v1": -13.0, "CliffWalkingSlippery-v1": -64.709176, "Taxi-v4": 7.93}
"""The undiscounted optimum of the first state."""


def reproduce() -> Reproduction:
    """Solve them all."""
    findings, shown = [], {}
    for lake in LAKES:
        env = gymnasium.make(lake.env_id)
        model = TabularModel.from_env(env, lake.discount)
        solution = PolicyIteration(model).solve()
        name = f"{lake.env_id.removesuffix('-v1')}, discount {lake.discount:g}"
        limit = env.spec.max_episode_steps if env.spec else None
        for what, expected, steps in (
            (f"success within {limit} steps", lake.limited, limit),
            ("success without a limit", lake.unlimited, None),
        ):
            found = evaluate_exactly(model, solution.policy, limit=steps).success or 0.0
            findings.append(Finding(f"{name}: {what}", expected, found, 5e-7))
        value = float(model.initial @ solution.values)
        findings.append(Finding(f"{name}: value", lake.value, value, 5e-7))
        if lake.discount == LAKES[0].discount:
            side = int(np.sqrt(model.num_states))
            shown[name] = solution.values.reshape(side, side), best(solution.q)
    apart = np.abs(next(iter(shown.values()))[0] - np.array(FIRST_LAKE)).max()
    findings.append(Finding("FrozenLake, discount 0.99: distance to the table", 0.0, apart, 5e-5))
    for env_id, expected in OTHERS.items():
        model = TabularModel.from_env(gymnasium.make(env_id), 1.0)
        value = float(model.initial @ PolicyIteration(model).solve().values)
        findings.append(Finding(f"{env_id}: optimum, undiscounted", expected, value, 5e-7))
    figure, axes = panels(11, 5.6, 1, len(shown))
    for panel, (name, (values, chosen)) in zip(axes, shown.items(), strict=True):
        heat(panel, values, name, form=".2f")
        ends = np.flatnonzero(values.ravel() == 0)
        arrows(panel, chosen, values.shape, skip=list(ends), moves=LAKE_MOVES)
    return Reproduction(
        title="Toy-text, exactly",
        source="Gymnasium's own transition tables; figures that were computed elsewhere",
        text="What Gymnasium's comments call solved (.74, .91, 8.46) are not the optima. "
        "A policy that is optimal under a discount need not be the best within the step limit. The "
        "arrows are all optimal moves; on the ice each goes its way only every third time.",
        findings=findings,
        figure=figure,
    )
