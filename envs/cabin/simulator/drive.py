"""One turn on the road: act, react, let time pass, hear, believe, show, reward.

All that depends on the road, the noise or the load uses its value when the act begins; the road
then moves for as long as the act takes.
"""

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import lean, shared
from rlkit.envs.cabin.assistant.on_the_road import believe_in_car, show
from rlkit.envs.cabin.car.vehicle import start_car
from rlkit.envs.cabin.channel import hearing
from rlkit.envs.cabin.driver.errands import begin_errands
from rlkit.envs.cabin.driver.goal import draw_temper
from rlkit.envs.cabin.driver.on_the_road import feel, is_free, react_in_car
from rlkit.envs.cabin.simulator import episode
from rlkit.envs.cabin.simulator.clock import enter_road, look_at_road, pass_time
from rlkit.envs.cabin.simulator.deeds import act
from rlkit.envs.cabin.simulator.outputs import LOOK, RESET, SKIP, Outputs, write_outputs
from rlkit.envs.cabin.state.acts import NULL
from rlkit.envs.cabin.state.record import Seat, State
from rlkit.envs.cabin.state.reward import EVENT_BREAK_OFF
from rlkit.envs.cabin.state.tables import Cells, Tables, Words


@shared
def drive_turn(seat: Seat, mask: NDArray[np.int8], action: int) -> None:
    """Take the assistant's act and all that follows from it."""
    rules, dialogue = seat.rules, seat.dialogue
    error_rate = dialogue.error_rate
    repeated = act(seat, action)
    react(seat, repeated)
    over = pass_time(seat)
    if not dialogue.ended:
        hear(seat, error_rate)
        believe_in_car(seat)
    show(seat, mask)
    episode.limit(rules, dialogue, over)
    episode.reward(rules, dialogue)


@shared
def begin_drive(seat: Seat, mask: NDArray[np.int8]) -> None:
    """Begin a drive: a moment on the road, a car, a driver with errands, and the first word."""
    tables, rules, dialogue, car = seat.tables, seat.rules, seat.dialogue, seat.car
    episode.clear(seat)
    draw_temper(rules, dialogue)
    enter_road(seat)
    start_car(tables, dialogue, car)
    begin_errands(seat)
    episode.say_hello(dialogue)
    episode.answer_hello(rules, dialogue)
    look_at_road(seat)
    hear(seat, dialogue.error_rate)
    believe_in_car(seat)
    show(seat, mask)


@shared
def react(seat: Seat, repeated: bool) -> None:
    """Let the driver react, who may leave with it."""
    tables, dialogue, car = seat.tables, seat.dialogue, seat.car
    free = is_free(dialogue, car, tables)
    if not dialogue.ended:
        react_in_car(seat, repeated, free)
    feel(dialogue, car, tables.constants[0])
    if dialogue.ended:
        return
    if dialogue.gave_up != 0 or dialogue.events[EVENT_BREAK_OFF] > 0.0:
        episode.end(dialogue, False)
    elif car.leaves:
        episode.end(dialogue, car.met == car.closed)


@shared
def hear(seat: Seat, error_rate: float) -> None:
    """Let the microphone hear the driver, or silence, as likely wrong as when the act began."""
    tables, rules, dialogue = seat.tables, seat.rules, seat.dialogue
    if dialogue.said[0] == NULL:
        hearing.hear_nothing(dialogue)
    else:
        hearing.hear(rules, dialogue, tables.values, error_rate, tables.constants[0])


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

    Its arguments are `arguments(tables, state, outputs)`, whose fields say what they are; then
    `actions` and the range, as `dialogue.advance` takes them.
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
    state = State(record, belief, rows, car)
    outputs = Outputs(observation, mask, reward, terminated, truncated, illegal, terms)
    for i in range(start, stop):
        if actions[i] == SKIP:
            continue
        if actions[i] == RESET:
            episode.draw_table(record[i], len(rules))
        seat = Seat(tables, rules[record[i].table], record[i], belief[i], rows[i], car[i])
        if actions[i] == RESET:
            begin_drive(seat, mask[i])
        elif actions[i] == LOOK:
            show(seat, mask[i])
        else:
            drive_turn(seat, mask[i], actions[i])
        write_outputs(rules[0], state, outputs, i)
