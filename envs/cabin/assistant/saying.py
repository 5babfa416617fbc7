"""What the assistant says: a summary act is filled from the beliefs and the data base."""

import numpy as np

from rlkit.compiled import shared
from rlkit.envs.cabin.assistant.matching import (
    CERTAIN,
    accepts,
    best_mass,
    is_settled,
    names_venue,
)
from rlkit.envs.cabin.state.acts import (
    BYE,
    CONFIRM,
    DO_BYE,
    DO_CONFIRM,
    DO_INFORM,
    DO_INFORM_ALTERNATIVES,
    DO_INFORM_BYNAME,
    DO_REQMORE,
    DO_REQUEST,
    DO_SELECT,
    DONTCARE,
    INFORM,
    NO_OTHER_VENUE,
    NO_VALUE,
    NO_VENUE,
    NULL,
    REQMORE,
    REQUEST,
    SELECT,
    Act,
    add_item,
)
from rlkit.envs.cabin.state.draws import pick
from rlkit.envs.cabin.state.record import MATCHING, OFFERED, Seat
from rlkit.envs.cabin.state.sets import ONE, add_row, first_row_outside, has_row
from rlkit.envs.cabin.state.tables import Cells, Features, Record, Words
from rlkit.randomness import scramble

MOST_STATED = 5
"""Slots stated in one offer or answer (PyDial)."""


@shared
def say(seat: Seat, action: int) -> bool:
    """Write the assistant's act, and return whether it says exactly what it said before.

    An act that cannot be filled, such as confirming a slot without any value, is *null*.
    """
    rules, dialogue = seat.rules, seat.dialogue
    begin_act(dialogue)
    if action >= 0:
        kind, slot = rules.action_kind[action], rules.action_slot[action]
        fill_act(seat, kind, slot)
    return remember_act(dialogue)


@shared
def begin_act(dialogue: Record) -> None:
    """Make the assistant's act *null*, to be filled."""
    dialogue.system[0], dialogue.system[1] = NULL, 0
    dialogue.last_was_no_venue = False
    dialogue.last_was_offer = False


@shared
def remember_act(dialogue: Record) -> bool:
    """Note what was said; return whether it is what was said before, or nothing."""
    before = dialogue.last_act
    dialogue.last_act = fingerprint(dialogue.system)
    return bool(dialogue.last_act == before or dialogue.system[0] == NULL)


@shared
def fill_act(seat: Seat, kind: int, slot: int) -> None:
    """Fill a summary act with slots and values."""
    rules, dialogue, features = seat.rules, seat.dialogue, seat.features
    act = dialogue.system
    if kind == DO_REQUEST:
        act[0] = REQUEST
        add_item(act, slot, NO_VALUE)
    elif kind == DO_CONFIRM:
        name_best(rules, dialogue, features, CONFIRM, slot, 1)
    elif kind == DO_SELECT:
        name_best(rules, dialogue, features, SELECT, slot, 2)
    elif kind == DO_REQMORE:
        act[0] = REQMORE
    elif kind == DO_BYE:
        act[0] = BYE
    elif rules.venues == 0:
        return  # a car without places has nothing to tell
    elif kind == DO_INFORM:
        offer_match(seat)
    elif kind == DO_INFORM_BYNAME:
        answer(seat)
    elif kind == DO_INFORM_ALTERNATIVES:
        dialogue.alternatives_asked = False
        offer_alternative(seat)


@shared
def name_best(
    rules: Record, dialogue: Record, features: Features, kind: int, slot: int, count: int
) -> None:
    """Confirm the best value, or offer the choice of the two best, if there are as many."""
    act = dialogue.system
    if best_mass(rules, dialogue, features, slot, count - 1) <= 0.0:
        return
    act[0] = kind
    for rank in range(count):
        add_item(act, slot, dialogue.best[slot, rank])


@shared
def offer_match(seat: Seat) -> None:
    """Offer the last venue again if it still matches, else the first match, or say "none".

    PyDial's rules always offer the first match.
    """
    rules, dialogue, rows = seat.rules, seat.dialogue, seat.rows
    last, again = dialogue.last_offered, not dialogue.by_rules
    if dialogue.matches == 0:
        say_no_venue(seat, NO_VENUE)
    elif again and last >= 0 and has_row(rows[MATCHING], last):
        offer(seat, dialogue.last_offered)
    elif dialogue.constrained == 0:
        offer(seat, pick(dialogue, rules.venues))
    else:
        offer(seat, dialogue.first_match)


