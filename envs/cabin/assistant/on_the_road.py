"""The assistant in a car: what it believes is meant, what it says of it, and what it shows."""

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import shared
from rlkit.envs.cabin.assistant.belief import any_slot_told, believe
from rlkit.envs.cabin.assistant.features import write_car_features
from rlkit.envs.cabin.assistant.masks import write_car_mask
from rlkit.envs.cabin.assistant.matching import CERTAIN, accepts, find_matches
from rlkit.envs.cabin.assistant.saying import begin_act, fill_act, fingerprint, remember_act
from rlkit.envs.cabin.car.road import row_after
from rlkit.envs.cabin.car.vehicle import NEEDS_CONFIRMATION, SAFE, is_missing, needs_slot, safety
from rlkit.envs.cabin.state.acts import (
    AFFIRM,
    CONFIRM,
    DO_CONFIRM_FUNCTION,
    DO_EXECUTE,
    DO_HAND_OVER,
    DO_QUIET,
    DO_REFUSE,
    DO_REPEAT,
    DO_WAIT,
    EXECUTE,
    HAND_OVER,
    HELLO,
    NO_SLOT,
    NO_VALUE,
    QUIET,
    REFUSE,
    REPEAT,
    WAIT,
    Act,
    add_item,
)
from rlkit.envs.cabin.state.record import (
    MATCHING,
    METHODS,
    NONE,
    OFFERED,
    Seat,
)
from rlkit.envs.cabin.state.sets import ONE, has_row
from rlkit.envs.cabin.state.tables import Features, Record

ONE_FUNCTION = 0
"""The number of the only function of an ontology without a function slot."""


@shared
def believe_in_car(seat: Seat) -> None:
    """Update all that the assistant knows with the hypotheses and the signals of the car.

    Nothing here looks at what was said, wanted or meant: only at what was heard.
    """
    rules, dialogue, features, car = seat.rules, seat.dialogue, seat.features, seat.car
    believe(rules, dialogue, features)
    note_confirmation(dialogue, car)
    believed = car.believed
    focus(seat)
    anew = dialogue.system[0] in (HELLO, EXECUTE, REFUSE, HAND_OVER)
    if anew or believed != car.believed or any_slot_told(rules, dialogue):
        find_matches(seat)


@shared
def note_confirmation(dialogue: Record, car: Record) -> None:
    """Note that the command just read back was confirmed, if a yes was more likely than not."""
    if car.asked == np.uint64(0):
        return
    yes = 0.0
    for rank in range(dialogue.heard_count):
        if dialogue.heard[rank, 0] == AFFIRM:
            yes += dialogue.confidence[rank]
    if yes > CERTAIN:
        car.confirmed = car.asked


@shared
def focus(seat: Seat) -> None:
    """Note which function is meant, and that only its slots matter."""
    tables, rules, dialogue = seat.tables, seat.rules, seat.dialogue
    features, car = seat.features, seat.car
    slot = rules.function_slot
    if slot == NO_SLOT:
        car.believed = ONE_FUNCTION
        return
    dialogue.relevant = ONE << np.uint64(slot)
    car.believed = -1
    if accepts(rules, dialogue, features, slot) and dialogue.best[slot, 0] >= 0:
        car.believed = dialogue.best[slot, 0]
        dialogue.relevant = tables.functions[car.believed].slots


@shared
def write_command(seat: Seat, act: Act) -> bool:
    """Add the command as it is believed to an act; return whether it is complete.

    A place must have been offered, and still match.
    """
    tables, rules, dialogue = seat.tables, seat.rules, seat.dialogue
    features, rows, car = seat.features, seat.rows, seat.car
    function = tables.functions[car.believed]
    if rules.function_slot != NO_SLOT:
        add_item(act, rules.function_slot, car.believed)
    if function.place:
        if dialogue.last_offered < 0 or not has_row(rows[MATCHING], dialogue.last_offered):
            return False
        add_item(act, rules.slots, dialogue.last_offered)
        return True
    complete = True
    for place in range(function.size):
        slot = function.order[place]
        if accepts(rules, dialogue, features, slot) and dialogue.best[slot, 0] >= 0:
            add_item(act, slot, dialogue.best[slot, 0])
        elif needs_slot(function, act, slot):
            complete = False
    return complete


