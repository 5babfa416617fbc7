"""The schedules of plain agents: constant, a line of steps, and what falls with visits."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar

import numpy as np

from rlkit.schedules.schedule import Schedule, known
from rlkit.schedules.values import CONSTANT, EMPTY, LINEAR, POLYNOMIAL, Parameters

TABULATED = 2**16
"""Visits up to which powers are looked up: to compute one takes as long as the rest of a step."""


@known
@dataclass(frozen=True)
class Constant(Schedule):
    """The same value for ever."""

    level_field: ClassVar[str] = "value"
    value: float
    """In [0, 1]."""
    kind: str = field(default="constant", init=False)

    def parameters(self, horizon: int, begin: int = 0) -> Parameters:
        """Return the schedule for compiled loops."""
        del horizon, begin
        return Parameters(CONSTANT, self.value, self.value)


@known
@dataclass(frozen=True)
class Linear(Schedule):
    """A line from `start` to `stop`, and `stop` ever after."""

    start: float
    """Value at step 0, in [0, 1]."""
    stop: float
    """Value from the last step of the line on, in [0, 1]."""
    steps: int | None = None
    """Length of the line; None takes as long as learning is meant to last."""
    kind: str = field(default="linear", init=False)

    @property
    def peak(self) -> float:
        """The higher end."""
        return max(self.start, self.stop)

    @property
    def spans_learning(self) -> bool:
        """Whether it has no length of its own."""
        return self.steps is None

    def parameters(self, horizon: int, begin: int = 0) -> Parameters:
        """Return the schedule for compiled loops."""
        extent, begin = (horizon, begin) if self.steps is None else (self.steps, 0)
        return Parameters(LINEAR, self.start, self.stop, float(extent), begin=float(begin))


@known
@dataclass(frozen=True)
class Polynomial(Schedule):
    """start ((1 + offset) / (n + offset))^power at the n-th visit, but at least `stop`.

    As a step size it lets values converge for powers above .5 and up to 1 (Robbins and Monro 1951;
    Even-Dar and Mansour 2003). An offset holds it near `start` for about so many visits.
    """

    by_visits: ClassVar[bool] = True
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

    def parameters(self, horizon: int, begin: int = 0) -> Parameters:
        """Return the schedule for compiled loops."""
        del horizon, begin
        return _tabulated(self.start, self.stop, self.offset, self.power)


@known
@dataclass(frozen=True)
class Inverse(Schedule):
    """start (1 + offset) / (n + offset) at the n-th visit, but at least `stop`.

    1/n averages all targets. With the effective horizon H as offset it is the step size
    (H + 1) / (H + n) of Jin et al. (2018), which forgets the early, biased targets.
    """

    by_visits: ClassVar[bool] = True
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

    def parameters(self, horizon: int, begin: int = 0) -> Parameters:
        """Return the schedule for compiled loops."""
        del horizon, begin
        return Parameters(POLYNOMIAL, self.start, self.stop, self.offset, 1.0)


@lru_cache(maxsize=16)
def _tabulated(start: float, stop: float, offset: float, exponent: float) -> Parameters:
    """Return a polynomial schedule with its table, which is read and never written."""
    plain = Parameters(POLYNOMIAL, float(start), float(stop), float(offset), float(exponent), EMPTY)
    if exponent == 1.0:
        return plain
    from rlkit.schedules.tabulating import tabulate

    table = np.empty(TABULATED)
    tabulate(plain, table)
    return plain._replace(table=table)


def _check_fall(kind: str, start: float, stop: float) -> None:
    if stop > start:
        raise ValueError(
            f"{kind} schedules fall: stop must lie in [0, start], got {stop} and {start}"
        )
