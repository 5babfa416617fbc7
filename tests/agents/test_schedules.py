"""Schedules: values by hand, reading, and what leaves [0, 1]."""

import json
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from rlkit.agents.schedules import (
    EMPTY,
    Constant,
    Inverse,
    Linear,
    Polynomial,
    Schedule,
    as_schedule,
    value_at,
)


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
