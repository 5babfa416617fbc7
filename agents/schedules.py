"""Schedules: step sizes and exploration that change as learning goes on.

A schedule is a small immutable object. It is evaluated by the one shared function `value_at`, in
plain Python and in compiled loops alike, and written to checkpoints as a dictionary of numbers.

`Constant` and `Linear` go by the absolute step. `Inverse` and `Polynomial` go by visits: those of
the pair (s, a) for a step size, those of the state s for epsilon.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import lru_cache
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from rlkit.arrays import Floats
from rlkit.checks import not_negative, share, whole
from rlkit.compiled import inlined
from rlkit.elementary import power
from rlkit.names import unknown

CONSTANT, LINEAR, POLYNOMIAL = 0, 1, 2
EMPTY: Floats = np.empty(0)
TABULATED = 2**16
"""Visits up to which powers are looked up: to compute one takes as long as the rest of a step."""


class Parameters(NamedTuple):
    """A schedule in the form that compiled loops take; what they mean depends on `kind`."""

    kind: int
    start: float
    stop: float
    extent: float
    power: float
    table: Floats
    """Values at the first visits, from 1; empty where they cost little to compute."""


@inlined
def by_visits(schedule: Parameters, visits: int) -> float:
    """Return the value of a polynomial schedule at so many visits, from 1."""
    share = (1.0 + schedule.extent) / (visits + schedule.extent)
    if schedule.power != 1.0:
        share = power(share, schedule.power)
    return max(schedule.stop, schedule.start * share)


@inlined
def value_at(schedule: Parameters, step: int, visits: int) -> float:
    """Return the value of a schedule.

    Args:
        schedule: Its parameters.
        step: Absolute step of the agent, from 0.
        visits: Of the pair or the state, this one included, from 1.
    """
    if schedule.kind == CONSTANT:
        return schedule.start
    if schedule.kind == LINEAR:
        if step >= schedule.extent:
            return schedule.stop
        return schedule.start + (schedule.stop - schedule.start) * step / schedule.extent
    if visits < len(schedule.table):
        return float(schedule.table[visits])
    return by_visits(schedule, visits)


def _steps(name: str, value: Any) -> int | None:
    return None if value is None else whole(name, value, 1)


CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "value": share,
    "start": share,
    "stop": share,
    "power": not_negative,
    "offset": not_negative,
    "steps": _steps,
}
"""What makes the number of each field of a schedule, or refuses it by its name."""


@dataclass(frozen=True)
class Schedule:
    """A value in [0, 1] that depends on the step or on the visits.

    Raises:
        ValueError: If a number is none or leaves its range; the message names the field.
    """

    kind: str = field(default="", init=False)
    """Its name in a dictionary."""

    def __post_init__(self) -> None:
        for entry in fields(self):
            if entry.init:
                name = f"{entry.name} of a {self.kind} schedule"
                number = CHECKS[entry.name](name, getattr(self, entry.name))
                object.__setattr__(self, entry.name, number)

    def parameters(self, horizon: int) -> Parameters:
        """Return the schedule for compiled loops.

        Args:
            horizon: Steps for which the agent means to learn.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class Constant(Schedule):
    """The same value for ever."""

    value: float
    """In [0, 1]."""
    kind: str = field(default="constant", init=False)

    def parameters(self, horizon: int) -> Parameters:
        """Return the schedule for compiled loops."""
        del horizon
        return Parameters(CONSTANT, self.value, self.value, 0.0, 0.0, EMPTY)


@dataclass(frozen=True)
class Linear(Schedule):
    """A line from `start` to `stop`, and `stop` ever after."""

    start: float
    """Value at step 0, in [0, 1]."""
    stop: float
    """Value from the last step of the line on, in [0, 1]."""
    steps: int | None = None
    """Length of the line; None takes the agent's horizon."""
    kind: str = field(default="linear", init=False)

    def parameters(self, horizon: int) -> Parameters:
        """Return the schedule for compiled loops."""
        extent = horizon if self.steps is None else self.steps
        return Parameters(LINEAR, self.start, self.stop, float(extent), 0.0, EMPTY)


