"""The data base as the assistant sees it: which venues match what it believes."""

import numpy as np

from rlkit.compiled import shared
from rlkit.envs.cabin.state.acts import DONTCARE, NO_VALUE
from rlkit.envs.cabin.state.record import MATCHING, Seat
from rlkit.envs.cabin.state.sets import ONE, count_rows, first_row
from rlkit.envs.cabin.state.tables import INFO_LEVELS, Cells, Features, Record, Words

CERTAIN = 0.5
"""Mass above which a request, a good-bye or a thank-you counts as made (PyDial)."""
SETTLED = 0.8
"""Mass at which a slot is neither confirmed nor requested any more (PyDial)."""


@shared
def belief_index(rules: Record, slot: int, value: int) -> int:
    """Return the feature that holds the mass of a value (or dontcare) of a slot or the name."""
    start = rules.slot_belief[slot]
    if value == DONTCARE:
        return int(start + rules.slot_values[slot] + 1)
    return int(start + value)


@shared
def none_mass(rules: Record, features: Features, slot: int) -> float:
    """Return the mass of "nothing was said about this slot"."""
    return float(features[rules.slot_belief[slot] + rules.slot_values[slot]])


@shared
def best_mass(rules: Record, dialogue: Record, features: Features, slot: int, rank: int) -> float:
    """Return the mass of the most (rank 0) or second most believed value, 0 if there is none."""
    value = dialogue.best[slot, rank]
    if value == NO_VALUE:
        return 0.0
    return float(features[belief_index(rules, slot, value)])


@shared
def names_venue(rules: Record, dialogue: Record, features: Features) -> bool:
    """Return whether the driver named a venue."""
    name = rules.slots
    return best_mass(rules, dialogue, features, name, 0) > none_mass(rules, features, name)


@shared
def is_settled(rules: Record, dialogue: Record, features: Features, slot: int) -> bool:
    """Return whether the best value of a slot is believed so much that nothing is left to ask."""
    return best_mass(rules, dialogue, features, slot, 0) >= SETTLED


@shared
def is_relevant(dialogue: Record, slot: int) -> bool:
    """Return whether the slot belongs to what the dialogue is about."""
    return bool((dialogue.relevant >> np.uint64(slot)) & ONE != np.uint64(0))


@shared
def accepts(rules: Record, dialogue: Record, features: Features, slot: int) -> bool:
    """Return whether the slot is relevant and its best value counts as known."""
    if not is_relevant(dialogue, slot):
        return False
    mass = best_mass(rules, dialogue, features, slot, 0)
    return mass > rules.slot_acceptance[slot] and mass > none_mass(rules, features, slot)


@shared
def find_matches(seat: Seat) -> None:
    """Match the data base with the accepted values, and write what it shows into the features.

    With the k = 1 ... 5 most certain accepted slots, five features say whether no venue matches,
    one, two to four, or more, and whether another slot would tell the matching ones apart.
    """
    tables, rules, dialogue = seat.tables, seat.rules, seat.dialogue
    features, rows = seat.features, seat.rows
    matching = rows[MATCHING]
    all_venues(rules.venues, matching)
    accepted = np.uint64(0)  # accepted slots not yet used
    for slot in range(rules.slots):
        if accepts(rules, dialogue, features, slot):
            accepted |= ONE << np.uint64(slot)
    dialogue.accepted = 0
    dialogue.constrained = 0
    dialogue.matches = rules.venues
    used = ~dialogue.relevant
    more = True
    level = 0
    while accepted != np.uint64(0) or level < INFO_LEVELS:
        if accepted != np.uint64(0):
            slot = most_certain(rules, dialogue, features, accepted)
            accepted &= ~(ONE << np.uint64(slot))
            used |= ONE << np.uint64(slot)
            dialogue.accepted += 1
            if dialogue.best[slot, 0] != DONTCARE:
                dialogue.constrained += 1
                keep_holders(rules, tables.holders, matching, slot, dialogue.best[slot, 0])
                dialogue.matches = count_rows(matching)
            more = True
        if more:
            dialogue.discriminable = differ(
                rules, tables.venues, tables.holders, matching, dialogue.matches, used
            )
            more = False
        if level < INFO_LEVELS:
            write_info(dialogue, features, rules.info + 5 * level)
        level += 1
    dialogue.first_match = first_row(matching)


@shared
def all_venues(count: int, rows: Words) -> None:
    """Put every venue into the set."""
    for word in range(len(rows)):
        left = count - 64 * word
        rows[word] = ~np.uint64(0) if left >= 64 else (ONE << np.uint64(left)) - ONE


@shared
def most_certain(rules: Record, dialogue: Record, features: Features, slots: np.uint64) -> int:
    """Return the slot of the set whose best value has the largest mass."""
    best, chosen = -1.0, -1
    for slot in range(rules.slots):
        if (slots >> np.uint64(slot)) & ONE != np.uint64(0):
            mass = best_mass(rules, dialogue, features, slot, 0)
            if mass > best:
                best, chosen = mass, slot
    return chosen


@shared
def keep_holders(rules: Record, holders: Words, rows: Words, slot: int, value: int) -> None:
    """Keep only the venues that hold the value."""
    kept = holders[rules.slot_first_value[slot] + value]
    for word in range(len(rows)):
        rows[word] &= kept[word]


@shared
def differ(
    rules: Record, venues: Cells, holders: Words, rows: Words, count: int, used: np.uint64
) -> bool:
    """Return whether two or more venues differ in a slot that is not settled yet."""
    if count < 2:
        return False
    first = first_row(rows)
    for slot in range(rules.slots):
        if (used >> np.uint64(slot)) & ONE != np.uint64(0):
            continue
        value = venues[first, slot]
        place = rules.slot_values[slot] if value == NO_VALUE else value
        same = holders[rules.slot_first_value[slot] + place]
        for word in range(len(rows)):
            if rows[word] & ~same[word] != np.uint64(0):
                return True
    return False


@shared
def write_info(dialogue: Record, features: Features, start: int) -> None:
    """Write the five features of one level."""
    matches = dialogue.matches
    features[start] = 1.0 if matches == 0 else 0.0
    features[start + 1] = 1.0 if matches == 1 else 0.0
    features[start + 2] = 1.0 if 2 <= matches <= 4 else 0.0
    features[start + 3] = 1.0 if matches > 4 else 0.0
    features[start + 4] = 1.0 if dialogue.discriminable else 0.0