@shared
def offer_alternative(seat: Seat) -> None:
    """Offer the first match that was not offered yet, or say that there is no other."""
    dialogue, rows = seat.dialogue, seat.rows
    if dialogue.matches == 0:
        say_no_venue(seat, NO_VENUE)
        return
    venue = first_row_outside(rows[MATCHING], rows[OFFERED])
    if venue < 0:
        say_no_venue(seat, NO_OTHER_VENUE)
    else:
        offer(seat, venue)


@shared
def offer(seat: Seat, venue: int) -> None:
    """State a venue and what it has in the accepted slots, five of them at random if more."""
    tables, rules, dialogue = seat.tables, seat.rules, seat.dialogue
    features, rows = seat.features, seat.rows
    act = dialogue.system
    name_venue(rules, dialogue, rows, venue)
    left = dialogue.accepted
    room = MOST_STATED
    for slot in range(rules.slots):
        if not accepts(rules, dialogue, features, slot):
            continue
        if left <= room or pick(dialogue, left) < room:  # sampling without replacement
            room -= 1
            if tables.venues[venue, slot] != NO_VALUE:
                add_item(act, slot, tables.venues[venue, slot])
        left -= 1


@shared
def name_venue(rules: Record, dialogue: Record, rows: Words, venue: int) -> None:
    """Begin an act that names a venue."""
    act = dialogue.system
    act[0] = INFORM
    add_item(act, rules.slots, venue)
    dialogue.last_offered = venue
    dialogue.offer_made = True
    dialogue.last_was_offer = True
    add_row(rows[OFFERED], venue)


@shared
def say_no_venue(seat: Seat, kind: int) -> None:
    """Say that nothing matches the accepted values, or nothing but what was offered."""
    rules, dialogue, features, rows = seat.rules, seat.dialogue, seat.features, seat.rows
    act = dialogue.system
    act[0] = kind
    for slot in range(rules.slots):
        if accepts(rules, dialogue, features, slot):
            value = dialogue.best[slot, 0]
            if value != DONTCARE or kind == NO_OTHER_VENUE:
                add_item(act, slot, value)
    dialogue.last_was_no_venue = True
    rows[OFFERED, :] = np.uint64(0)


@shared
def answer(seat: Seat) -> None:
    """State what was asked about a venue; without a question one attribute at random."""
    tables, rules, dialogue = seat.tables, seat.rules, seat.dialogue
    features, rows = seat.features, seat.rows
    act = dialogue.system
    name_venue(rules, dialogue, rows, venue_in_question(rules, dialogue, features))
    venue = dialogue.last_offered
    for slot in range(rules.requestables):
        asked = features[rules.requested + slot] > CERTAIN
        if asked and slot != rules.slots and act[1] <= MOST_STATED:
            add_item(act, slot, stated_value(rules, tables.venues, venue, slot))
    if act[1] == 1 and features[rules.requested + rules.slots] <= CERTAIN:
        slot = pick(dialogue, rules.requestables - 1)
        slot += 1 if slot >= rules.slots else 0
        add_item(act, slot, stated_value(rules, tables.venues, venue, slot))


@shared
def venue_in_question(rules: Record, dialogue: Record, features: Features) -> int:
    """Return the venue that was named, else the last one offered, else any.

    PyDial's rules take it as named only where nothing is left to ask about it.
    """
    named = names_venue(rules, dialogue, features)
    if dialogue.by_rules:
        named = is_settled(rules, dialogue, features, rules.slots)
    if named:
        value = dialogue.best[rules.slots, 0]
        if value >= 0:
            return int(value)
    if dialogue.last_offered >= 0:
        return int(dialogue.last_offered)
    return pick(dialogue, rules.venues)


@shared
def stated_value(rules: Record, venues: Cells, venue: int, slot: int) -> int:
    """Return the venue's value of a slot; what only the driver asks has no number."""
    if slot < rules.slots:
        return int(venues[venue, slot])
    return NO_VALUE


@shared
def fingerprint(act: Act) -> np.uint64:
    """Return a number that is equal for acts of equal type and set of items."""
    total = np.uint64(0)
    for item in range(act[1]):
        slot = np.uint64(act[2 + 2 * item] + 8)
        value = np.uint64(act[3 + 2 * item] + 8)
        total += scramble(np.uint64((slot << np.uint64(32)) | value) + ONE)
    mixed: np.uint64 = scramble(total ^ np.uint64(act[0] + 1))
    return mixed
