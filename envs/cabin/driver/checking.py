"""The driver checks what the assistant says against the goal, and corrects it."""

import numpy as np

from rlkit.compiled import shared
from rlkit.envs.cabin.driver.agenda import GAVE_UP_CORRECTING, give_up
from rlkit.envs.cabin.driver.goal import add_request, answer_requests
from rlkit.envs.cabin.state.acts import (
    CONFIRM,
    DENY,
    INFORM,
    NEGATE,
    NO_OTHER_VENUE,
    NO_VENUE,
    REQALTS,
    Act,
    add_item,
)
from rlkit.envs.cabin.state.draws import draw, draw_either, pick
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
        if unmentioned > 0 and not doubted and makes_wonder(rules, dialogue, slot):
            doubted = draw(dialogue) < dialogue.behaviour[CONFIRM_RANDOM_CONSTRAINT]
    if doubted:
        ask_unmentioned(rules, dialogue, unmentioned)
        request_all(rules, dialogue)
        answer_requests(rules, dialogue)
        return REACTED
    return CONSISTENT


@shared
def makes_wonder(rules: Record, dialogue: Record, slot: int) -> bool:
    """Return whether an item of an offer or answer may make the driver ask what it leaves out.

    The name does where the driver holds or excludes one, and is told what only the driver asks.
    """
    system = dialogue.system
    if system[0] != INFORM or slot > rules.slots:
        return False
    if slot < rules.slots:
        return True
    holds = dialogue.accepted_venue >= 0 or dialogue.excludes
    return bool(holds and states_private(system, slot))


@shared
def request_all(rules: Record, dialogue: Record) -> None:
    """Want to know all that the assistant states: taken back, it has to be told again."""
    system = dialogue.system
    for item in range(system[1]):
        if system[2 + 2 * item] != rules.function_slot:
            add_request(dialogue, int(system[2 + 2 * item]))


@shared
def disagrees(rules: Record, dialogue: Record, rows: Words, slot: int, value: int) -> bool:
    """Return whether one item of the assistant's act contradicts the goal.

    A goal without preference agrees with everything; "not available" agrees with nothing else.
    """
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
    return bool(slot < name and dialogue.goal[slot] >= 0 and value != dialogue.goal[slot])


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
    forget_answers(dialogue)
    if unmentioned > 0 and draw(dialogue) < dialogue.behaviour[OVERRULE_CORRECTION]:
        ask_unmentioned(rules, dialogue, unmentioned)
        return
    name = rules.slots
    if slot == name and excludes(dialogue, rows, wrong):
        act[0] = REQALTS
        return
    right = dialogue.accepted_venue if slot == name else dialogue.goal[slot]
    form = draw_either(dialogue, CORRECT_BY_NEGATE, CORRECT_BY_DENY)
    if form == 0:
        act[0] = NEGATE
    elif form == 1:
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
    """Return how many constraints with a value the assistant's act does not state."""
    count = 0
    for slot in range(rules.slots + 1):
        if unmentioned_value(rules, dialogue, slot) >= 0:
            count += 1
    return count


@shared
def unmentioned_value(rules: Record, dialogue: Record, slot: int) -> int:
    """Return the goal's value of a slot where the assistant's act does not state it, else -1."""
    if slot == rules.function_slot:
        return -1
    system = dialogue.system
    value = dialogue.goal[slot] if slot < rules.slots else dialogue.accepted_venue
    for item in range(system[1]):
        if system[2 + 2 * item] == slot and system[3 + 2 * item] == value:
            return -1
    return value if value >= 0 else -1


@shared
def ask_unmentioned(rules: Record, dialogue: Record, count: int) -> None:
    """Ask whether one of the constraints that were not stated holds."""
    act = dialogue.said
    chosen = pick(dialogue, count)
    for slot in range(rules.slots + 1):
        value = unmentioned_value(rules, dialogue, slot)
        if value < 0:
            continue
        if chosen == 0:
            act[0] = CONFIRM
            add_item(act, slot, value)
            return
        chosen -= 1
