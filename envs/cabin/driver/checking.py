"""The driver checks what the assistant says against the goal, and corrects it."""

import numpy as np

from rlkit.compiled import shared
from rlkit.envs.cabin.driver.agenda import GAVE_UP_CORRECTING, give_up
from rlkit.envs.cabin.driver.goal import add_request, answer_requests
from rlkit.envs.cabin.state.acts import (
    CONFIRM,
    DENY,
    DONTCARE,
    INFORM,
    NEGATE,
    NO_OTHER_VENUE,
    NO_VALUE,
    NO_VENUE,
    REQALTS,
    Act,
    add_item,
)
from rlkit.envs.cabin.state.draws import draw, pick
from rlkit.envs.cabin.state.record import EXCLUDED
from rlkit.envs.cabin.state.sets import has_row
from rlkit.envs.cabin.state.tables import Record, Words
from rlkit.envs.cabin.state.temper import (
    CONFIRM_RANDOM_CONSTRAINT,
    CORRECT_BY_DENY,
    CORRECT_BY_NEGATE,
    OVERRULE_CORRECTION,
)

CONSISTENT, REACTED = 0, 1


@shared
def check(rules: Record, dialogue: Record, rows: Words) -> int:
    """Check the assistant's act item by item; the first disagreement is corrected.

    Returns:
        `CONSISTENT`, or `REACTED` if the driver's act is decided.
    """
    system = dialogue.system
    no_venue = system[0] in (NO_VENUE, NO_OTHER_VENUE)
    if system[0] == NO_VENUE:
        dialogue.excludes = False
        rows[EXCLUDED, :] = np.uint64(0)
    unmentioned = count_unmentioned(rules, dialogue)
    doubted = False
    for item in range(system[1]):
        slot, value = system[2 + 2 * item], system[3 + 2 * item]
        if disagrees(rules, dialogue, rows, slot, value):
            correct(rules, dialogue, rows, slot, value, 0 if no_venue else unmentioned)
            return REACTED
        if slot <= rules.slots and system[0] == INFORM and unmentioned > 0 and not doubted:
            doubted = draw(dialogue) < dialogue.behaviour[CONFIRM_RANDOM_CONSTRAINT]
    if doubted:
        question = ask_unmentioned(rules, dialogue, unmentioned)
        answer_requests(rules, dialogue)
        add_request(dialogue, question)
        return REACTED
    return CONSISTENT


@shared
def disagrees(rules: Record, dialogue: Record, rows: Words, slot: int, value: int) -> bool:
    """Return whether one item of the assistant's act contradicts the goal."""
    system = dialogue.system
    name = rules.slots
    if slot == name:
        if excludes(dialogue, rows, value):
            return True
        return (
            dialogue.accepted_venue >= 0
            and value != dialogue.accepted_venue
            and states_private(system, name)
        )
    if slot > name or dialogue.goal[slot] == NO_VALUE or value == NO_VALUE:
        return False
    if system[0] in (NO_VENUE, NO_OTHER_VENUE):
        return bool(value != dialogue.goal[slot])
    return bool(dialogue.goal[slot] != DONTCARE and value != dialogue.goal[slot])


@shared
def excludes(dialogue: Record, rows: Words, venue: int) -> bool:
    """Return whether the goal rules the venue out.

    Once something is ruled out and another venue is accepted, all others are ruled out.
    """
    if has_row(rows[EXCLUDED], venue):
        return True
    return bool(
        dialogue.excludes and dialogue.accepted_venue >= 0 and venue != dialogue.accepted_venue
    )


@shared
def states_private(act: Act, name: int) -> bool:
    """Return whether the act states something that only the driver may ask."""
    for item in range(act[1]):  # noqa: SIM110 (kernels have no any() and all())
        if act[2 + 2 * item] > name:
            return True
    return False


@shared
def correct(
    rules: Record, dialogue: Record, rows: Words, slot: int, wrong: int, unmentioned: int
) -> None:
    """Give up, ask back, or state the right value; then no answer counts any more."""
    act = dialogue.said
    dialogue.corrected = True
    lost = 1.0 - dialogue.patience / dialogue.patience_start
    if draw(dialogue) < lost * lost:
        give_up(dialogue, GAVE_UP_CORRECTING)
        return
    if unmentioned > 0 and draw(dialogue) < dialogue.behaviour[OVERRULE_CORRECTION]:
        ask_unmentioned(rules, dialogue, unmentioned)
        return
    forget_answers(dialogue)
    name = rules.slots
    if slot == name and excludes(dialogue, rows, wrong):
        act[0] = REQALTS
        return
    right = dialogue.accepted_venue if slot == name else dialogue.goal[slot]
    if draw(dialogue) < dialogue.behaviour[CORRECT_BY_NEGATE]:
        act[0] = NEGATE
    elif draw(dialogue) < dialogue.behaviour[CORRECT_BY_DENY]:
        act[0] = DENY
        add_item(act, slot, wrong)
    else:
        act[0] = INFORM
    add_item(act, slot, right)


@shared
def forget_answers(dialogue: Record) -> None:
    """Take back every answer, the venue too."""
    dialogue.answered = np.uint64(0)
    dialogue.known_venue = -1


@shared
def count_unmentioned(rules: Record, dialogue: Record) -> int:
    """Return how many constraints with a value the assistant's act leaves out."""
    count = 0
    for slot in range(rules.slots + 1):
        if unmentioned_value(rules, dialogue, slot) >= 0:
            count += 1
    return count


@shared
def unmentioned_value(rules: Record, dialogue: Record, slot: int) -> int:
    """Return the goal's value of a slot that the assistant's act leaves out, else -1."""
    if slot == rules.function_slot:
        return -1
    system = dialogue.system
    value = dialogue.goal[slot] if slot < rules.slots else dialogue.accepted_venue
    for item in range(system[1]):
        if system[2 + 2 * item] == slot:
            return -1
    return value if value >= 0 else -1


@shared
def ask_unmentioned(rules: Record, dialogue: Record, count: int) -> int:
    """Ask whether one constraint that was left out holds; return its slot."""
    act = dialogue.said
    chosen = pick(dialogue, count)
    for slot in range(rules.slots + 1):
        value = unmentioned_value(rules, dialogue, slot)
        if value < 0:
            continue
        if chosen == 0:
            act[0] = CONFIRM
            add_item(act, slot, value)
            return slot
        chosen -= 1
    return -1
