"""The assistant in a real car: what it does before and after it listens, without a driver.

The simulator's own rules for what the assistant knows and says, in the same order; what the
simulator draws or asks its driver for comes from outside: the hypotheses, the signals, the time.
"""

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import lean, shared
from rlkit.envs.cabin.assistant.on_the_road import believe_in_car, forget_task, say_in_car, show
from rlkit.envs.cabin.car import laws
from rlkit.envs.cabin.car.timing import act_demand, answer_demand
from rlkit.envs.cabin.car.vehicle import seeks_place
from rlkit.envs.cabin.simulator.clock import begin_at, look_at_road
from rlkit.envs.cabin.simulator.episode import clear, say_hello
from rlkit.envs.cabin.simulator.outputs import NOTHING
from rlkit.envs.cabin.state.acts import (
    BYE,
    DENY,
    DO_WAIT,
    EXECUTE,
    HAND_OVER,
    HELLO,
    NEGATE,
    QUIET,
    REFUSE,
)
from rlkit.envs.cabin.state.record import Seat
from rlkit.envs.cabin.state.tables import Cells, Tables, Words

BEGIN, LISTEN = -1, -2
"""In the place of an action: say hello to a new driver; take in what was heard."""
UNKNOWN = -1.0
"""In the place of a load that nobody has measured."""


@shared
def begin(seat: Seat) -> None:
    """Begin a dialogue with a hello."""
    dialogue, car = seat.dialogue, seat.car
    clear(seat)
    begin_at(car, 0, 0)  # its road has one row
    car.quieted = False
    say_hello(dialogue)


@shared
def speak(seat: Seat, mask: NDArray[np.int8], action: int) -> None:
    """Say what an action says, nothing if it is masked, and keep in mind what follows from it."""
    tables, rules, dialogue, car = seat.tables, seat.rules, seat.dialogue, seat.car
    dialogue.action = action
    dialogue.illegal = mask[action] == 0
    dialogue.turn += 0 if rules.action_kind[action] == DO_WAIT else 1
    place = seeks_place(tables, car)
    performed = NOTHING if dialogue.illegal else action
    say_in_car(seat, performed)
    kind = dialogue.system[0]
    if kind in (EXECUTE, REFUSE, HAND_OVER):
        forget_task(seat, kind == EXECUTE and place)
    elif kind == QUIET:
        car.quieted = True
    dialogue.ended = kind == BYE


@shared
def listen(seat: Seat, mask: NDArray[np.int8], seconds: float, load: float) -> None:
    """Take in what was heard after so many seconds; write features and mask."""
    dialogue, car = seat.dialogue, seat.car
    if dialogue.system[0] != HELLO:
        spend(seat, seconds)
    if load >= 0.0:
        car.load = load
    car.silent = dialogue.heard_count == 0
    believe_in_car(seat)
    look_at_road(seat)
    show(seat, mask)


@shared
def spend(seat: Seat, seconds: float) -> None:
    """Note the time of an act and its answer, and the load that they leave behind."""
    tables, dialogue, car = seat.tables, seat.dialogue, seat.car
    constants, act = tables.constants[0], dialogue.system
    demand = act_demand(constants, act)
    if dialogue.heard_count > 0:
        demand = answer_demand(constants, act)
    if dialogue.heard_count > 0 and dialogue.heard[0, 0] in (NEGATE, DENY):
        demand = constants.choice_demand  # the driver had to correct something
    car.load = laws.load_after(demand, car.load, seconds, constants.residue_time)
    car.clock += seconds
    dialogue.seconds += seconds


@lean
def assist(
    rules: NDArray[np.void],
    values: NDArray[np.void],
    venues: Cells,
    holders: Words,
    goal_groups: NDArray[np.void],
    goals: Cells,
    constants: NDArray[np.void],
    functions: NDArray[np.void],
    links: NDArray[np.void],
    signals: NDArray[np.void],
    levels: NDArray[np.float32],
    road: NDArray[np.void],
    drives: NDArray[np.int64],
    record: NDArray[np.void],
    belief: NDArray[np.float32],
    rows: Words,
    car: NDArray[np.void],
    mask: NDArray[np.int8],
    action: int,
    seconds: float,
    load: float,
) -> None:
    """Say hello (`BEGIN`), take in what was heard (`LISTEN`), or act.

    Its arguments are `arguments(tables, state)`, whose fields say what they are, for one dialogue
    and a road of a single row, the present moment; then `mask` `(A,)`, written when listening; an
    action, `BEGIN` or `LISTEN`; the seconds since the last action, and the load of the driver as
    measured, in [0, 1], or `UNKNOWN`, both used when listening. The features are left in `belief`.
    """
    tables = Tables(
        rules,
        values,
        venues,
        holders,
        goal_groups,
        goals,
        constants,
        functions,
        links,
        signals,
        levels,
        road,
        drives,
    )
    seat = Seat(tables, rules[0], record[0], belief[0], rows[0], car[0])
    if action == BEGIN:
        begin(seat)
    elif action == LISTEN:
        listen(seat, mask, seconds, load)
    else:
        speak(seat, mask, action)
