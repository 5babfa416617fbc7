"""Schedules: values by hand, reading, and what leaves [0, 1]; the shapes are tested in nets."""

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from rlkit.arrays import Floats
from rlkit.compiled import compiled
from rlkit.schedules import (
    Constant,
    Cosine,
    Exponential,
    Held,
    Inverse,
    InverseTime,
    Linear,
    NaturalExponential,
    Noam,
    Parameters,
    PiecewiseConstant,
    Polynomial,
    Schedule,
    Triangular,
    WarmRestarts,
    WarmUp,
    as_schedule,
    value_at,
)
from rlkit.schedules.values import EMPTY


class Sawtooth(Schedule):
    """One of a user's own."""


@pytest.mark.parametrize(
    ("schedule", "step", "visits", "value"),
    [
        (Constant(0.25), 10**9, 10**9, 0.25),
        (Linear(1.0, 0.5), 0, 1, 1.0),
        (Linear(1.0, 0.5), 25, 1, 0.875),
        (Linear(1.0, 0.5), 100, 1, 0.5),
        (Linear(1.0, 0.5), 10**9, 1, 0.5),
        (Linear(1.0, 0.0, steps=50), 25, 1, 0.5),
        (Inverse(), 0, 8, 0.125),
        (Inverse(offset=3.0), 0, 5, 0.5),  # (H + 1) / (H + n)
        (Inverse(0.5, stop=0.1), 0, 100, 0.1),
        (Polynomial(1.0, 0.5), 0, 16, 0.25),
        (Polynomial(0.5, 2.0, offset=1.0), 0, 3, 0.125),
        (Polynomial(0.5, 0.0), 0, 99, 0.5),
    ],
)
def test_values_by_hand(schedule: Schedule, step: int, visits: int, value: float) -> None:
    parameters = schedule.parameters(horizon=100)

    assert value_at(parameters, step, visits) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize("schedule", [Polynomial(), Polynomial(0.25, 0.65, 2.0, 0.01)], ids=str)
def test_what_is_looked_up_is_what_is_computed(schedule: Polynomial) -> None:
    looked_up = schedule.parameters(horizon=1)
    computed = looked_up._replace(table=EMPTY)
    last = len(looked_up.table)

    for visits in (1, 2, 3, 17, 4_000, last - 1, last, last + 1):
        assert value_at(looked_up, 0, visits) == value_at(computed, 0, visits)


@pytest.mark.parametrize(
    "schedule",
    [Constant(0.1), Linear(0.3, 0.05), Linear(1, 0, 10), Polynomial(0.5, 0.7, 2), Inverse(1, 10)],
)
def test_json_keeps_a_schedule(schedule: Schedule) -> None:
    assert as_schedule("epsilon", json.loads(json.dumps(asdict(schedule)))) == schedule


SHAPES = [
    PiecewiseConstant((3, 50), (0.5, 1.5), 0.5),
    InverseTime(0.25, 0.5),
    Exponential(0.75, 0.5),
    NaturalExponential(0.125, 0.5),
    Cosine(40, 0.5, 0.125),
    Cosine(None, 0.5),
    Noam(8, 0.5),
    WarmUp(5, start=0.5),
    WarmUp(5, Linear(0.5, 0.25)),
    WarmUp(5, Cosine(20), 0.5),
    Triangular(5, 0.25, 0.75, 0.5, 0.5),
    WarmRestarts(7, start=0.5),
    WarmRestarts(7, 1.5, 0.25, 0.75, 0.5, 0.5),
    Held(Cosine(20, 0.5)),
]
"""Every shape of the chapter, over a horizon of 60."""


@pytest.mark.parametrize("schedule", SHAPES, ids=str)
def test_json_keeps_a_shape_and_settles_nothing_anew(schedule: Schedule) -> None:
    assert as_schedule("epsilon", json.loads(json.dumps(asdict(schedule))), 0.25) == schedule


def test_compiled_loops_compute_the_same_bits() -> None:
    @compiled
    def table(schedule: Parameters, values: Floats) -> None:
        for step in range(len(values)):
            values[step] = value_at(schedule, step, step + 1)

    for schedule in [*SHAPES, Constant(0.5), Linear(0.5, 0.25), Inverse(), Polynomial()]:
        parameters, values = schedule.parameters(60), np.empty(80)
        table(parameters, values)
        assert values.tolist() == [value_at(parameters, t, t + 1) for t in range(80)], schedule


def test_what_spans_learning_goes_from_its_begin_to_the_horizon() -> None:
    line, curve = Linear(1.0, 0.5), WarmUp(11, Cosine(start=0.5))

    found = [value_at(line.parameters(100, begin=40), step, 1) for step in (40, 90, 140, 999)]
    assert found == [1.0, 0.75, 0.5, 0.5]
    found = [value_at(curve.parameters(100, begin=40), step, 1) for step in (40, 50, 95, 140)]
    assert found == pytest.approx([0.5 / 11, 0.5, 0.25, 0.0])
    assert Linear(1.0, 0.5, 10).parameters(100, begin=40) == Linear(1.0, 0.5, 10).parameters(7)


