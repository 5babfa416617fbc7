"""One turn on the road: act, react, let time pass, hear, believe, show, reward.

All that depends on the road, the noise or the load uses its value when the act begins; the road
then moves for as long as the act takes.
"""

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import lean, shared
from rlkit.envs.cabin.assistant import belief as beliefs
from rlkit.envs.cabin.assistant.commands import focus
from rlkit.envs.cabin.assistant.matching import find_matches
from rlkit.envs.cabin.assistant.showing import show
from rlkit.envs.cabin.car.vehicle import start_car
from rlkit.envs.cabin.channel import hearing
from rlkit.envs.cabin.driver.errands import begin_errands
from rlkit.envs.cabin.driver.goal import draw_temper
from rlkit.envs.cabin.driver.on_the_road import feel, is_free, react_in_car
from rlkit.envs.cabin.simulator import ending
from rlkit.envs.cabin.simulator.clock import enter_road, look_at_road, pass_time
from rlkit.envs.cabin.simulator.deeds import act
from rlkit.envs.cabin.simulator.opening import answer_hello, clear, say_hello
from rlkit.envs.cabin.simulator.outputs import LOOK, RESET, SKIP, Outputs, write_outputs
from rlkit.envs.cabin.state.acts import AFFIRM, EXECUTE, HAND_OVER, HELLO, NULL, REFUSE
from rlkit.envs.cabin.state.record import State
from rlkit.envs.cabin.state.reward import EVENT_BREAK_OFF
from rlkit.envs.cabin.state.tables import CarTables, Cells, Record, Tables, Words


@shared
def drive_turn(
    tables: Tables, cars: CarTables, state: State, i: int, mask: NDArray[np.int8], action: int
) -> None:
    """Take the assistant's act and all that follows from it."""
    rules, dialogue, car = tables.rules[0], state.record[i], state.car[i]
    error_rate = dialogue.error_rate
    repeated = act(tables, cars, state, i, action)
    react(tables, cars, state, i, repeated)
    over = pass_time(rules, dialogue, car, cars)
    if not dialogue.ended:
        hear(tables, cars, state, i, error_rate)
        believe(tables, cars, state, i)
    show(tables, cars, state, i, mask)
    ending.limit(rules, dialogue, over)
    ending.reward(rules, dialogue)


@shared
def begin_drive(
    tables: Tables, cars: CarTables, state: State, i: int, mask: NDArray[np.int8]
) -> None:
    """Begin a drive: a moment on the road, a car, a driver with errands, and the first word."""
    rules, dialogue, car, rows = tables.rules[0], state.record[i], state.car[i], state.rows[i]
    clear(rules, dialogue, state.belief[i], rows)
    draw_temper(rules, dialogue)
    enter_road(cars, dialogue, car)
    start_car(cars, dialogue, car)
    begin_errands(rules, dialogue, car, rows, cars, tables.venues)
    say_hello(dialogue)
    answer_hello(rules, dialogue)
    look_at_road(rules, dialogue, car, cars)
    hear(tables, cars, state, i, dialogue.error_rate)
    believe(tables, cars, state, i)
    show(tables, cars, state, i, mask)


@shared
def react(tables: Tables, cars: CarTables, state: State, i: int, repeated: bool) -> None:
    """Let the driver react, who may leave with it."""
    dialogue, car = state.record[i], state.car[i]
    free = is_free(dialogue, car, cars)
    if not dialogue.ended:
        react_in_car(tables, cars, state, i, repeated, free)
    feel(dialogue, car, cars.constants[0])
    if dialogue.ended:
        return
    if dialogue.gave_up != 0 or dialogue.events[EVENT_BREAK_OFF] > 0.0:
        ending.end(dialogue, False)
    elif car.leaves:
        ending.end(dialogue, car.met == car.closed)


@shared
def hear(tables: Tables, cars: CarTables, state: State, i: int, error_rate: float) -> None:
    """Let the microphone hear the driver, or silence, as likely wrong as when the act began."""
    dialogue = state.record[i]
    if dialogue.said[0] == NULL:
        hearing.hear_nothing(dialogue)
    else:
        hearing.hear(tables.rules[0], dialogue, tables.values, error_rate, cars.constants[0])


@shared
def believe(tables: Tables, cars: CarTables, state: State, i: int) -> None:
    """Update all that the assistant knows with the hypotheses and the signals of the car.

    Nothing here looks at what was said, wanted or meant: only at what was heard.
    """
    rules, dialogue, features = tables.rules[0], state.record[i], state.belief[i]
    car, rows = state.car[i], state.rows[i]
    beliefs.believe(rules, dialogue, features)
    note_confirmation(dialogue, car)
    believed = car.believed
    focus(rules, dialogue, features, car, cars)
    anew = dialogue.system[0] in (HELLO, EXECUTE, REFUSE, HAND_OVER)
    if anew or believed != car.believed or beliefs.any_slot_told(rules, dialogue):
        find_matches(rules, dialogue, features, rows, tables.venues, tables.holders)


@shared
def note_confirmation(dialogue: Record, car: Record) -> None:
    """Note that the command just read back was confirmed, if a yes was more likely than not."""
    if car.asked == np.uint64(0):
        return
    yes = 0.0
    for rank in range(dialogue.heard_count):
        if dialogue.heard[rank, 0] == AFFIRM:
            yes += dialogue.confidence[rank]
    if yes > beliefs.CERTAIN:
        car.confirmed = car.asked


@lean
def advance_drives(
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
    observation: NDArray[np.float32],
    mask: NDArray[np.int8],
    reward: NDArray[np.float64],
    terminated: NDArray[np.bool_],
    truncated: NDArray[np.bool_],
    illegal: NDArray[np.bool_],
    terms: NDArray[np.float32],
    actions: NDArray[np.int64],
    start: int,
    stop: int,
) -> None:
    """Take one step in the environments `start` ... `stop - 1`.

    Call it as `advance_drives(*tables, *cars, *state, *outputs, actions, start, stop)`; see
    `dialogue.advance` for the arguments, and `CarTables` for those from `constants` to `drives`.
    """
    tables = Tables(rules, values, venues, holders, goal_groups, goals)
    cars = CarTables(constants, functions, links, signals, levels, road, drives)
    state = State(record, belief, rows, car)
    outputs = Outputs(observation, mask, reward, terminated, truncated, illegal, terms)
    for i in range(start, stop):
        if actions[i] == SKIP:
            continue
        if actions[i] == RESET:
            begin_drive(tables, cars, state, i, mask[i])
        elif actions[i] == LOOK:
            show(tables, cars, state, i, mask[i])
        else:
            drive_turn(tables, cars, state, i, mask[i], actions[i])
        write_outputs(rules[0], state, outputs, i)
