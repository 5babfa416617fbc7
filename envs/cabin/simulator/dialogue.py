"""One step of the dialogue, for one environment and for thousands: s' = f(s, a, noise).

A turn is what the driver said and the assistant's act that follows; a step takes the act, then
lets the driver react, the microphone hear and the assistant believe. The driver's good-bye is
heard like any other act, and the dialogue ends with the assistant's next act.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import lean, shared
from rlkit.envs.cabin.assistant.belief import any_slot_told, believe, forget_all
from rlkit.envs.cabin.assistant.handcrafted import would_take
from rlkit.envs.cabin.assistant.masks import is_legal, write_mask
from rlkit.envs.cabin.assistant.matching import find_matches
from rlkit.envs.cabin.assistant.saying import fingerprint, say
from rlkit.envs.cabin.channel.hearing import hear
from rlkit.envs.cabin.driver.agenda import phrase, pop
from rlkit.envs.cabin.driver.goal import draw_goal, draw_temper, goal_is_met
from rlkit.envs.cabin.driver.reactions import react
from rlkit.envs.cabin.simulator.ending import score
from rlkit.envs.cabin.state.acts import BYE, HELLO
from rlkit.envs.cabin.state.draws import draw
from rlkit.envs.cabin.state.record import State
from rlkit.envs.cabin.state.reward import (
    EVENT_BREAK_OFF,
    EVENT_SUCCESS,
    EVENT_TURN,
    REWARD_TERMS,
)
from rlkit.envs.cabin.state.tables import Cells, Record, Tables, Words
from rlkit.envs.cabin.state.temper import GREETING

RESET = -1
"""In the place of an action: begin a new dialogue."""
SKIP = -2
"""In the place of an action: leave the environment as it is."""
LOOK = -3
"""In the place of an action: only write the outputs."""
NOTHING = -1
"""In the place of a masked action: the assistant says nothing that makes sense."""


class Outputs(NamedTuple):
    """What a step returns to the agent; N environments."""

    observation: NDArray[np.float32]
    """`(N, F)`."""
    mask: NDArray[np.int8]
    """`(N, A)`."""
    reward: NDArray[np.float64]
    """`(N,)`."""
    terminated: NDArray[np.bool_]
    """`(N,)`."""
    truncated: NDArray[np.bool_]
    """`(N,)`."""
    illegal: NDArray[np.bool_]
    """`(N,)`, whether the action was masked."""
    terms: NDArray[np.float32]
    """`(N, T)`, the parts of the reward."""


@shared
def begin(tables: Tables, state: State, i: int) -> None:
    """Begin a dialogue: a new driver, a new goal, the assistant's hello and the first answer."""
    rules, dialogue = tables.rules[0], state.record[i]
    clear(dialogue, state.rows[i])
    forget_all(rules, dialogue, state.belief[i])
    dialogue.error_rate = rules.error_rate
    draw_temper(rules, dialogue)
    draw_goal(rules, dialogue, tables.goal_groups, tables.goals)
    dialogue.system[0], dialogue.system[1] = HELLO, 0
    dialogue.last_act = fingerprint(dialogue.system)
    if draw(dialogue) < dialogue.behaviour[GREETING]:
        dialogue.said[0], dialogue.said[1] = HELLO, 0
    else:
        pop(dialogue, dialogue.said)
    phrase(rules, dialogue)
    listen(tables, state, i)


@shared
def clear(dialogue: Record, rows: Words) -> None:
    """Set what a new dialogue does not draw."""
    dialogue.turn = 0
    dialogue.action = RESET
    dialogue.seconds, dialogue.risk, dialogue.mood = 0.0, 0.0, 1.0
    dialogue.ended = dialogue.terminated = dialogue.truncated = False
    dialogue.success = dialogue.illegal = False
    dialogue.events[:] = 0.0
    dialogue.reward = 0.0
    dialogue.terms[:] = 0.0
    dialogue.gave_up = 0
    dialogue.choosing = True
    dialogue.accepted_venue = dialogue.known_venue = dialogue.last_offered = -1
    dialogue.excludes = dialogue.offer_made = False
    dialogue.request_count = dialogue.used_count = dialogue.agenda_size = 0
    dialogue.answered = np.uint64(0)
    dialogue.relevant = ~np.uint64(0)
    dialogue.corrected = False
    dialogue.last_was_no_venue = dialogue.last_was_offer = False
    dialogue.alternatives_asked = False
    rows[:] = np.uint64(0)