def test_what_a_shape_leaves_out_is_the_level_of_the_default() -> None:
    assert as_schedule("epsilon", Cosine(9), 0.25) == Cosine(9, start=0.25)
    assert as_schedule("epsilon", Held(WarmUp(3, Exponential())), 0.25) == Held(
        WarmUp(3, Exponential(start=0.25))
    )
    assert as_schedule("epsilon", {"kind": "warm_up", "steps": 3}, 0.25) == WarmUp(3, start=0.25)
    assert as_schedule("epsilon", Cosine(9, start=0.5), 0.25) == Cosine(9, start=0.5)
    assert as_schedule("epsilon", Constant(0.5), 0.0) == Constant(0.5)
    assert Cosine(8)(4) == as_schedule("epsilon", Cosine(8))(4) == 0.5  # alone it is 1


@pytest.mark.parametrize(
    ("value", "level", "error", "words"),
    [
        (Cosine(9), 0.0, ValueError, "epsilon is 0 by default, .* give start of the cosine"),
        (Triangular(9, 1e-4, 1e-3), 0.5, ValueError, "epsilon: low and high .* are factors"),
        (WarmRestarts(9, high=2.0, start=0.6), 0.5, ValueError, r"in \[0, 1\], .* reaches 1.2"),
        (PiecewiseConstant((5,), (3.0,)), 0.5, ValueError, r"in \[0, 1\], .* reaches 1.5"),
        ({"kind": "cosine", "start": 2}, 0.5, ValueError, r"start of a cosine .* \[0, 1\]"),
        ({"kind": "warm-up", "steps": 3, "then": {"kind": "inverse"}}, 0.5, TypeError, "by steps"),
        ({"kind": "held", "schedule": "cosine"}, 0.5, TypeError, "must be a number"),
        (Sawtooth(), 0.5, TypeError, "epsilon: files .* know no Sawtooth; take one of Constant"),
    ],
)
def test_what_does_not_fit_the_default_is_explained(
    value: Any, level: float, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        as_schedule("epsilon", value, level)


def test_numbers_stay_constant() -> None:
    assert as_schedule("epsilon", 0.1) == Constant(0.1)
    assert as_schedule("epsilon", 1) == Constant(1.0)


def test_numbers_of_numpy_become_pythons() -> None:
    given = Linear(np.float32(0.5), np.float64(0.25), np.int64(10))  # type: ignore[arg-type]

    assert json.loads(json.dumps(asdict(given))) == {
        "kind": "linear",
        "start": 0.5,
        "stop": 0.25,
        "steps": 10,
    }
    assert as_schedule("epsilon", np.float32(0.5)) == Constant(0.5)
    assert Linear(1, 0, 1e5).steps == 100_000  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (1.5, ValueError, r"epsilon must lie in \[0, 1\]"),
        (float("nan"), ValueError, "finite number"),
        (True, TypeError, "a number"),
        ("fast", TypeError, "kind: linear"),
        ({"start": 1.0}, TypeError, "kind: linear"),
        ({"kind": "liner", "start": 1, "stop": 0}, TypeError, "Did you mean 'linear'"),
        ({"kind": "linear", "start": 1, "stopp": 0}, TypeError, "Did you mean 'stop'"),
        ({"kind": "linear", "start": 1}, TypeError, "needs start, stop"),
        ({"kind": "linear", "start": "1", "stop": 0}, ValueError, "epsilon: start .* number"),
        ({"kind": "linear", "start": None, "stop": 0}, ValueError, "start .* number"),
        ({"kind": "linear", "start": True, "stop": 0}, ValueError, "start .* number"),
        ({"kind": "constant", "value": float("nan")}, ValueError, "value .* finite"),
        ({"kind": "linear", "start": 0.5, "stop": -0.1}, ValueError, r"stop .* \[0, 1\]"),
        ({"kind": "linear", "start": 1, "stop": 0, "steps": 0}, ValueError, "whole number from 1"),
        ({"kind": "linear", "start": 1, "stop": 0, "steps": 2.5}, ValueError, "whole number"),
        ({"kind": ["linear"], "start": 1}, TypeError, "kind of schedule"),
        ({"kind": "polynomial", "power": float("inf")}, ValueError, "power .* finite"),
        ({"kind": "polynomial", "start": 0.1, "stop": 0.2}, ValueError, r"stop .* \[0, start\]"),
        ({"kind": "inverse", "offset": float("nan")}, ValueError, "offset .* finite"),
        ({"kind": "polynomial", "power": -1}, ValueError, "power .* not be negative"),
        ({"kind": "inverse", "start": 2}, ValueError, r"start .* \[0, 1\]"),
    ],
)
def test_mistakes_are_explained(value: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        as_schedule("epsilon", value)
