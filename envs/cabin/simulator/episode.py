"""How a dialogue and a turn begin and end, parked and on the road, and what a turn is worth."""

import numpy as np

from rlkit.compiled import shared
from rlkit.envs.cabin.assistant.belief import forget_all
from rlkit.envs.cabin.assistant.saying import fingerprint
from rlkit.envs.cabin.driver.agenda import phrase, pop
from rlkit.envs.cabin.simulator.outputs import RESET
from rlkit.envs.cabin.state.acts import HELLO
from rlkit.envs.cabin.state.draws import draw
from rlkit.envs.cabin.state.record import Seat
from rlkit.envs.cabin.state.reward import EVENT_BREAK_OFF, REWARD_TERMS
from rlkit.envs.cabin.state.tables import Record
from rlkit.envs.cabin.state.temper import GREETING
from rlkit.randomness import GOLDEN, scramble, uniform

BESIDE = np.uint64(GOLDEN)
"""Leads from a dialogue's stream of random numbers to one beside it."""


@shared
def draw_table(dialogue: Record, tables: int) -> None:
    """Draw which table of confusions a new dialogue has.

    The number is none of the dialogue's stream, whose draws are the same for any number of tables.
    """
    number = uniform(scramble(dialogue.key ^ BESIDE), dialogue.counter)
    dialogue.table = int(number * tables)


@shared
def clear(seat: Seat) -> None:
    """Set what a new dialogue does not draw."""
    rules, dialogue, features, rows = seat.rules, seat.dialogue, seat.features, seat.rows
    dialogue.turn = 0
    dialogue.action = RESET
    dialogue.seconds, dialogue.risk, dialogue.mood = 0.0, 0.0, 1.0
    dialogue.ended = dialogue.terminated = dialogue.truncated = False
    dialogue.success = dialogue.illegal = dialogue.by_rules = False
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
    forget_all(rules, dialogue, features)


@shared
def say_hello(dialogue: Record) -> None:
    """Write the assistant's first word."""
    dialogue.system[0], dialogue.system[1] = HELLO, 0
    dialogue.last_act = fingerprint(dialogue.system)


@shared
def answer_hello(rules: Record, dialogue: Record) -> None:
    """Write the driver's first word: a greeting, or what is wanted at once."""
    if draw(dialogue) < dialogue.behaviour[GREETING]:
        dialogue.said[0], dialogue.said[1] = HELLO, 0
    else:
        pop(dialogue, dialogue.said)
    phrase(rules, dialogue)


@shared
def end(dialogue: Record, success: bool) -> None:
    """End the dialogue; success is judged once, on the goal as it then stands."""
    dialogue.ended = dialogue.terminated = True
    dialogue.success = success
    if dialogue.gave_up != 0 and not success:
        dialogue.events[EVENT_BREAK_OFF] = 1.0


@shared
def limit(rules: Record, dialogue: Record, over: bool) -> None:
    """End a dialogue of too many turns; cut one whose drive is over."""
    if dialogue.ended:
        return
    if dialogue.turn >= rules.max_turns:
        end(dialogue, False)
    elif over:
        dialogue.ended = dialogue.truncated = True


@shared
def begin_turn(dialogue: Record, action: int, legal: bool) -> None:
    """Note the action; nothing has happened yet."""
    dialogue.action = action
    dialogue.illegal = not legal
    dialogue.events[:] = 0.0
    dialogue.corrected = False


@shared
def reward(rules: Record, dialogue: Record) -> None:
    """Pay for the events of the step; nowhere else does a weight count."""
    total = 0.0
    for event in range(len(REWARD_TERMS)):
        paid = rules.weights[event] * dialogue.events[event]
        dialogue.terms[event] = paid + 0.0  # never -0
        total += dialogue.terms[event]
    dialogue.reward = total