@shared
def listen(tables: Tables, state: State, i: int) -> None:
    """Hear what the driver says, believe it, and look it up."""
    rules, dialogue, features = tables.rules[0], state.record[i], state.belief[i]
    hear(rules, dialogue, tables.values, None)
    believe(rules, dialogue, features)
    if dialogue.turn == 0 or any_slot_told(rules, dialogue):
        find_matches(rules, dialogue, features, state.rows[i], tables.venues, tables.holders)


@shared
def turn(tables: Tables, state: State, i: int, action: int) -> None:
    """Take the assistant's act and all that follows from it."""
    rules, dialogue, features = tables.rules[0], state.record[i], state.belief[i]
    rows = state.rows[i]
    legal = is_legal(rules, dialogue, features, action)
    dialogue.action = action
    dialogue.illegal = not legal
    dialogue.events[:] = 0.0
    dialogue.events[EVENT_TURN] = 1.0
    dialogue.turn += 1
    heeded = legal or would_take(rules, dialogue, features, action)
    performed = action if heeded else NOTHING
    repeated = say(rules, dialogue, features, rows, tables.venues, performed)
    if dialogue.said[0] == BYE or dialogue.system[0] == BYE:
        finish(dialogue, goal_is_met(rules, dialogue, rows, tables.venues))
    elif dialogue.turn >= rules.max_turns:
        finish(dialogue, False)
    else:
        react(rules, dialogue, rows, repeated)
        listen(tables, state, i)
    score(rules, dialogue)


@shared
def finish(dialogue: Record, success: bool) -> None:
    """End the dialogue; success is judged once, on the goal as it then stands."""
    dialogue.ended = True
    dialogue.terminated = True
    dialogue.success = success
    if success:
        dialogue.events[EVENT_SUCCESS] = 1.0
    elif dialogue.gave_up != 0:
        dialogue.events[EVENT_BREAK_OFF] = 1.0


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

    Call it as `advance(*tables, *state, *outputs, actions, start, stop)`: numba takes plain
    arrays in a fraction of the time that it needs to look into tuples of them.

    Args:
        rules: With the next five, the fields of `Tables`.
        values: See there.
        venues: See there.
        holders: See there.
        goal_groups: See there.
        goals: See there.
        record: With the next three, the fields of `State`, changed in place.
        belief: See there.
        rows: See there.
        car: See there.
        observation: With the next six, the fields of `Outputs`, not written where skipped.
        mask: See there.
        reward: See there.
        terminated: See there.
        truncated: See there.
        illegal: See there.
        terms: See there.
        actions: `(N,)` of actions, `RESET`, `LOOK` or `SKIP`.
        start: The first environment.
        stop: One beyond the last.
    """
    tables = Tables(rules, values, venues, holders, goal_groups, goals)
    state = State(record, belief, rows, car)
    for i in range(start, stop):
        if actions[i] == SKIP:
            continue
        if actions[i] == RESET:
            begin(tables, state, i)
        elif actions[i] != LOOK:
            turn(tables, state, i, actions[i])
        for feature in range(rules[0].features):
            observation[i, feature] = belief[i, feature]
        write_mask(rules[0], record[i], belief[i], mask[i])
        reward[i] = record[i].reward
        terminated[i] = record[i].terminated
        truncated[i] = record[i].truncated
        illegal[i] = record[i].illegal
        for term in range(len(REWARD_TERMS)):
            terms[i, term] = record[i].terms[term]
