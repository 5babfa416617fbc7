"""What each assumption of the exact cabin does: change it, solve again, compare."""

from dataclasses import replace

import numpy as np
import pytest

from rlkit.envs.cabin.car.laws import DrivingLaws
from rlkit.envs.cabin.tabular.config import Road, TabularCabinConfig, Weights
from rlkit.envs.cabin.tabular.problem import TabularCabin
from tests.envs.cabin.tabular.support import ACT, CABIN, best, solved, visits, without


def weigh(**weights: float) -> TabularCabinConfig:
    """Return the cabin under other weights."""
    return replace(CABIN.config, weights=replace(Weights(), **weights))


def heard(*sure_given: tuple[float, float]) -> TabularCabinConfig:
    """Return the cabin with P(sure | right), P(sure | wrong) given for each noise level."""
    return replace(CABIN.config, sure_given=sure_given)


# Value at the start, expected waits of the optimum, and what is lost by the best policy that
# never waits, never confirms, never closes the window; as published.
SIGNS = {
    "none": (CABIN.config, 8.51, 4.35, 1.61, 0.88, 0.94),
    "risk weighs nothing": (weigh(risk=0.0), 12.24, 1.79, 0.54, 1.43, 0.89),
    "noise has no effect": (
        replace(CABIN.config, laws=DrivingLaws(error_slope=0.0)),
        *(11.84, 3.65, 1.56, 0.19, 0.0),
    ),
    "noise weighs more": (
        replace(CABIN.config, laws=DrivingLaws(error_slope=0.10)),
        *(7.42, 4.62, 1.45, 0.89, 0.71),
    ),
    "longer manoeuvres": (
        replace(CABIN.config, road=Road(manoeuvre_seconds=12.0)),
        *(7.56, 7.11, 1.46, 0.80, 0.70),
    ),
    "milder errors": (weigh(wrong=-5.0), 8.80, 4.23, 1.60, 0.36, 0.95),
    "graver errors": (weigh(wrong=-15.0), 7.90, 4.49, 1.51, 1.79, 0.79),
    "closing is free": (weigh(quiet=0.0), 8.99, 4.40, 1.68, 0.86, 1.42),
    "closing is dear": (weigh(quiet=-4.0), 7.63, 3.56, 1.28, 0.70, 0.06),
    "the screen is worth nothing": (weigh(hand_over=0.0), 8.48, 4.40, 2.16, 0.92, 1.46),
    "the screen is worth more": (weigh(hand_over=7.0), 8.69, 2.97, 0.72, 0.54, 0.14),
    "a wait costs a turn": (weigh(wait=-0.8), 7.05, 0.76, 0.15, 0.62, 0.59),
    "PyDial's confidences": (
        heard((0.66, 0.56), (0.66, 0.56), (0.80, 0.72)),
        *(7.57, 4.62, 1.31, 0.07, 0.68),
    ),
    "sharp confidences": (
        heard(*[(0.97, 0.03)] * 3),
        *(10.06, 3.83, 1.62, 1.55, 0.46),
    ),
}


@pytest.mark.parametrize("name", SIGNS)
def test_sign_of_each_assumption(name: str) -> None:
    config, *published = SIGNS[name]
    model = TabularCabin(config).tabulate()
    solution = solved(config)
    value = model.initial @ solution.values
    acts = solution.policy.actions
    waits = visits(model, acts) @ (acts == ACT["wait"])
    losses = [
        value - model.initial @ best(model, without(act)) for act in ("wait", "confirm", "quiet")
    ]

    np.testing.assert_allclose([value, waits, *losses], published, atol=0.01)
