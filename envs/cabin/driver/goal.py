"""The driver's goal: constraints, questions, how it changes, and whether it is met."""

import numpy as np

from rlkit.compiled import shared
from rlkit.envs.cabin.driver.agenda import push
from rlkit.envs.cabin.state.acts import (
    BYE,
    DONTCARE,
    INFORM,
    NO_SLOT,
    NO_VALUE,
    NO_VENUE,
    REQALTS,
    TYPE_SLOT,
    Act,
    add_item,
)
from rlkit.envs.cabin.state.draws import draw, pick
from rlkit.envs.cabin.state.record import EXCLUDED, MAX_REQUESTS, MAX_USED, Seat
from rlkit.envs.cabin.state.sets import ONE, add_row, has_row
from rlkit.envs.cabin.state.tables import GOAL_SLOTS, Cells, Record, Words
from rlkit.envs.cabin.state.temper import CONSTRAINT_RELAX, PROBABILITIES, TELL_ABOUT_CHANGE


@shared
def draw_temper(rules: Record, dialogue: Record) -> None:
    """Draw the driver's behaviour probabilities and patience."""
    for column in range(len(PROBABILITIES)):
        dialogue.behaviour[column] = rules.behaviour_low[column] + rules.behaviour_range[
            column
        ] * draw(dialogue)
    low, high = rules.patience[0], rules.patience[1]
    dialogue.patience_start = low + pick(dialogue, high - low + 1)
    dialogue.patience = dialogue.patience_start


@shared
def draw_goal(rules: Record, dialogue: Record, groups: Record, goals: Cells) -> None:
    """Draw constraints that few venues meet, questions, and the agenda that follows from them."""
    goal = dialogue.goal
    number = draw(dialogue)
    group = 0
    while group < rules.goal_groups - 1 and number >= groups[group].cdf:
        group += 1
    chosen = groups[group]
    values = goals[chosen.first + pick(dialogue, chosen.count)]
    goal[:] = NO_VALUE
    for place in range(chosen.size):
        goal[chosen.slots[place]] = values[place]
        remember_used(dialogue, chosen.slots[place], values[place])
    push_constraints(dialogue, chosen, values)
    draw_requests(rules, dialogue)


@shared
def push_constraints(dialogue: Record, chosen: Record, values: Act) -> None:
    """Fill the agenda: what kind of place, the constraints in random order, bye."""
    push(dialogue, BYE, NO_SLOT, NO_VALUE)
    left = (1 << chosen.size) - 1
    for remaining in range(chosen.size, 0, -1):
        skip = pick(dialogue, remaining)
        for place in range(GOAL_SLOTS):
            if not (left >> place) & 1:
                continue
            if skip == 0:
                push(dialogue, INFORM, chosen.slots[place], values[place])
                left &= ~(1 << place)
                break
            skip -= 1
    push(dialogue, INFORM, TYPE_SLOT, NO_VALUE)


@shared
def draw_requests(rules: Record, dialogue: Record) -> None:
    """Ask for the venue, and for 0 to 2 things that only the driver may ask."""
    add_request(dialogue, rules.slots)
    private = rules.requestables - rules.slots  # the name is one of them and adds nothing
    wanted = min(pick(dialogue, 3), private)
    first = -1
    for _ in range(wanted):
        slot = pick(dialogue, private - (0 if first < 0 else 1))
        if first >= 0 and slot >= first:
            slot += 1
        first = slot
        add_request(dialogue, rules.slots + slot)


@shared
def add_request(dialogue: Record, slot: int) -> None:
    """Add a question, unless the driver has it already."""
    for place in range(dialogue.request_count):
        if dialogue.requests[place] == slot:
            return
    if dialogue.request_count < MAX_REQUESTS:
        dialogue.requests[dialogue.request_count] = slot
        dialogue.request_count += 1


@shared
def open_request(dialogue: Record, start: int) -> int:
    """Return the place of the first question from `start` on without an answer, or -1."""
    for place in range(start, dialogue.request_count):
        if (dialogue.answered >> np.uint64(place)) & ONE == np.uint64(0):
            return place
    return -1


@shared
def answer_requests(rules: Record, dialogue: Record) -> None:
    """Take what the assistant states as answers."""
    system = dialogue.system
    for item in range(system[1]):
        slot = system[2 + 2 * item]
        if slot == rules.slots:
            dialogue.known_venue = system[3 + 2 * item]
        answer_request(dialogue, slot)


@shared
def answer_name(rules: Record, dialogue: Record, venue: int) -> None:
    """Take a venue for what was looked for."""
    dialogue.known_venue = venue
    answer_request(dialogue, rules.slots)


@shared
def answer_request(dialogue: Record, slot: int) -> None:
    """Note that a question about a slot, if there is one, is answered."""
    for place in range(dialogue.request_count):
        if dialogue.requests[place] == slot:
            dialogue.answered |= ONE << np.uint64(place)


