"""What the driver wants on a drive: one errand after the other, each one function of the car."""

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import shared
from rlkit.envs.cabin.car.vehicle import (
    UNSAFE,
    has_value,
    is_missing,
    needs_slot,
    safety,
    value_in,
)
from rlkit.envs.cabin.driver.agenda import push
from rlkit.envs.cabin.driver.goal import add_request, admits, open_request
from rlkit.envs.cabin.state.acts import BYE, INFORM, NO_SLOT, NO_VALUE, Act, add_item
from rlkit.envs.cabin.state.draws import draw, pick
from rlkit.envs.cabin.state.record import EXCLUDED, Seat
from rlkit.envs.cabin.state.sets import has_row
from rlkit.envs.cabin.state.tables import Record, Words


@shared
def begin_errands(seat: Seat) -> None:
    """Draw how many errands the drive has, and the first of them."""
    tables, dialogue, car = seat.tables, seat.dialogue, seat.car
    car.errands_left = pick(dialogue, int(tables.constants[0].most_errands))
    car.closed = car.met = 0
    car.kept = car.over = car.leaves = False
    begin_errand(seat)


@shared
def begin_errand(seat: Seat) -> None:
    """Draw a function, what is wanted of it and what is asked, and fill the agenda."""
    tables, rules, dialogue = seat.tables, seat.rules, seat.dialogue
    rows, car = seat.rows, seat.car
    number = draw(dialogue)
    function = 0
    while function < len(tables.functions) - 1 and number >= tables.functions[function].cdf:
        function += 1
    clear_errand(dialogue, rows)
    car.function, car.executed = function, False
    wanted = tables.functions[function]
    impossible = draw(dialogue) < tables.constants[0].impossible
    if wanted.place:
        want_place(seat, wanted, impossible)
    else:
        want_command(rules, dialogue, wanted, impossible)
    if rules.function_slot != NO_SLOT:
        dialogue.goal[rules.function_slot] = function
    fill_agenda(rules, dialogue, wanted)


@shared
def clear_errand(dialogue: Record, rows: Words) -> None:
    """Forget the last errand."""
    dialogue.goal[:] = NO_VALUE
    dialogue.request_count = dialogue.used_count = 0
    dialogue.answered = np.uint64(0)
    dialogue.accepted_venue = dialogue.known_venue = -1
    dialogue.excludes = False
    dialogue.choosing = True
    rows[EXCLUDED, :] = np.uint64(0)


@shared
def want_place(seat: Seat, wanted: Record, impossible: bool) -> None:
    """Want a place like one that there is; an impossible wish takes any values instead."""
    tables, rules, dialogue = seat.tables, seat.rules, seat.dialogue
    constants = tables.constants[0]
    number = draw(dialogue)
    count = 2
    if number < constants.one_constraint:
        count = 1
    elif number >= 1.0 - constants.three_constraints:
        count = 3
    count = min(count, wanted.size)
    venue = wanted.first_venue + pick(dialogue, wanted.venues)
    left = count
    for place in range(wanted.size):
        slot = wanted.order[place]
        if pick(dialogue, wanted.size - place) >= left:  # sampling without replacement
            continue
        left -= 1
        value = int(tables.venues[venue, slot])
        if impossible or value == NO_VALUE:
            value = pick(dialogue, rules.slot_values[slot])
        dialogue.goal[slot] = value
    add_request(dialogue, rules.slots)
    number = draw(dialogue)
    questions = 1
    if number < constants.no_question:
        questions = 0
    elif number >= 1.0 - constants.two_questions:
        questions = 2
    for _ in range(questions if wanted.privates > 0 else 0):
        add_request(dialogue, int(wanted.private[pick(dialogue, wanted.privates)]))


@shared
def want_command(rules: Record, dialogue: Record, wanted: Record, impossible: bool) -> None:
    """Want one value of every slot that the command needs."""
    act = dialogue.said  # the command is written there to see what it needs
    while True:
        act[0], act[1] = INFORM, 0
        for place in range(wanted.size):
            slot = wanted.order[place]
            add_item(act, slot, pick(dialogue, rules.slot_values[slot]))
        if impossible or not is_missing(wanted, act):
            break
    for place in range(wanted.size):
        slot = wanted.order[place]
        if needs_slot(wanted, act, slot):
            dialogue.goal[slot] = act[3 + 2 * place]
    if impossible and wanted.missing_slot[0] != NO_SLOT:
        slot = wanted.missing_slot[0]
        while not has_value(wanted.missing_values[0], dialogue.goal[slot]):
            dialogue.goal[slot] = pick(dialogue, rules.slot_values[slot])


