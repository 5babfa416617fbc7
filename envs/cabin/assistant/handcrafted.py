"""The handcrafted policy, as kernels over the simulator's state.

In the benchmark's dialogues it is PyDial's; on the road it has PyDial's rules for each function of
the car, and an eye on the road.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import lean, shared
from rlkit.envs.cabin.assistant.masks import says_bye, wants_alternative
from rlkit.envs.cabin.assistant.matching import CERTAIN, SETTLED, accepts, best_mass, is_settled
from rlkit.envs.cabin.car import laws
from rlkit.envs.cabin.car.vehicle import NEEDS_CONFIRMATION, UNSAFE, needs_slot
from rlkit.envs.cabin.state.acts import (
    DO_BYE,
    DO_CONFIRM,
    DO_CONFIRM_FUNCTION,
    DO_EXECUTE,
    DO_HAND_OVER,
    DO_INFORM,
    DO_INFORM_ALTERNATIVES,
    DO_INFORM_BYNAME,
    DO_QUIET,
    DO_REFUSE,
    DO_REQMORE,
    DO_REQUEST,
    DO_SELECT,
    DO_WAIT,
    NO_SLOT,
)
from rlkit.envs.cabin.state.record import (
    BYALTERNATIVES,
    BYCONSTRAINTS,
    BYNAME,
    DISCOURSE_ACK,
    DISCOURSE_THANKYOU,
    FINISHED,
    Seat,
    State,
)
from rlkit.envs.cabin.state.tables import Features, Record, Tables

LIKELY = 0.6
"""Mass above which the best value is confirmed whatever the second one is (PyDial)."""
POSSIBLE = 0.3
"""Mass above which the best value is worth a question (PyDial)."""
MARGIN = 0.2
"""Lead over the second value below which both are offered for choice (PyDial)."""
MANY_SLOTS = 3
"""With more accepted slots than these a venue is offered at once (PyDial)."""
LIKELY_ANSWER = 0.5
"""Probability of an answer below which it is better to wait."""
TOO_LOUD = 0.2
"""Error rate from which the cabin is quieted before listening."""
NO_ACT = -1
"""In the place of a kind of act: none is called for."""


@shared
def clarify(rules: Record, dialogue: Record, features: Features, slot: int) -> int:
    """Return the kind of question about a slot that is half understood, else `NO_ACT`."""
    first = best_mass(rules, dialogue, features, slot, 0)
    if not POSSIBLE < first < SETTLED:
        return NO_ACT
    if first > LIKELY or first - best_mass(rules, dialogue, features, slot, 1) >= MARGIN:
        return DO_CONFIRM
    return DO_SELECT


@shared
def clarify_first(
    rules: Record,
    dialogue: Record,
    features: Features,
    slots: NDArray[np.integer[Any]],
    count: int,
) -> tuple[int, int]:
    """Return the question about the first of `count` slots that is half understood, and the slot.

    Without one it is `NO_ACT` about no slot.
    """
    for place in range(count):
        slot = slots[place]
        kind = clarify(rules, dialogue, features, slot)
        if kind != NO_ACT:
            return kind, int(slot)
    return NO_ACT, NO_SLOT


@shared
def has_open_question(rules: Record, features: Features) -> bool:
    """Return whether a question of the driver is open."""
    for slot in range(rules.requestables):  # noqa: SIM110 (kernels have no any() and all())
        if features[rules.requested + slot] > CERTAIN:
            return True
    return False


@shared
def action_of(rules: Record, kind: int, number: int) -> int:
    """Return the action of a kind of act about a slot or function, -1 if there is none."""
    for action in range(rules.actions):
        if rules.action_kind[action] == kind and rules.action_slot[action] == number:
            return action
    return -1


# PyDial's rules


@shared
def follow(rules: Record, dialogue: Record, features: Features) -> int:
    """Return the act that the driver's way of talking calls for, whatever is half understood."""
    if dialogue.method == BYCONSTRAINTS and dialogue.accepted > MANY_SLOTS:
        return DO_INFORM
    if dialogue.method == BYALTERNATIVES:
        return DO_INFORM_ALTERNATIVES
    sure = dialogue.offer_made or is_settled(rules, dialogue, features, rules.slots)
    if dialogue.method == BYNAME and sure:
        return DO_INFORM_BYNAME
    if dialogue.method == FINISHED:
        return DO_BYE
    thanks = max(
        features[rules.discourse + DISCOURSE_THANKYOU], features[rules.discourse + DISCOURSE_ACK]
    )
    if thanks > CERTAIN and dialogue.offer_made and dialogue.method == BYCONSTRAINTS:
        return DO_REQMORE
    return NO_ACT


@shared
def go_on(rules: Record, dialogue: Record, features: Features) -> tuple[int, int]:
    """Return the act when all that was heard is clear: answer, offer, ask, or "anything else?"."""
    if dialogue.matches <= 1 or not dialogue.discriminable:
        if dialogue.last_was_offer and has_open_question(rules, features):
            return DO_INFORM_BYNAME, NO_SLOT
        return DO_INFORM, NO_SLOT
    for place in range(rules.slots):
        slot = rules.slot_alphabetical[place]
        if not is_settled(rules, dialogue, features, slot):
            return DO_REQUEST, int(slot)
    return DO_REQMORE, NO_SLOT


