"""Which acts make sense now: the masks of PyDial's summary acts, and of the acts in a car."""

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import inlined, shared
from rlkit.envs.cabin.assistant.matching import CERTAIN, best_mass, is_relevant, names_venue
from rlkit.envs.cabin.car.vehicle import SAFE, seeks_place
from rlkit.envs.cabin.state.acts import (
    DO_BYE,
    DO_CONFIRM,
    DO_CONFIRM_FUNCTION,
    DO_EXECUTE,
    DO_INFORM,
    DO_INFORM_ALTERNATIVES,
    DO_INFORM_BYNAME,
    DO_QUIET,
    DO_REFUSE,
    DO_REPEAT,
    DO_REQMORE,
    DO_REQUEST,
    DO_RESTART,
    DO_SELECT,
)
from rlkit.envs.cabin.state.record import BYCONSTRAINTS, BYNAME, FINISHED, Seat
from rlkit.envs.cabin.state.tables import Features, Record

ENOUGH_SLOTS = 4
"""Accepted slots with which an offer is always sensible (PyDial)."""


@shared
def write_mask(rules: Record, dialogue: Record, features: Features, mask: NDArray[np.int8]) -> None:
    """Write 1 for every legal act, else 0."""
    first = write_slot_masks(rules, dialogue, features, mask) if rules.masks else 0
    for action in range(first, rules.actions):
        mask[action] = 1 if is_legal(rules, dialogue, features, action) else 0


@shared
def write_car_mask(seat: Seat, mask: NDArray[np.int8]) -> None:
    """Write 1 for every act that is legal in a car, else 0."""
    tables, rules, dialogue = seat.tables, seat.rules, seat.dialogue
    features, car = seat.features, seat.car
    if not rules.masks:
        mask[:] = 1
        return
    place = seeks_place(tables, car)
    first = write_slot_masks(rules, dialogue, features, mask)
    for action in range(first, rules.actions):
        kind, number = rules.action_kind[action], rules.action_slot[action]
        sensible = makes_sense_in_car(seat, place, kind, number)
        mask[action] = 1 if sensible else 0


@shared
def write_slot_masks(
    rules: Record, dialogue: Record, features: Features, mask: NDArray[np.int8]
) -> int:
    """Write for each slot whether asking, confirming and selecting make sense.

    These are the first acts of every catalogue, three a slot (`acts.slot_actions`), and most of
    them; one loop over the slots is several times faster than one over the acts.

    Returns:
        The number of the first act after them.
    """
    for slot in range(rules.slots):
        mask[3 * slot] = 1 if is_relevant(dialogue, slot) else 0
        known = was_heard(rules, dialogue, features, slot, 0)
        mask[3 * slot + 1] = 1 if known else 0
        mask[3 * slot + 2] = 1 if known and was_heard(rules, dialogue, features, slot, 1) else 0
    return 3 * int(rules.slots)


@shared
def is_legal(rules: Record, dialogue: Record, features: Features, action: int) -> bool:
    """Return whether the act is legal: without masks all but *repeat* and *restart* are."""
    kind = rules.action_kind[action]
    if kind in (DO_REPEAT, DO_RESTART):
        return False
    if not rules.masks:
        return True
    return makes_sense(rules, dialogue, features, kind, rules.action_slot[action])


@shared
def is_legal_in_car(seat: Seat, action: int) -> bool:
    """Return whether the act is legal in a car: without masks all are."""
    tables, rules, car = seat.tables, seat.rules, seat.car
    if not rules.masks:
        return True
    kind, number = rules.action_kind[action], rules.action_slot[action]
    place = seeks_place(tables, car)
    return makes_sense_in_car(seat, place, kind, number)


