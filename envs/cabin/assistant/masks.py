"""Which acts make sense now: the masks of PyDial's summary acts."""

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import shared
from rlkit.envs.cabin.assistant.belief import CERTAIN
from rlkit.envs.cabin.assistant.matching import best_mass, none_mass
from rlkit.envs.cabin.state.acts import (
    DO_BYE,
    DO_CONFIRM,
    DO_INFORM,
    DO_INFORM_ALTERNATIVES,
    DO_INFORM_BYNAME,
    DO_REPEAT,
    DO_REQMORE,
    DO_REQUEST,
    DO_RESTART,
    DO_SELECT,
)
from rlkit.envs.cabin.state.record import BYCONSTRAINTS, BYNAME, FINISHED
from rlkit.envs.cabin.state.sets import ONE
from rlkit.envs.cabin.state.tables import Features, Record

ENOUGH_SLOTS = 4
"""Accepted slots with which an offer is always sensible (PyDial)."""


@shared
def write_mask(rules: Record, dialogue: Record, features: Features, mask: NDArray[np.int8]) -> None:
    """Write 1 for every legal act, else 0."""
    first = 0
    if rules.masks:
        first = write_slot_masks(rules, dialogue, features, mask)
        for slot in range(rules.slots):
            mask[3 * slot] = 1  # asking is always legal
    for action in range(first, rules.actions):
        mask[action] = 1 if is_legal(rules, dialogue, features, action) else 0


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
        known = best_mass(rules, dialogue, features, slot, 0) > 0.0
        mask[3 * slot] = 1 if (dialogue.relevant >> np.uint64(slot)) & ONE != np.uint64(0) else 0
        mask[3 * slot + 1] = 1 if known else 0
        other = known and best_mass(rules, dialogue, features, slot, 1) > 0.0
        mask[3 * slot + 2] = 1 if other else 0
    return 3 * int(rules.slots)


@shared
def is_legal(rules: Record, dialogue: Record, features: Features, action: int) -> bool:
    """Return whether the act is legal: without masks all but *repeat* and *restart* are."""
    kind = rules.action_kind[action]
    if kind in (DO_REPEAT, DO_RESTART):
        return False
    if not rules.masks:
        return True
    return sensible(rules, dialogue, features, kind, rules.action_slot[action])


@shared
def sensible(  # noqa: PLR0911 (a return a kind of act)
    rules: Record, dialogue: Record, features: Features, kind: int, slot: int
) -> bool:
    """Return whether an act makes sense, given what is believed."""
    if kind == DO_REQUEST:
        return True
    if kind == DO_CONFIRM:
        return best_mass(rules, dialogue, features, slot, 0) > 0.0
    if kind == DO_SELECT:
        return best_mass(rules, dialogue, features, slot, 1) > 0.0
    if kind == DO_INFORM:
        enough = dialogue.accepted >= ENOUGH_SLOTS or not dialogue.discriminable
        return dialogue.method == BYCONSTRAINTS and enough
    if kind == DO_INFORM_BYNAME:
        named = best_mass(rules, dialogue, features, rules.slots, 0) > none_mass(
            rules, features, rules.slots
        )
        return dialogue.method == BYNAME and (dialogue.offer_made or named)
    if kind == DO_INFORM_ALTERNATIVES:
        return bool(dialogue.alternatives_asked and dialogue.offer_made)
    if kind == DO_BYE:
        return bool(features[rules.method + FINISHED] > CERTAIN)
    return kind == DO_REQMORE and dialogue.offer_made