@shared
def random_constraint(rules: Record, dialogue: Record) -> int:
    """Return a random slot of the goal other than the function; every goal has one."""
    goal = dialogue.goal
    count = 0
    for slot in range(rules.slots):
        if goal[slot] != NO_VALUE and slot != rules.function_slot:
            count += 1
    skip = pick(dialogue, count)
    for slot in range(rules.slots):
        if goal[slot] != NO_VALUE and slot != rules.function_slot:
            if skip == 0:
                return slot
            skip -= 1
    return 0


@shared
def remember_used(dialogue: Record, slot: int, value: int) -> None:
    """Remember a value, or dontcare, that the goal has had; a changed goal returns to no value."""
    if dialogue.used_count < MAX_USED:
        dialogue.used_slots[dialogue.used_count] = slot
        dialogue.used_values[dialogue.used_count] = value
        dialogue.used_count += 1


@shared
def was_used(dialogue: Record, slot: int, value: int) -> bool:
    """Return whether the goal has had this value."""
    for place in range(dialogue.used_count):
        if dialogue.used_slots[place] == slot and dialogue.used_values[place] == value:
            return True
    return False


@shared
def was_thought_of(dialogue: Record, slot: int) -> bool:
    """Return whether the goal has had a value of the slot, or dontcare."""
    for place in range(dialogue.used_count):  # noqa: SIM110 (kernels have no any() and all())
        if dialogue.used_slots[place] == slot:
            return True
    return False


@shared
def new_value(rules: Record, dialogue: Record, slot: int) -> int:
    """Draw a value that the goal has not had yet; dontcare if there is none left."""
    fresh = 0
    for value in range(rules.slot_values[slot]):
        if not was_used(dialogue, slot, value):
            fresh += 1
    if fresh == 0:
        return DONTCARE
    skip = pick(dialogue, fresh)
    for value in range(rules.slot_values[slot]):
        if not was_used(dialogue, slot, value):
            if skip == 0:
                return value
            skip -= 1
    return DONTCARE


@shared
def slot_to_change(rules: Record, dialogue: Record) -> int:
    """Return the slot whose constraint changes: one that the assistant mentioned, if any."""
    system = dialogue.system
    count = 0
    for item in range(system[1]):
        if names_constraint(rules, system, item):
            count += 1
    if count == 0:
        return random_constraint(rules, dialogue)
    skip = pick(dialogue, count)
    for item in range(system[1]):
        if names_constraint(rules, system, item):
            if skip == 0:
                return int(system[2 + 2 * item])
            skip -= 1
    return -1


@shared
def names_constraint(rules: Record, act: Act, item: int) -> bool:
    """Return whether an item of the assistant's act states a value that could change, or none."""
    slot, value = act[2 + 2 * item], act[3 + 2 * item]
    return bool(slot < rules.slots and slot != rules.function_slot and value != DONTCARE)


@shared
def change_goal(rules: Record, dialogue: Record, rows: Words) -> None:
    """Relax or change one constraint and ask for something else.

    Where there was an offer, or one to choose from, perhaps without saying why.
    """
    act = dialogue.said
    slot = slot_to_change(rules, dialogue)
    forget_names(dialogue, rows)
    value = DONTCARE
    if draw(dialogue) >= dialogue.behaviour[CONSTRAINT_RELAX]:
        if was_thought_of(dialogue, slot):
            value = new_value(rules, dialogue, slot)
        remember_used(dialogue, slot, value)
    dialogue.goal[slot] = value
    act[0] = REQALTS
    nothing = dialogue.system[0] == NO_VENUE
    if nothing or draw(dialogue) < dialogue.behaviour[TELL_ABOUT_CHANGE]:
        add_item(act, slot, value)
    elif value == DONTCARE:
        exclude_offered(dialogue, rows)
    else:
        add_request(dialogue, slot)


@shared
def exclude_offered(dialogue: Record, rows: Words) -> None:
    """Rule out the venue that the assistant named, if it named one."""
    if dialogue.system[0] == INFORM:
        dialogue.excludes = True
        add_row(rows[EXCLUDED], dialogue.system[3])


@shared
def forget_names(dialogue: Record, rows: Words) -> None:
    """Hold no venue any more, and rule none out."""
    dialogue.accepted_venue = -1
    dialogue.excludes = False
    rows[EXCLUDED, :] = np.uint64(0)


@shared
def goal_is_met(seat: Seat) -> bool:
    """Return whether every question is answered and the venue held meets the goal as it stands."""
    tables, rules, dialogue, rows = seat.tables, seat.rules, seat.dialogue, seat.rows
    venue = dialogue.known_venue
    if venue < 0 or open_request(dialogue, 0) >= 0 or has_row(rows[EXCLUDED], venue):
        return False
    if dialogue.accepted_venue >= 0 and dialogue.accepted_venue != venue:
        return False
    return admits(rules, dialogue, tables.venues, venue)


@shared
def admits(rules: Record, dialogue: Record, venues: Cells, venue: int) -> bool:
    """Return whether the goal's constraints allow the venue."""
    for slot in range(rules.slots):
        if dialogue.goal[slot] >= 0 and venues[venue, slot] != dialogue.goal[slot]:
            return False
    return True