@shared
def makes_sense(rules: Record, dialogue: Record, features: Features, kind: int, slot: int) -> bool:
    """Return whether a summary act makes sense, given what is believed."""
    if kind in (DO_REQUEST, DO_CONFIRM, DO_SELECT):
        return slot_act_makes_sense(rules, dialogue, features, kind, slot)
    if kind == DO_INFORM:
        enough = dialogue.accepted >= ENOUGH_SLOTS or not dialogue.discriminable
        return bool(dialogue.method == BYCONSTRAINTS and enough)
    if kind == DO_INFORM_BYNAME:
        return dialogue.method == BYNAME and knows_venue(rules, dialogue, features)
    if kind == DO_INFORM_ALTERNATIVES:
        return wants_alternative(dialogue)
    if kind == DO_BYE:
        return bool(features[rules.method + FINISHED] > CERTAIN)
    return bool(kind == DO_REQMORE and dialogue.offer_made)


@inlined
def makes_sense_in_car(seat: Seat, place: bool, kind: int, number: int) -> bool:
    """Return whether an act about a slot or function makes sense, given what is believed.

    `place` says whether a place is looked for. Waiting and handing over always make sense.
    """
    rules, dialogue, features, car = seat.rules, seat.dialogue, seat.features, seat.car
    if kind in (DO_REQUEST, DO_CONFIRM, DO_SELECT):
        return slot_act_makes_sense(rules, dialogue, features, kind, number)
    if kind in (DO_CONFIRM_FUNCTION, DO_EXECUTE, DO_REFUSE):
        return command_act_makes_sense(car, kind, number)
    if kind in (DO_INFORM, DO_INFORM_ALTERNATIVES, DO_INFORM_BYNAME):
        return place_act_makes_sense(rules, dialogue, features, kind, place)
    if kind == DO_REPEAT:
        return bool(dialogue.turn > 0)
    if kind == DO_QUIET:
        return not car.quieted
    return kind != DO_BYE or says_bye(dialogue)


@shared
def slot_act_makes_sense(
    rules: Record, dialogue: Record, features: Features, kind: int, slot: int
) -> bool:
    """Return whether asking for a slot, confirming it, or offering two values makes sense."""
    if kind == DO_REQUEST:
        return is_relevant(dialogue, slot)
    return was_heard(rules, dialogue, features, slot, 0 if kind == DO_CONFIRM else 1)


@shared
def command_act_makes_sense(car: Record, kind: int, number: int) -> bool:
    """Return whether reading back, executing or refusing the command makes sense."""
    if kind == DO_CONFIRM_FUNCTION:
        return bool(car.ready and number == car.believed)
    if kind == DO_EXECUTE:
        return bool(car.ready and not car.lacking and car.safety == SAFE)
    return bool(car.believed >= 0)


@shared
def place_act_makes_sense(
    rules: Record, dialogue: Record, features: Features, kind: int, place: bool
) -> bool:
    """Return whether an offer, an alternative or an answer makes sense."""
    if kind == DO_INFORM:
        return bool(place and dialogue.constrained > 0)
    if kind == DO_INFORM_ALTERNATIVES:
        return bool(place and wants_alternative(dialogue))
    return knows_venue(rules, dialogue, features)


@shared
def was_heard(rules: Record, dialogue: Record, features: Features, slot: int, rank: int) -> bool:
    """Return whether anything was heard as the most (rank 0) or second most believed value."""
    return best_mass(rules, dialogue, features, slot, rank) > 0.0


@shared
def knows_venue(rules: Record, dialogue: Record, features: Features) -> bool:
    """Return whether there is a venue to tell of: one was offered, or the driver named one."""
    return bool(dialogue.offer_made or names_venue(rules, dialogue, features))


@shared
def wants_alternative(dialogue: Record) -> bool:
    """Return whether the driver asked for another venue than that offered."""
    return bool(dialogue.alternatives_asked and dialogue.offer_made)


@shared
def says_bye(dialogue: Record) -> bool:
    """Return whether the last utterance was more likely than not a good-bye."""
    return bool(dialogue.method_evidence[FINISHED] > CERTAIN)
