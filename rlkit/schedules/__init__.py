"""Schedules: step sizes, exploration and weights that change as learning goes on.

One family for agents, optimizers and Stable-Baselines3. A schedule remembers nothing, so what is
resumed goes on where it stopped; it is written to files as a dictionary of its fields. `value_at`
computes its value, in plain Python and in compiled loops alike, and `schedule(t)` asks it.

`Inverse` and `Polynomial` go by visits: those of the pair (s, a) for a step size, those of the
state s for epsilon. All others go by steps. `Linear` and `Cosine` without `steps` take as long as
an agent means to learn.
"""

from rlkit.schedules.basic import Constant, Inverse, Linear, Polynomial
from rlkit.schedules.schedule import KINDS, Schedule, as_schedule, read_schedules
from rlkit.schedules.shapes import (
    Cosine,
    Exponential,
    Held,
    InverseTime,
    NaturalExponential,
    Noam,
    PiecewiseConstant,
    Triangular,
    WarmRestarts,
    WarmUp,
)
from rlkit.schedules.values import Parameters, value_at

__all__ = [
    "KINDS",
    "Constant",
    "Cosine",
    "Exponential",
    "Held",
    "Inverse",
    "InverseTime",
    "Linear",
    "NaturalExponential",
    "Noam",
    "Parameters",
    "PiecewiseConstant",
    "Polynomial",
    "Schedule",
    "Triangular",
    "WarmRestarts",
    "WarmUp",
    "as_schedule",
    "read_schedules",
    "value_at",
]
