"""What a call of `learn` means to do, and what it tells a callback."""

from collections.abc import Callable
from typing import Any, NamedTuple

from rlkit.schedules.schedule import Schedule
from rlkit.schedules.values import Parameters


class Progress(NamedTuple):
    """What a callback sees: absolute steps so far, the target, and the agent."""

    step: int
    target: int
    agent: Any


Callback = Callable[[Progress], bool | None]
"""Returning False stops the learning."""


class Plan(NamedTuple):
    """The steps over which schedules without a length of their own go."""

    begin: int = 0
    end: int = 0

    def with_more(self, step: int, steps: int) -> "Plan":
        """Return the plan of a `learn` at an absolute step, for so many more.

        A plan that was broken off is gone on with, so that what is resumed is as if never stopped.
        """
        begin, end = self if step < self.end else (step, step)
        return Plan(begin, max(end, step + steps))

    def parameters(self, schedule: Schedule, horizon: int | None) -> Parameters:
        """Return a schedule over the given horizon, or else over the plan."""
        begin, end = self if horizon is None else (0, horizon)
        return schedule.parameters(max(end - begin, 1), begin)