@shared
def choose(rules: Record, dialogue: Record, features: Features) -> tuple[int, int]:
    """Return the summary act and its slot; the first rule that applies."""
    kind = follow(rules, dialogue, features)
    if kind != NO_ACT:
        return kind, NO_SLOT
    alphabetical = rules.slot_alphabetical
    kind, slot = clarify_first(rules, dialogue, features, alphabetical, rules.slots)
    if kind != NO_ACT:
        return kind, slot
    return go_on(rules, dialogue, features)


@shared
def would_take(rules: Record, dialogue: Record, features: Features, action: int) -> bool:
    """Return whether these rules would take the act now; they know no masks."""
    kind, slot = choose(rules, dialogue, features)
    return bool(action_of(rules, kind, slot) == action)


@lean
def choose_many(
    tables: Tables, state: State, actions: NDArray[np.int64], start: int, stop: int
) -> None:
    """Write the handcrafted action of the environments `start` ... `stop - 1`."""
    rules = tables.rules[0]
    for i in range(start, stop):
        kind, slot = choose(rules, state.record[i], state.belief[i])
        actions[i] = action_of(rules, kind, slot)


# On the road


@shared
def find_place(seat: Seat, function: Record) -> tuple[int, int]:
    """Return the act that brings the driver to a place."""
    rules, dialogue, features, car = seat.rules, seat.dialogue, seat.features, seat.car
    if dialogue.offer_made and has_open_question(rules, features):
        return DO_INFORM_BYNAME, NO_SLOT
    if dialogue.method == BYALTERNATIVES and wants_alternative(dialogue):
        return DO_INFORM_ALTERNATIVES, NO_SLOT
    kind, slot = clarify_first(rules, dialogue, features, function.order, function.size)
    if kind != NO_ACT:
        return kind, slot
    if car.ready and dialogue.last_was_offer:
        return DO_EXECUTE, NO_SLOT
    known = dialogue.constrained - (0 if rules.function_slot == NO_SLOT else 1)
    if known == 0 and not accepts(rules, dialogue, features, function.order[0]):
        return DO_REQUEST, int(function.order[0])
    return DO_INFORM, NO_SLOT


@shared
def give_command(seat: Seat, function: Record) -> tuple[int, int]:
    """Return the act that completes a command, has it confirmed, or executes it."""
    rules, dialogue, features, car = seat.rules, seat.dialogue, seat.features, seat.car
    kind, slot = clarify_first(rules, dialogue, features, function.order, function.size)
    if kind != NO_ACT:
        return kind, slot
    if car.lacking or car.safety == UNSAFE:
        return DO_REFUSE, NO_SLOT
    if not car.ready:
        for place in range(function.size):
            slot = int(function.order[place])
            if needs_slot(function, dialogue.draft, slot) and (
                dialogue.best[slot, 0] < 0 or not is_settled(rules, dialogue, features, slot)
            ):
                return DO_REQUEST, slot
    if car.safety == NEEDS_CONFIRMATION:
        return DO_CONFIRM_FUNCTION, int(car.believed)
    return DO_EXECUTE, NO_SLOT


@shared
def find_function(rules: Record, dialogue: Record, features: Features) -> tuple[int, int]:
    """Return the act that brings out which function is meant."""
    if dialogue.method == BYNAME and dialogue.offer_made and has_open_question(rules, features):
        return DO_INFORM_BYNAME, NO_SLOT
    slot = rules.function_slot
    kind = clarify(rules, dialogue, features, slot)
    return (DO_REQUEST if kind == NO_ACT else kind), int(slot)


@shared
def do_task(seat: Seat) -> tuple[int, int]:
    """Return what the dialogue needs next, whatever the road is like."""
    tables, rules, dialogue = seat.tables, seat.rules, seat.dialogue
    features, car = seat.features, seat.car
    if says_bye(dialogue):
        return DO_BYE, NO_SLOT
    slot = rules.function_slot
    known = slot == NO_SLOT or is_settled(rules, dialogue, features, slot)
    if not known or car.believed < 0:
        return find_function(rules, dialogue, features)
    function = tables.functions[car.believed]
    if function.place:
        return find_place(seat, function)
    return give_command(seat, function)


@shared
def choose_in_car(seat: Seat, waits: bool, quiets: bool) -> tuple[int, int]:
    """Return the act: what the dialogue needs, unless the road or the noise speaks against it."""
    tables, dialogue, car = seat.tables, seat.dialogue, seat.car
    kind, number = do_task(seat)
    if kind in (DO_EXECUTE, DO_REFUSE, DO_BYE, DO_HAND_OVER):
        return kind, number
    if quiets and not car.quieted and dialogue.error_rate > TOO_LOUD:
        return DO_QUIET, NO_SLOT
    constants = tables.constants[0]
    demand = car.demand + constants.load_demand * car.load
    answers = laws.answer_probability(demand, constants.answer_midpoint, constants.answer_slope)
    if waits and answers < LIKELY_ANSWER:
        return DO_WAIT, NO_SLOT
    return kind, number


@lean
def choose_many_in_car(
    tables: Tables,
    state: State,
    actions: NDArray[np.int64],
    waits: bool,
    quiets: bool,
    start: int,
    stop: int,
) -> None:
    """Write the handcrafted action of the environments `start` ... `stop - 1`.

    Without `waits` or `quiets` the policy never takes these acts.
    """
    rules = tables.rules[0]
    for i in range(start, stop):
        seat = Seat(tables, rules, state.record[i], state.belief[i], state.rows[i], state.car[i])
        kind, number = choose_in_car(seat, waits, quiets)
        actions[i] = action_of(rules, kind, number)
