"""One turn of a benchmark dialogue, parked and without a clock: act, react, hear, believe, reward.

A turn is what the driver said and the assistant's act that follows; a step takes the act, then
lets the driver react, the microphone hear and the assistant believe. The driver's good-bye is
heard like any other act, and the dialogue ends with the assistant's next act.
"""

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import lean, shared
from rlkit.envs.cabin.assistant import belief as beliefs
from rlkit.envs.cabin.assistant.handcrafted import would_take
from rlkit.envs.cabin.assistant.masks import is_legal, write_mask
from rlkit.envs.cabin.assistant.matching import find_matches
from rlkit.envs.cabin.assistant.saying import say
from rlkit.envs.cabin.channel.hearing import hear
from rlkit.envs.cabin.driver.goal import draw_goal, draw_temper, goal_is_met
from rlkit.envs.cabin.driver.reactions import react
from rlkit.envs.cabin.simulator import episode
from rlkit.envs.cabin.simulator.outputs import (
    LOOK,
    NOTHING,
    RESET,
    SKIP,
    Outputs,
    write_outputs,
)
from rlkit.envs.cabin.state.acts import BYE, DO_INFORM, DO_INFORM_BYNAME
from rlkit.envs.cabin.state.record import Seat, State
from rlkit.envs.cabin.state.reward import EVENT_SUCCESS, EVENT_TURN
from rlkit.envs.cabin.state.tables import Cells, Tables, Words


@shared
def turn(seat: Seat, action: int) -> None:
    """Take the assistant's act and all that follows from it."""
    tables, rules, dialogue, rows = seat.tables, seat.rules, seat.dialogue, seat.rows
    repeated = act(seat, action)
    if not dialogue.ended:
        react(rules, dialogue, rows, repeated)
        if dialogue.turn < rules.max_turns:
            hear(rules, dialogue, tables.values, rules.error_rate, None)
            believe(seat)
        else:
            judge(seat)
    episode.reward(rules, dialogue)


@shared
def begin(seat: Seat) -> None:
    """Begin a dialogue: a new driver, a new goal, the assistant's hello and the first answer."""
    tables, rules, dialogue = seat.tables, seat.rules, seat.dialogue
    episode.clear(seat)
    dialogue.error_rate = rules.error_rate
    draw_temper(rules, dialogue)
    draw_goal(rules, dialogue, tables.goal_groups, tables.goals)
    episode.say_hello(dialogue)
    episode.answer_hello(rules, dialogue)
    hear(rules, dialogue, tables.values, rules.error_rate, None)
    believe(seat)


@shared
def act(seat: Seat, action: int) -> bool:
    """Say what the action says; return whether nothing new was said. A good-bye is the end."""
    rules, dialogue, features = seat.rules, seat.dialogue, seat.features
    legal = is_legal(rules, dialogue, features, action)
    episode.begin_turn(dialogue, action, legal)
    dialogue.events[EVENT_TURN] = 1.0
    dialogue.turn += 1
    told = rules.action_kind[action] in (DO_INFORM, DO_INFORM_BYNAME)
    dialogue.by_rules = (told or not legal) and would_take(rules, dialogue, features, action)
    performed = action if legal or dialogue.by_rules else NOTHING
    repeated = say(seat, performed)
    if dialogue.said[0] == BYE or dialogue.system[0] == BYE:
        judge(seat)
    return repeated


@shared
def judge(seat: Seat) -> None:
    """End the dialogue; it is a success if the goal as it now stands is met."""
    met = goal_is_met(seat)
    if met:
        seat.dialogue.events[EVENT_SUCCESS] = 1.0
    episode.end(seat.dialogue, met)


@shared
def believe(seat: Seat) -> None:
    """Believe what was heard, and look it up."""
    rules, dialogue, features = seat.rules, seat.dialogue, seat.features
    beliefs.believe(rules, dialogue, features)
    if dialogue.turn == 0 or beliefs.any_slot_told(rules, dialogue):
        find_matches(seat)


@lean
def advance(
    rules: NDArray[np.void],
    values: NDArray[np.void],
    venues: Cells,
    holders: Words,
    goal_groups: NDArray[np.void],
    goals: Cells,
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
    `actions` `(N,)`, with `RESET`, `LOOK` or `SKIP` in their place; and the range. Outputs are not
    written where an environment is skipped.
    """
    tables = Tables(rules, values, venues, holders, goal_groups, goals)
    state = State(record, belief, rows, car)
    outputs = Outputs(observation, mask, reward, terminated, truncated, illegal, terms)
    for i in range(start, stop):
        if actions[i] == SKIP:
            continue
        if actions[i] == RESET:
            episode.draw_table(record[i], len(rules))
        seat = Seat(tables, rules[record[i].table], record[i], belief[i], rows[i], None)
        if actions[i] == RESET:
            begin(seat)
        elif actions[i] != LOOK:
            turn(seat, actions[i])
        write_mask(rules[0], record[i], belief[i], mask[i])
        write_outputs(rules[0], state, outputs, i)