@shared
def fill_agenda(rules: Record, dialogue: Record, wanted: Record) -> None:
    """Put bye at the bottom, then every constraint, and the function on top."""
    dialogue.agenda_size = 0
    push(dialogue, BYE, NO_SLOT, NO_VALUE)
    for place in range(wanted.size - 1, -1, -1):
        slot = wanted.order[place]
        if dialogue.goal[slot] != NO_VALUE:
            push(dialogue, INFORM, slot, dialogue.goal[slot])
    if rules.function_slot != NO_SLOT:
        push(dialogue, INFORM, rules.function_slot, dialogue.goal[rules.function_slot])


@shared
def close_errand(seat: Seat, met: bool) -> None:
    """End the errand, and go on with the one that was kept, a new one, or good-bye."""
    tables, dialogue, rows, car = seat.tables, seat.dialogue, seat.rows, seat.car
    car.closed += 1
    car.met += 1 if met else 0
    if car.kept:
        resume_errand(seat)
    elif car.errands_left > 0:
        car.errands_left -= 1
        begin_errand(seat)
    else:
        car.over = True
        car.leaves = draw(dialogue) >= tables.constants[0].farewell
        clear_errand(dialogue, rows)
        dialogue.agenda_size = 0
        push(dialogue, BYE, NO_SLOT, NO_VALUE)


@shared
def interrupt_errand(seat: Seat) -> None:
    """Put the errand aside for something urgent."""
    dialogue, car = seat.dialogue, seat.car
    car.kept = True
    car.kept_function = car.function
    copy_all(dialogue.goal, car.kept_goal)
    copy_all(dialogue.requests, car.kept_requests)
    car.kept_request_count = dialogue.request_count
    begin_errand(seat)


@shared
def resume_errand(seat: Seat) -> None:
    """Take up the errand that was put aside, from its beginning."""
    tables, rules, dialogue = seat.tables, seat.rules, seat.dialogue
    rows, car = seat.rows, seat.car
    car.kept = car.executed = False
    clear_errand(dialogue, rows)
    car.function = car.kept_function
    copy_all(car.kept_goal, dialogue.goal)
    copy_all(car.kept_requests, dialogue.requests)
    dialogue.request_count = car.kept_request_count
    fill_agenda(rules, dialogue, tables.functions[car.function])


@shared
def goal_act(rules: Record, dialogue: Record, act: Act) -> None:
    """Write what the driver wants as one act."""
    act[0], act[1] = INFORM, 0
    for slot in range(rules.slots):
        if dialogue.goal[slot] != NO_VALUE:
            add_item(act, slot, dialogue.goal[slot])


@shared
def cannot_be_met(seat: Seat, moment: Record, act: Act) -> bool:
    """Return whether refusing is right: no such place or feature, or unsafe now.

    `act` is work space.
    """
    tables, rules, dialogue, car = seat.tables, seat.rules, seat.dialogue, seat.car
    wanted = tables.functions[car.function]
    if wanted.place:
        for venue in range(wanted.first_venue, wanted.first_venue + wanted.venues):
            if admits(rules, dialogue, tables.venues, venue):
                return False
        return True
    goal_act(rules, dialogue, act)
    return is_missing(wanted, act) or safety(tables, car, moment, car.function, act) == UNSAFE


@shared
def is_wanted(seat: Seat, command: Act) -> bool:
    """Return whether a command is what the driver wants."""
    tables, rules, dialogue = seat.tables, seat.rules, seat.dialogue
    rows, car = seat.rows, seat.car
    if car.over or car.lacking or car.executed or car.believed != car.function:
        return False
    if tables.functions[car.function].place:
        venue = value_in(command, rules.slots)
        accepted = dialogue.accepted_venue < 0 or dialogue.accepted_venue == venue
        free = not has_row(rows[EXCLUDED], venue)
        return accepted and free and admits(rules, dialogue, tables.venues, venue)
    for slot in range(rules.slots):
        if dialogue.goal[slot] >= 0 and value_in(command, slot) != dialogue.goal[slot]:
            return False
    return True


@shared
def is_content(dialogue: Record, car: Record) -> bool:
    """Return whether the errand is done: carried out, and every question answered."""
    return bool(car.executed and open_request(dialogue, 0) < 0)


@shared
def copy_all(source: NDArray[np.int16], target: NDArray[np.int16]) -> None:
    """Copy an array into another of its size.

    A slice assignment would make room for a third, which kernels here cannot.
    """
    for place in range(len(source)):
        target[place] = source[place]