@dataclass(frozen=True)
class Polynomial(Schedule):
    """start ((1 + offset) / (n + offset))^power at the n-th visit, but at least `stop`.

    As a step size it lets values converge for powers above .5 and up to 1 (Robbins and Monro 1951;
    Even-Dar and Mansour 2003). An offset holds it near `start` for about so many visits.
    """

    start: float = 1.0
    """Value at the first visit, in [0, 1]."""
    power: float = 0.8
    """How fast it falls, not negative."""
    offset: float = 0.0
    """Not negative."""
    stop: float = 0.0
    """It falls no lower, in [0, start]."""
    kind: str = field(default="polynomial", init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_fall(self.kind, self.start, self.stop)

    def parameters(self, horizon: int) -> Parameters:
        """Return the schedule for compiled loops."""
        del horizon
        return _tabulated(self.start, self.stop, self.offset, self.power)


@dataclass(frozen=True)
class Inverse(Schedule):
    """start (1 + offset) / (n + offset) at the n-th visit, but at least `stop`.

    1/n averages all targets. With the effective horizon H as offset it is the step size
    (H + 1) / (H + n) of Jin et al. (2018), which forgets the early, biased targets.
    """

    start: float = 1.0
    """Value at the first visit, in [0, 1]."""
    offset: float = 0.0
    """Not negative."""
    stop: float = 0.0
    """It falls no lower, in [0, start]."""
    kind: str = field(default="inverse", init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_fall(self.kind, self.start, self.stop)

    def parameters(self, horizon: int) -> Parameters:
        """Return the schedule for compiled loops."""
        del horizon
        return Parameters(POLYNOMIAL, self.start, self.stop, self.offset, 1.0, EMPTY)


@lru_cache(maxsize=16)
def _tabulated(start: float, stop: float, offset: float, exponent: float) -> Parameters:
    """Return a polynomial schedule with its table, which is read and never written."""
    plain = Parameters(POLYNOMIAL, float(start), float(stop), float(offset), float(exponent), EMPTY)
    if exponent == 1.0:
        return plain
    from rlkit.agents.tabulating import tabulate

    table = np.empty(TABULATED)
    tabulate(plain, table)
    return plain._replace(table=table)


KINDS: dict[str, type[Schedule]] = {
    "constant": Constant,
    "linear": Linear,
    "polynomial": Polynomial,
    "inverse": Inverse,
}


def as_schedule(name: str, value: Any) -> Schedule:
    """Return the schedule that a user or a checkpoint means.

    Args:
        name: Of the hyper-parameter, for messages.
        value: A schedule; a number, which stays constant; or a dictionary with `kind` and its
            fields, as in `{"kind": "linear", "start": 0.3, "stop": 0.05}`.

    Raises:
        TypeError: If it is none of these, or a field is unknown or missing.
        ValueError: If it leaves [0, 1].
    """
    if isinstance(value, Schedule):
        return value
    if not isinstance(value, bool) and isinstance(value, Real):
        return Constant(share(name, value))
    if not isinstance(value, dict) or "kind" not in value:
        raise TypeError(
            f"{name} must be a number in [0, 1], a schedule, or a dictionary such as "
            f"{{kind: linear, start: 0.3, stop: 0.05}}; got {value!r}"
        )
    return _from_dict(name, dict(value))


def _from_dict(name: str, given: dict[str, Any]) -> Schedule:
    kind = given.pop("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise TypeError(f"{name}: {unknown('kind of schedule', str(kind), list(KINDS))}")
    known = [entry.name for entry in fields(KINDS[kind]) if entry.init]
    for key in given:
        if key not in known:
            raise TypeError(f"{name}: {unknown(f'field of a {kind} schedule', key, known)}")
    try:
        return KINDS[kind](**given)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None
    except TypeError as error:
        raise TypeError(f"{name}: a {kind} schedule needs {', '.join(known)}: {error}") from None


def _check_fall(kind: str, start: float, stop: float) -> None:
    if stop > start:
        raise ValueError(
            f"a {kind} schedule falls: stop must lie in [0, start], got {stop} and {start}"
        )