@shared
def say_in_car(seat: Seat, action: int) -> bool:
    """Write the assistant's act; return whether it says what it said before, or nothing."""
    rules, dialogue, car = seat.rules, seat.dialogue, seat.car
    begin_act(dialogue)
    car.asked = np.uint64(0)
    if action < 0:
        return remember_act(dialogue)
    kind, number = rules.action_kind[action], rules.action_slot[action]
    act = dialogue.system
    if kind in (DO_EXECUTE, DO_REFUSE, DO_CONFIRM_FUNCTION):
        speak_of_command(seat, kind, number)
    elif kind == DO_REPEAT:
        act[0] = REPEAT
    elif kind == DO_WAIT:
        act[0] = WAIT
    elif kind == DO_QUIET:
        act[0] = QUIET
    elif kind == DO_HAND_OVER:
        act[0] = HAND_OVER
    else:
        fill_act(seat, kind, number)
    return remember_act(dialogue)


@shared
def speak_of_command(seat: Seat, kind: int, number: int) -> None:
    """Execute, refuse or read back the command as it is believed; only refusing may be vague."""
    dialogue, car = seat.dialogue, seat.car
    if car.believed < 0 or (kind == DO_CONFIRM_FUNCTION and number != car.believed):
        return
    act = dialogue.system
    complete = write_command(seat, act)
    if kind == DO_REFUSE:
        act[0] = REFUSE
    elif not complete or act[1] == 0:
        act[1] = 0
    elif kind == DO_EXECUTE:
        act[0] = EXECUTE
    else:
        act[0] = CONFIRM
        car.asked = command_mark(act)


@shared
def command_mark(act: Act) -> np.uint64:
    """Return a number that is equal for equal commands, whatever is done with them."""
    kind = act[0]
    act[0] = EXECUTE
    mark = fingerprint(act)
    act[0] = kind
    return mark


@shared
def forget_task(seat: Seat, keep_venue: bool) -> None:
    """Forget what was said of a task that is over; what is offered stays open to questions."""
    rules, dialogue, features = seat.rules, seat.dialogue, seat.features
    rows, car = seat.rows, seat.car
    for slot in range(rules.slots):
        forget_slot(rules, dialogue, features, slot)
    if not keep_venue:
        forget_slot(rules, dialogue, features, rules.slots)
        dialogue.last_offered = -1
        dialogue.offer_made = False
        for slot in range(rules.requestables):
            features[rules.requested + slot] = 0.0
    rows[OFFERED, :] = np.uint64(0)
    dialogue.alternatives_asked = False
    for method in range(len(METHODS)):
        features[rules.method + method] = 1.0 if method == NONE else 0.0
    car.confirmed = np.uint64(0)
    car.tasks += 1


@shared
def forget_slot(rules: Record, dialogue: Record, features: Features, slot: int) -> None:
    """Believe again that nothing was said of a slot."""
    start = rules.slot_belief[slot]
    stop = start + rules.slot_values[slot]
    for place in range(start, stop + 2):
        features[place] = 0.0
    features[stop] = 1.0
    dialogue.best[slot, 0] = dialogue.best[slot, 1] = NO_VALUE


@shared
def show(seat: Seat, mask: NDArray[np.int8]) -> None:
    """Judge the command, and write features and mask for the moment as it is."""
    tables, dialogue, car = seat.tables, seat.dialogue, seat.car
    moment = tables.road[row_after(car, 0.0)]
    consider(seat, moment, dialogue.draft)
    write_car_features(seat, moment)
    write_car_mask(seat, mask)


@shared
def consider(seat: Seat, moment: Record, act: Act) -> None:
    """Judge the command as it is believed: complete, lacking, or unsafe; `act` is work space."""
    tables, car = seat.tables, seat.car
    car.ready = car.lacking = False
    car.safety = SAFE
    if car.believed < 0:
        return
    act[0], act[1] = EXECUTE, 0
    car.ready = write_command(seat, act)
    car.lacking = is_missing(tables.functions[car.believed], act)
    car.safety = safety(tables, car, moment, car.believed, act)
    if car.safety == NEEDS_CONFIRMATION and car.confirmed == command_mark(act):
        car.safety = SAFE
