"""The value of a schedule, by one function for plain Python and for compiled loops.

Schedules are what people write; `Parameters` is what is computed with.
"""

import math
from typing import NamedTuple

import numpy as np

from rlkit.arrays import Floats
from rlkit.compiled import inlined, shared
from rlkit.elementary import exp, half_wave, power

CONSTANT, LINEAR, POLYNOMIAL = range(3)
EXPONENTIAL, HYPERBOLA, ROOT, STAIRS, COSINE, TRIANGLES, RESTARTS = range(3, 10)
EMPTY: Floats = np.empty(0)


class Parameters(NamedTuple):
    """A schedule in the form that compiled loops take; what they mean depends on `kind`."""

    kind: int
    start: float
    """The value from which it goes, and to which a warm-up rises."""
    stop: float = 0.0
    extent: float = 0.0
    power: float = 0.0
    table: Floats = EMPTY
    """Of a polynomial, values at the first visits, from 1, where they cost much to compute. Of
    stairs, step and factor in turns."""
    begin: float = 0.0
    """The step from which it counts."""
    rise: float = 0.0
    """Steps of the warm-up before it; 0 for none."""
    growth: float = 1.0


@inlined
def by_visits(schedule: Parameters, visits: int) -> float:
    """Return the value of a polynomial schedule at so many visits, from 1."""
    share = (1.0 + schedule.extent) / (visits + schedule.extent)
    if schedule.power != 1.0:
        share = power(share, schedule.power)
    return max(schedule.stop, schedule.start * share)


@inlined
def value_at(schedule: Parameters, step: int, visits: int) -> float:
    """Return the value of a schedule; past its end it keeps the last one.

    Args:
        schedule: Its parameters.
        step: Absolute step of the agent, from 0.
        visits: Of the pair or the state, this one included, from 1.
    """
    if schedule.rise > 0.0 or schedule.kind > POLYNOMIAL:
        return curve_at(schedule, step - schedule.begin)
    if schedule.kind == CONSTANT:
        return schedule.start
    if schedule.kind == LINEAR:
        return line_at(schedule, step - schedule.begin)
    if visits < len(schedule.table):
        return float(schedule.table[visits])
    return by_visits(schedule, visits)


@inlined
def line_at(schedule: Parameters, t: float) -> float:
    """Return the value of a line t steps after it begins."""
    if t >= schedule.extent:
        return schedule.stop
    return schedule.start + (schedule.stop - schedule.start) * t / schedule.extent


@shared
def curve_at(schedule: Parameters, t: float) -> float:
    """Return the value of any schedule by steps, t steps after it begins."""
    if t + 1.0 < schedule.rise:  # the first update has a step size already
        return schedule.start * (t + 1.0) / schedule.rise
    if schedule.rise > 0.0:
        t -= schedule.rise - 1.0
    if schedule.kind == LINEAR:
        return line_at(schedule, t)
    if schedule.kind < COSINE:
        return schedule.start * factor_at(schedule, t)
    height, share = wave_at(schedule, t)
    return height * (schedule.stop + (schedule.start - schedule.stop) * share)


@shared
def factor_at(schedule: Parameters, t: float) -> float:
    """Return what is left of the start after t steps."""
    factor = 1.0
    if schedule.kind == EXPONENTIAL:
        factor = exp(-schedule.power * t)
    elif schedule.kind == HYPERBOLA:
        factor = 1.0 / (1.0 + schedule.power * t)
    elif schedule.kind == ROOT:
        factor = 1.0 / math.sqrt(1.0 + t / schedule.extent)
    elif schedule.kind == STAIRS:
        for i in range(0, len(schedule.table), 2):
            if t >= schedule.table[i]:
                factor = schedule.table[i + 1]
    return factor


@shared
def wave_at(schedule: Parameters, t: float) -> tuple[float, float]:
    """Return how high the present wave is, and what share of it stands above its low, after t."""
    period, since, height = schedule.extent, t, 1.0
    if schedule.kind == COSINE:
        return height, half_wave(min(t / period, 1.0))
    if schedule.kind == TRIANGLES:
        cycle = math.floor(1.0 + t / (2.0 * period))
        away = abs(t / period - 2.0 * cycle + 1.0)
        return power(schedule.power, cycle - 1.0), max(0.0, 1.0 - away)
    if schedule.growth == 1.0:
        done = math.floor(t / period)
        since, height = t - done * period, power(schedule.power, float(done))
    else:
        while since >= period:
            since -= period
            period *= schedule.growth
            height *= schedule.power
    return height, half_wave(since / period)
