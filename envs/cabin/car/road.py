"""The road as the kernels see it: recorded rows at 2 Hz, and what they ask of the driver."""

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import shared
from rlkit.envs.cabin.car import laws
from rlkit.envs.cabin.roads.rows import KEEP, RATE, STANDSTILL
from rlkit.envs.cabin.state.tables import Record

LARGEST_SLACK = 10.0
"""Cap of the reaction slack [s]; that of a car that stands."""


@shared
def row_after(car: Record, seconds: float) -> int:
    """Return the number of the road's row so many seconds from now; the last one stays."""
    passed = int((car.clock + seconds) * RATE)
    return int(min(car.first_row + passed, car.last_row))


@shared
def in_manoeuvre(manoeuvre: int, speed: float) -> bool:
    """Return whether a moving car changes lanes, merges, turns, stops or starts again."""
    return bool(manoeuvre != KEEP and speed >= STANDSTILL)


@shared
def closeness(constants: Record, moment: Record) -> float:
    """Return how closely the driver follows, in [0, 1], by headway or by time to collision."""
    if moment.speed < STANDSTILL:
        return 0.0
    near = laws.fraction(moment.headway, constants.far_headway, constants.near_headway)
    closing = laws.fraction(
        moment.time_to_collision, constants.far_collision, constants.near_collision
    )
    return max(near, closing)


@shared
def fastness(constants: Record, moment: Record) -> float:
    """Return where the speed lies between that of the city (0) and of the motorway (1)."""
    return laws.fraction(moment.speed, constants.city_speed, constants.motorway_speed)


@shared
def road_demand(constants: Record, moment: Record) -> float:
    """Return what the road asks of the driver, in [0, 1]."""
    moving = laws.fraction(moment.speed, 0.0, constants.city_speed)
    demand: float = constants.standing_demand
    demand += moving * (constants.city_demand - constants.standing_demand)
    demand += fastness(constants, moment) * (constants.motorway_demand - constants.city_demand)
    if in_manoeuvre(moment.manoeuvre, moment.speed):
        return float(min(demand + constants.manoeuvre_demand, 1.0))
    return float(min(demand + closeness(constants, moment) * constants.following_demand, 1.0))


@shared
def reaction_slack(
    speed: float, gap: float, leader_speed: float, braking: float, reaction: float
) -> float:
    """Return how much later than usual [s] the driver may brake when the leader brakes hard.

    Both brake with the same deceleration to a standstill, so the driver must react within
    (gap + (v_leader^2 - v^2) / (2 braking)) / v seconds; the usual reaction time goes off.

    Args:
        speed: Own speed [m/s].
        gap: Bumper to bumper [m].
        leader_speed: Speed of the leader [m/s].
        braking: Deceleration of both [m/s2].
        reaction: Reaction time of a driver who does nothing else [s].

    Returns:
        0 ... `LARGEST_SLACK`.
    """
    if speed < STANDSTILL:
        return LARGEST_SLACK
    distance = gap + (leader_speed * leader_speed - speed * speed) / (2.0 * braking)
    return min(max(distance / speed - reaction, 0.0), LARGEST_SLACK)


@shared
def headway_margin(constants: Record, moment: Record) -> float:
    """Return the mean headway margin [s]: the slack behind the leader, or what other hazards leave.

    They leave less in a manoeuvre than on an ordinary road.
    """
    margin: float = constants.city_margin
    margin += fastness(constants, moment) * (constants.motorway_margin - constants.city_margin)
    if in_manoeuvre(moment.manoeuvre, moment.speed):
        margin = constants.manoeuvre_margin
    slack = reaction_slack(
        moment.speed, moment.gap, moment.leader_speed, constants.braking, constants.reaction
    )
    return float(min(slack, margin))


@shared
def risk_now(constants: Record, moment: Record, dialogue_demand: float, load: float) -> float:
    """Return the probability that speaking, and not driving alone, uses up the margin."""
    if moment.speed < STANDSTILL:
        return 0.0
    tightness = closeness(constants, moment)
    if in_manoeuvre(moment.manoeuvre, moment.speed):
        tightness = 1.0
    deviation = constants.free_deviation
    deviation += tightness * (constants.tight_deviation - constants.free_deviation)
    margin = headway_margin(constants, moment)
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
