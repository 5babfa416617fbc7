"""The assistant in a real car: what it does before and after it listens, without a driver.

The simulator's own rules for what the assistant knows and says, in the same order; what the
simulator draws or asks its driver for comes from outside: the hypotheses, the signals, the time.
"""

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import lean, shared
from rlkit.envs.cabin.assistant.commands import forget_task, say_in_car
from rlkit.envs.cabin.assistant.showing import show
from rlkit.envs.cabin.car import laws
from rlkit.envs.cabin.car.timing import act_demand, answer_demand
from rlkit.envs.cabin.car.vehicle import seeks_place
from rlkit.envs.cabin.simulator.clock import enter_road, look_at_road
from rlkit.envs.cabin.simulator.drive import believe
from rlkit.envs.cabin.simulator.opening import clear, say_hello
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
from rlkit.envs.cabin.state.record import State
from rlkit.envs.cabin.state.tables import CarTables, Cells, Record, Tables, Words

BEGIN, LISTEN = -1, -2
"""In the place of an action: say hello to a new driver; take in what was heard."""
UNKNOWN = -1.0
"""In the place of a load that nobody has measured."""


@shared
def begin(tables: Tables, cars: CarTables, state: State) -> None:
    """Begin a dialogue with a hello."""
    rules, dialogue, car = tables.rules[0], state.record[0], state.car[0]
    clear(rules, dialogue, state.belief[0], state.rows[0])
    enter_road(cars, dialogue, car)
    car.quieted = False
    say_hello(dialogue)


@shared
def speak(
    tables: Tables, cars: CarTables, state: State, mask: NDArray[np.int8], action: int
) -> None:
    """Say what an action says, nothing if it is masked, and keep in mind what follows from it."""
    rules, dialogue, features = tables.rules[0], state.record[0], state.belief[0]
    car, rows = state.car[0], state.rows[0]
    dialogue.action = action
    dialogue.illegal = mask[action] == 0
    dialogue.turn += 0 if rules.action_kind[action] == DO_WAIT else 1
    place = seeks_place(cars, car)
    performed = NOTHING if dialogue.illegal else action
    say_in_car(rules, dialogue, features, rows, tables.venues, car, cars, performed)
    kind = dialogue.system[0]
    if kind in (EXECUTE, REFUSE, HAND_OVER):
        forget_task(rules, dialogue, features, rows, car, kind == EXECUTE and place)
    elif kind == QUIET:
        car.quieted = True
    dialogue.ended = kind == BYE


@shared
def listen(
    tables: Tables,
    cars: CarTables,
    state: State,
    mask: NDArray[np.int8],
    seconds: float,
    load: float,
) -> None:
    """Take in what was heard after so many seconds; write features and mask."""
    dialogue, car = state.record[0], state.car[0]
    if dialogue.system[0] != HELLO:
        spend(dialogue, car, cars, seconds)
    if load >= 0.0:
        car.load = load
    car.silent = dialogue.heard_count == 0
    believe(tables, cars, state, 0)
    look_at_road(tables.rules[0], dialogue, car, cars)
    show(tables, cars, state, 0, mask)


@shared
def spend(dialogue: Record, car: Record, cars: CarTables, seconds: float) -> None:
    """Note the time of an act and its answer, and the load that they leave behind."""
    constants, act = cars.constants[0], dialogue.system
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

    Call it as `assist(*tables, *cars, *state, mask, action, seconds, load)`; see
    `drive.advance_drives`. The road has a single row, the present moment; the features are
    left in `belief`.

    Args:
        rules: With the next twelve, the fields of `Tables` and `CarTables`.
        values: See there.
        venues: See there.
        holders: See there.
        goal_groups: See there.
        goals: See there.
        constants: See there.
        functions: See there.
        links: See there.
        signals: See there.
        levels: See there.
        road: See there.
        drives: See there.
        record: With the next three, the fields of `State` of one environment.
        belief: See there.
        rows: See there.
        car: See there.
        mask: `(A,)`, written when listening.
        action: An action, `BEGIN` or `LISTEN`.
        seconds: Since the last action [s]; used when listening.
        load: Of the driver, as measured, in [0, 1], or `UNKNOWN`; used when listening.
    """
    tables = Tables(rules, values, venues, holders, goal_groups, goals)
    cars = CarTables(constants, functions, links, signals, levels, road, drives)
    state = State(record, belief, rows, car)
    if action == BEGIN:
        begin(tables, cars, state)
    elif action == LISTEN:
        listen(tables, cars, state, mask, seconds, load)
    else:
        speak(tables, cars, state, mask, action)
