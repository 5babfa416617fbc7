"""The handcrafted policy of PyDial, as a kernel over the simulator's state."""

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import lean, shared
from rlkit.envs.cabin.assistant.belief import CERTAIN
from rlkit.envs.cabin.assistant.masks import knows_venue
from rlkit.envs.cabin.assistant.matching import best_mass
from rlkit.envs.cabin.state.acts import (
    DO_BYE,
    DO_CONFIRM,
    DO_INFORM,
    DO_INFORM_ALTERNATIVES,
    DO_INFORM_BYNAME,
    DO_REQMORE,
    DO_REQUEST,
    DO_SELECT,
)
from rlkit.envs.cabin.state.record import (
    BYALTERNATIVES,
    BYCONSTRAINTS,
    BYNAME,
    DISCOURSE_ACK,
    DISCOURSE_THANKYOU,
    FINISHED,
    State,
)
from rlkit.envs.cabin.state.tables import Features, Record, Tables

SETTLED = 0.8
"""Mass at which a slot is neither confirmed nor requested any more (PyDial)."""
LIKELY = 0.6
"""Mass above which the best value is confirmed whatever the second one is (PyDial)."""
POSSIBLE = 0.3
"""Mass above which the best value is worth a question (PyDial)."""
MARGIN = 0.2
"""Lead over the second value below which both are offered for choice (PyDial)."""
MANY_SLOTS = 3
"""With more accepted slots than these a venue is offered at once (PyDial)."""


@shared
def go_on(rules: Record, dialogue: Record, features: Features) -> tuple[int, int]:
    """Return the act when all that was heard is clear: answer, offer, ask, or "anything else?"."""
    if dialogue.matches <= 1 or not dialogue.discriminable:
        if dialogue.last_was_offer and asks(rules, features):
            return DO_INFORM_BYNAME, -1
        return DO_INFORM, -1
    for place in range(rules.slots):
        slot = rules.slot_alphabetical[place]
        if best_mass(rules, dialogue, features, slot, 0) < SETTLED:
            return DO_REQUEST, slot
    return DO_REQMORE, -1


@shared
def clarify(rules: Record, dialogue: Record, features: Features) -> tuple[int, int]:
    """Return the question about the first slot, in alphabetical order, that is half understood."""
    for place in range(rules.slots):
        slot = rules.slot_alphabetical[place]
        first = best_mass(rules, dialogue, features, slot, 0)
        if not POSSIBLE < first < SETTLED:
            continue
        if first > LIKELY or first - best_mass(rules, dialogue, features, slot, 1) >= MARGIN:
            return DO_CONFIRM, slot
        return DO_SELECT, slot
    return -1, -1


@shared
def asks(rules: Record, features: Features) -> bool:
    """Return whether a question of the driver is open."""
    for slot in range(rules.requestables):  # noqa: SIM110 (kernels have no any() and all())
        if features[rules.requested + slot] > CERTAIN:
            return True
    return False


@shared
def choose(  # noqa: PLR0911 (a return a rule)
    rules: Record, dialogue: Record, features: Features
) -> tuple[int, int]:
    """Return the summary act and its slot (-1 for none); the first rule that applies."""
    if dialogue.method == BYCONSTRAINTS and dialogue.accepted > MANY_SLOTS:
        return DO_INFORM, -1
    if dialogue.method == BYALTERNATIVES:
        return DO_INFORM_ALTERNATIVES, -1
    if dialogue.method == BYNAME and knows_venue(rules, dialogue, features):
        return DO_INFORM_BYNAME, -1
    if dialogue.method == FINISHED:
        return DO_BYE, -1
    thanks = max(
        features[rules.discourse + DISCOURSE_THANKYOU], features[rules.discourse + DISCOURSE_ACK]
    )
    if thanks > CERTAIN and dialogue.offer_made and dialogue.method == BYCONSTRAINTS:
        return DO_REQMORE, -1
    kind, slot = clarify(rules, dialogue, features)
    if kind >= 0:
        return kind, slot
    return go_on(rules, dialogue, features)


@shared
def would_take(rules: Record, dialogue: Record, features: Features, action: int) -> bool:
    """Return whether these rules would take the act now; they know no masks."""
    kind, slot = choose(rules, dialogue, features)
    return bool(rules.action_kind[action] == kind and rules.action_slot[action] == slot)


@lean
def choose_many(
    tables: Tables, state: State, actions: NDArray[np.int64], start: int, stop: int
) -> None:
    """Write the handcrafted action of the environments `start` ... `stop - 1`."""
    rules = tables.rules[0]
    for i in range(start, stop):
        kind, slot = choose(rules, state.record[i], state.belief[i])
        for action in range(rules.actions):
            if rules.action_kind[action] == kind and rules.action_slot[action] == slot:
                actions[i] = action
