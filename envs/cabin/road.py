"""The road as the kernels see it: recorded rows at 2 Hz, and what they ask of the driver."""

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import shared
from rlkit.envs.cabin import laws
from rlkit.envs.cabin.drive_rows import LANE_CHANGE, MERGE, RATE, TURN
from rlkit.envs.cabin.tables import Record


@shared
def row_after(car: Record, seconds: float) -> int:
    """Return the number of the road's row so many seconds from now; the last one stays."""
    passed = int((car.clock + seconds) * RATE)
    return int(min(car.first_row + passed, car.last_row))


@shared
def in_manoeuvre(moment: Record) -> bool:
    """Return whether the driver changes lanes, merges or turns."""
    return moment.manoeuvre in (LANE_CHANGE, MERGE, TURN)


@shared
def closeness(constants: Record, moment: Record) -> float:
    """Return how closely the driver follows, in [0, 1], by headway or by time to collision."""
    if moment.speed < 1.0:
        return 0.0
    near = laws.share(moment.headway, constants.far_headway, constants.near_headway)
    closing = laws.share(
        moment.time_to_collision, constants.far_collision, constants.near_collision
    )
    return max(near, closing)


@shared
def fastness(constants: Record, moment: Record) -> float:
    """Return where the speed lies between that of the city (0) and of the motorway (1)."""
    return laws.share(moment.speed, constants.city_speed, constants.motorway_speed)


@shared
def road_demand(constants: Record, moment: Record) -> float:
    """Return what the road asks of the driver, in [0, 1]."""
    moving = laws.share(moment.speed, 0.0, constants.city_speed)
    demand: float = constants.standing_demand
    demand += moving * (constants.city_demand - constants.standing_demand)
    demand += fastness(constants, moment) * (constants.motorway_demand - constants.city_demand)
    if in_manoeuvre(moment):
        return float(min(demand + constants.manoeuvre_demand, 1.0))
    return float(min(demand + closeness(constants, moment) * constants.following_demand, 1.0))


@shared
def risk_now(constants: Record, moment: Record, dialogue_demand: float, load: float) -> float:
    """Return the probability that speaking, and not driving alone, uses up the margin."""
    if moment.speed < 1.0:
        return 0.0
    if in_manoeuvre(moment):
        margin, deviation = constants.manoeuvre_margin, constants.tight_deviation
    else:
        near = closeness(constants, moment)
        margin = constants.city_margin
        margin += fastness(constants, moment) * (constants.motorway_margin - constants.city_margin)
        margin += near * (constants.following_margin - margin)
        deviation = constants.free_deviation
        deviation += near * (constants.tight_deviation - constants.free_deviation)
    return laws.risk_probability(dialogue_demand, load, constants.load_delay, margin, deviation)


@shared
def seconds_at_risk(
    constants: Record,
    road: NDArray[np.void],
    car: Record,
    begin: float,
    end: float,
    dialogue_demand: float,
) -> float:
    """Return the seconds at risk from `begin` to `end` seconds from now, second by second.

    The road moves on, the load stays as it is.
    """
    if dialogue_demand <= 1.0:
        return 0.0
    total, time = 0.0, begin
    while time < end:
        moment = road[row_after(car, time)]
        step = min(end - time, 1.0)
        total += step * risk_now(constants, moment, dialogue_demand, car.load)
        time += 1.0
    return total
