"""What the assistant believes: PyDial's *focus* tracker over the N-best list.

Each slot keeps its old distribution in the share of the turn that said nothing about it, and
takes the rest from what was heard. Denials never take mass away from the denied value.
"""

import numpy as np

from rlkit.compiled import shared
from rlkit.envs.cabin.assistant.matching import CERTAIN, belief_index, best_mass
from rlkit.envs.cabin.state.acts import (
    ACK,
    AFFIRM,
    BYE,
    CONFIRM,
    DENY,
    DONTCARE,
    HELLO,
    INFORM,
    MAX_ITEMS,
    NEGATE,
    NO_SLOT,
    NO_VALUE,
    NULL,
    REPEAT,
    REQALTS,
    REQUEST,
    THANKYOU,
    Act,
)
from rlkit.envs.cabin.state.record import (
    BYALTERNATIVES,
    BYCONSTRAINTS,
    BYNAME,
    DISCOURSE,
    DISCOURSE_ACK,
    DISCOURSE_HELLO,
    DISCOURSE_NONE,
    DISCOURSE_REPEAT,
    DISCOURSE_THANKYOU,
    FINISHED,
    METHODS,
    NONE,
    SILENCE,
)
from rlkit.envs.cabin.state.tables import Features, Record


@shared
def forget_all(rules: Record, dialogue: Record, features: Features) -> None:
    """Set the beliefs of a dialogue's beginning: nothing was said about anything."""
    features[:] = 0.0
    for slot in range(rules.slots + 1):
        features[rules.slot_belief[slot] + rules.slot_values[slot]] = 1.0
        dialogue.best[slot, 0] = NO_VALUE
        dialogue.best[slot, 1] = NO_VALUE
    features[rules.method + NONE] = 1.0
    features[rules.discourse + DISCOURSE_NONE] = 1.0


@shared
def believe(rules: Record, dialogue: Record, features: Features) -> None:
    """Update every belief with the hypotheses of this turn."""
    interpret(rules, dialogue)
    update_slots(rules, dialogue, features)
    update_method(rules, dialogue, features)
    update_requested(rules, dialogue, features)
    update_discourse(rules, dialogue, features)
    dialogue.method = decided_method(features[rules.method : rules.method + len(METHODS)])
    polite = max(
        features[rules.discourse + DISCOURSE_THANKYOU], features[rules.discourse + DISCOURSE_ACK]
    )
    if dialogue.method == BYALTERNATIVES and polite <= CERTAIN:
        dialogue.alternatives_asked = True
    features[rules.last_acts] = 1.0 if dialogue.last_was_no_venue else 0.0
    features[rules.last_acts + 1] = 1.0 if dialogue.last_was_offer else 0.0


@shared
def interpret(rules: Record, dialogue: Record) -> None:
    """Note what each hypothesis says about which slot; of two values for one the last counts."""
    for rank in range(dialogue.heard_count):
        act = dialogue.heard[rank]
        count = informed_count(rules, dialogue.system, act)
        dialogue.told_count[rank] = count
        for item in range(count):
            slot, value = informed(rules, dialogue.system, act, item)
            dialogue.told_slots[rank, item] = slot
            dialogue.told_values[rank, item] = value
            for earlier in range(item):
                if dialogue.told_slots[rank, earlier] == slot:
                    dialogue.told_slots[rank, earlier] = NO_SLOT


@shared
def update_slots(rules: Record, dialogue: Record, features: Features) -> None:
    """Focus update of the slots and the name."""
    evidence = dialogue.evidence
    for slot in range(rules.slots + 1):
        evidence[slot] = 0.0
    for rank in range(dialogue.heard_count):
        for item in range(dialogue.told_count[rank]):
            slot = dialogue.told_slots[rank, item]
            if slot >= 0:
                evidence[slot] += dialogue.confidence[rank]
    for slot in range(rules.slots + 1):
        if evidence[slot] > 0.0:
            fade(rules, features, slot, np.float32(max(1.0 - evidence[slot], 0.0)))
    for rank in range(dialogue.heard_count):
        for item in range(dialogue.told_count[rank]):
            slot = dialogue.told_slots[rank, item]
            if slot >= 0:
                value = dialogue.told_values[rank, item]
                place = belief_index(rules, slot, value)
                mass = features[place] + dialogue.confidence[rank]
                features[place] = min(mass, 1.0)  # rounding must not lead out of [0, 1]
                promote(rules, dialogue, features, slot, value)


@shared
def any_slot_told(rules: Record, dialogue: Record) -> bool:
    """Return whether the last turn changed any belief that the data base is searched with."""
    for slot in range(rules.slots):  # noqa: SIM110 (kernels have no any() and all())
        if dialogue.evidence[slot] > 0.0:
            return True
    return False


@shared
def fade(rules: Record, features: Features, slot: int, kept: np.float32) -> None:
    """Multiply the distribution of a slot by what is kept of it."""
    start = rules.slot_belief[slot]
    for place in range(start, start + rules.slot_values[slot] + 2):
        features[place] *= kept


@shared
def promote(rules: Record, dialogue: Record, features: Features, slot: int, value: int) -> None:
    """Keep the two most believed values right after the mass of one has grown.

    Fading leaves their order alone, so no other value can have come to the front.
    """
    best = dialogue.best[slot]
    if value == best[0]:
        return
    mass = features[belief_index(rules, slot, value)]
    if mass > best_mass(rules, dialogue, features, slot, 0):
        best[1] = best[0]
        best[0] = value
    elif value != best[1] and mass > best_mass(rules, dialogue, features, slot, 1):
        best[1] = value


