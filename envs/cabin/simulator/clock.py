"""How time passes on the road: where the drive is, what the moment is like, what an act costs."""

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import shared
from rlkit.envs.cabin.car import laws
from rlkit.envs.cabin.car.road import road_demand, row_after, seconds_at_risk
from rlkit.envs.cabin.car.timing import (
    act_demand,
    act_seconds,
    answer_demand,
    answer_seconds,
    expects_answer,
)
from rlkit.envs.cabin.car.vehicle import noise_level
from rlkit.envs.cabin.roads.rows import SHORTEST_DRIVE
from rlkit.envs.cabin.state.acts import NULL
from rlkit.envs.cabin.state.draws import pick
from rlkit.envs.cabin.state.record import Seat
from rlkit.envs.cabin.state.reward import EVENT_RISK, EVENT_SECOND
from rlkit.envs.cabin.state.tables import Record


@shared
def enter_road(seat: Seat) -> None:
    """Draw the moment of the road that the dialogue begins in.

    All rows that leave `SHORTEST_DRIVE` rows before their drive is over are as likely.
    """
    drives, dialogue = seat.tables.drives, seat.dialogue
    count = len(drives) - 1
    start = pick(dialogue, int(drives[count] - count * SHORTEST_DRIVE))
    drive = drive_of(drives, start)
    begin_at(seat.car, start + drive * SHORTEST_DRIVE, drives[drive + 1] - 1)


@shared
def begin_at(car: Record, first_row: int, last_row: int) -> None:
    """Begin in a row of the road; set the car's own part of the state."""
    car.first_row, car.last_row = first_row, last_row
    car.clock = car.load = 0.0
    car.act_seconds = car.act_risk = 0.0
    car.act_demand = 1.0
    car.silent = False
    car.believed, car.tasks = -1, 0
    car.asked = car.confirmed = np.uint64(0)


@shared
def drive_of(drives: NDArray[np.int64], start: int) -> int:
    """Return the drive of a row that one may begin in, counting only such rows.

    Each drive has all its rows but `SHORTEST_DRIVE`, so the first d have that much less than
    their `drives[d]` rows.
    """
    low, high = 0, len(drives) - 1
    while high - low > 1:
        middle = (low + high) >> 1
        if drives[middle] - middle * SHORTEST_DRIVE <= start:
            low = middle
        else:
            high = middle
    return low


@shared
def look_at_road(seat: Seat) -> None:
    """Note noise, demand and error rate of the present moment."""
    tables, rules, dialogue, car = seat.tables, seat.rules, seat.dialogue, seat.car
    constants = tables.constants[0]
    moment = tables.road[row_after(car, 0.0)]
    car.noise = noise_level(tables, car, moment)
    car.demand = road_demand(constants, moment)
    dialogue.error_rate = rules.error_rate
    if rules.error_rate < 0.0:
        dialogue.error_rate = laws.error_rate(
            car.noise, constants.quiet_noise, constants.quiet_error, constants.error_slope
        )


@shared
def pass_time(seat: Seat) -> bool:
    """Let the road move on while the act lasts; note its seconds, risk and load, and look again.

    Returns:
        Whether the drive is over.
    """
    tables, dialogue, car = seat.tables, seat.dialogue, seat.car
    constants = tables.constants[0]
    act, said = dialogue.system, dialogue.said
    spoken = act_seconds(constants, act)
    demand = act_demand(constants, act)
    heaviest = demand
    risk = seconds_at_risk(constants, tables.road, car, 0.0, spoken, demand)
    end = spoken
    if not dialogue.ended and (expects_answer(act) or said[0] != NULL):
        heaviest = answer_demand(constants, act)
        end += answer_seconds(constants, car.load, said)
        risk += seconds_at_risk(constants, tables.road, car, spoken, end, heaviest)
    if dialogue.corrected:
        heaviest = constants.choice_demand
        begin, end = end, end + constants.correction_seconds
        risk += seconds_at_risk(constants, tables.road, car, begin, end, heaviest)
    car.act_seconds, car.act_risk, car.act_demand = end, risk, heaviest
    dialogue.seconds += end
    dialogue.risk += risk
    dialogue.events[EVENT_SECOND] = end
    dialogue.events[EVENT_RISK] = risk
    car.load = laws.load_after(heaviest, car.load, end, constants.residue_time)
    car.clock += end
    look_at_road(seat)
    return bool(row_after(car, 0.0) >= car.last_row)