@shared
def informed_count(rules: Record, system: Act, act: Act) -> int:
    """Return how many items of an act `informed` can tell; some may tell nothing."""
    kind = act[0]
    if kind == AFFIRM and system[0] == CONFIRM:  # the yes itself says what was confirmed
        return min(int(act[1]) + int(system[1]), MAX_ITEMS + 1)
    if kind in (AFFIRM, NEGATE) and act[1] == 0:
        binary = system[0] == REQUEST and rules.slot_yes[system[2]] != NO_VALUE
        return 1 if binary else 0
    if kind == DENY:
        return 1 if act[1] == 2 else 0
    if kind in (INFORM, HELLO, REQALTS, AFFIRM, NEGATE, REQUEST):
        return int(act[1])
    return 0


@shared
def informed(rules: Record, system: Act, act: Act, item: int) -> tuple[int, int]:
    """Return the slot and value that item `item` of an act informs, slot `NO_SLOT` for none."""
    kind = act[0]
    if kind == AFFIRM and item >= act[1] and system[0] == CONFIRM:
        item -= act[1]
        return system[2 + 2 * item], system[3 + 2 * item]
    if act[1] == 0:  # a bare yes or no to a yes/no question
        yes, no = rules.slot_yes[system[2]], rules.slot_no[system[2]]
        return system[2], yes if kind == AFFIRM else no
    if kind == DENY:
        if DONTCARE in (act[3], act[5]):
            return NO_SLOT, NO_VALUE
        item = 1
    slot, value = act[2 + 2 * item], act[3 + 2 * item]
    if slot == NO_SLOT and value == DONTCARE and system[0] in (REQUEST, CONFIRM):
        slot = system[2]
    if slot > rules.slots or value == NO_VALUE:
        return NO_SLOT, NO_VALUE
    return slot, value


@shared
def update_method(rules: Record, dialogue: Record, features: Features) -> None:
    """Update what kind of search the driver is on; *none* keeps the old mass."""
    told = dialogue.method_evidence
    told[:] = 0.0
    told[NONE] = dialogue.null_confidence
    for rank in range(dialogue.heard_count):
        told[method_of(rules, dialogue, rank)] += dialogue.confidence[rank]
    total = features[rules.method + NONE]
    for method in range(1, len(METHODS)):
        mass = features[rules.method + method] * told[NONE] + told[method]
        features[rules.method + method] = mass
        total += mass
    for method in range(len(METHODS)):
        features[rules.method + method] /= total


@shared
def method_of(rules: Record, dialogue: Record, rank: int) -> int:
    """Return the kind of search that a hypothesis is about."""
    act = dialogue.heard[rank]
    kind = act[0]
    if kind == REQALTS:
        return BYALTERNATIVES
    if kind == BYE:
        return FINISHED
    if kind in (REQUEST, CONFIRM):
        return BYNAME if dialogue.offer_made and not confirms_no_constraint(rules, act) else NONE
    if kind not in (INFORM, HELLO, AFFIRM, NEGATE, DENY):
        return NONE
    method = NONE
    for item in range(dialogue.told_count[rank]):
        slot = dialogue.told_slots[rank, item]
        if slot == rules.slots:
            return BYNAME
        if slot >= 0:
            method = BYCONSTRAINTS
    return method


@shared
def confirms_no_constraint(rules: Record, act: Act) -> bool:
    """Return whether an act asks whether something holds that is no constraint."""
    return bool(act[0] == CONFIRM and not 0 <= act[2] <= rules.slots)


@shared
def decided_method(masses: Features) -> int:
    """Return the method to act on: the largest other than *none*, however small.

    *Finished* must be more likely than not; with nothing at all it is *byconstraints*.
    """
    method, highest = BYCONSTRAINTS, 0.0
    for candidate in range(1, len(METHODS)):
        mass = masses[candidate]
        if mass > highest and (candidate != FINISHED or mass > CERTAIN):
            method, highest = candidate, mass
    return method


@shared
def update_requested(rules: Record, dialogue: Record, features: Features) -> None:
    """Clear what the assistant has just stated, but the name; add what the driver asks for."""
    start = rules.requested
    masses = features[start : start + rules.requestables]
    system = dialogue.system
    if system[0] == INFORM:
        for item in range(system[1]):
            if system[2 + 2 * item] != rules.slots:
                masses[system[2 + 2 * item]] = 0.0
    for rank in range(dialogue.heard_count):
        act = dialogue.heard[rank]
        if act[0] not in (REQUEST, CONFIRM) or confirms_no_constraint(rules, act):
            continue
        for item in range(act[1]):
            slot = act[2 + 2 * item]
            asks = act[0] == CONFIRM or act[3 + 2 * item] == NO_VALUE
            if slot >= 0 and asks:
                masses[slot] = min(masses[slot] + dialogue.confidence[rank], 1.0)


@shared
def update_discourse(rules: Record, dialogue: Record, features: Features) -> None:
    """Tell what the turn was besides its content; nothing is kept from earlier turns."""
    start = rules.discourse
    masses = features[start : start + len(DISCOURSE)]
    masses[:] = 0.0
    masses[DISCOURSE_NONE] = dialogue.null_confidence
    for rank in range(dialogue.heard_count):
        act = discourse_of(dialogue.heard[rank, 0])
        masses[act] = min(masses[act] + dialogue.confidence[rank], 1.0)


@shared
def discourse_of(kind: int) -> int:
    """Return the discourse feature of an act type."""
    if kind == ACK:
        return DISCOURSE_ACK
    if kind == HELLO:
        return DISCOURSE_HELLO
    if kind == REPEAT:
        return DISCOURSE_REPEAT
    if kind == THANKYOU:
        return DISCOURSE_THANKYOU
    if kind == NULL:
        return SILENCE
    return DISCOURSE_NONE
