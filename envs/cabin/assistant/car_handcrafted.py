"""The handcrafted policy on the road: PyDial's rules for each function, and an eye on the road."""

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import lean, shared
from rlkit.envs.cabin.assistant.handcrafted import LIKELY, MARGIN, POSSIBLE, SETTLED, asks
from rlkit.envs.cabin.assistant.masks import says_bye
from rlkit.envs.cabin.assistant.matching import accepts, best_mass
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
    DO_REQUEST,
    DO_SELECT,
    DO_WAIT,
    NO_SLOT,
)
from rlkit.envs.cabin.state.record import BYALTERNATIVES, BYNAME, State
from rlkit.envs.cabin.state.tables import CarTables, Features, Record, Tables

LIKELY_ANSWER = 0.5
"""Probability of an answer below which it is better to wait."""
TOO_LOUD = 0.2
"""Error rate from which the cabin is quieted before listening."""


@shared
def clarify_slot(rules: Record, dialogue: Record, features: Features, slot: int) -> tuple[int, int]:
    """Return the question about a slot that is half understood, else -1."""
    first = best_mass(rules, dialogue, features, slot, 0)
    if not POSSIBLE < first < SETTLED:
        return -1, -1
    lead = first - best_mass(rules, dialogue, features, slot, 1)
    if first > LIKELY or lead >= MARGIN:
        return DO_CONFIRM, slot
    return DO_SELECT, slot


@shared
def clarify_function(
    rules: Record, dialogue: Record, features: Features, function: Record
) -> tuple[int, int]:
    """Return the question about the first slot of a function that is half understood, else -1."""
    for place in range(function.size):
        kind, slot = clarify_slot(rules, dialogue, features, function.order[place])
        if kind >= 0:
            return kind, slot
    return -1, -1


@shared
def find_place(
    rules: Record, dialogue: Record, features: Features, car: Record, function: Record
) -> tuple[int, int]:
    """Return the act that brings the driver to a place."""
    if dialogue.offer_made and asks(rules, features):
        return DO_INFORM_BYNAME, -1
    if dialogue.method == BYALTERNATIVES and dialogue.alternatives_asked and dialogue.offer_made:
        return DO_INFORM_ALTERNATIVES, -1
    kind, slot = clarify_function(rules, dialogue, features, function)
    if kind >= 0:
        return kind, slot
    if car.ready and dialogue.last_was_offer:
        return DO_EXECUTE, -1
    known = dialogue.constrained - (0 if rules.function_slot == NO_SLOT else 1)
    if known == 0 and not accepts(rules, dialogue, features, function.order[0]):
        return DO_REQUEST, int(function.order[0])
    return DO_INFORM, -1


@shared
def give_command(
    rules: Record, dialogue: Record, features: Features, car: Record, function: Record
) -> tuple[int, int]:
    """Return the act that completes a command, has it confirmed, or executes it."""
    kind, slot = clarify_function(rules, dialogue, features, function)
    if kind >= 0:
        return kind, slot
    if car.lacking or car.safety == UNSAFE:
        return DO_REFUSE, -1
    if not car.ready:
        for place in range(function.size):
            slot = function.order[place]
            if needs_slot(function, dialogue.draft, slot) and (
                dialogue.best[slot, 0] < 0
                or best_mass(rules, dialogue, features, slot, 0) < SETTLED
            ):
                return DO_REQUEST, int(slot)
    if car.safety == NEEDS_CONFIRMATION:
        return DO_CONFIRM_FUNCTION, int(car.believed)
    return DO_EXECUTE, -1


@shared
def do_task(
    rules: Record, dialogue: Record, features: Features, car: Record, cars: CarTables
) -> tuple[int, int]:
    """Return what the dialogue needs next, whatever the road is like."""
    if says_bye(dialogue):
        return DO_BYE, -1
    slot = rules.function_slot
    known = slot == NO_SLOT or best_mass(rules, dialogue, features, slot, 0) >= SETTLED
    if not known or car.believed < 0:
        if dialogue.method == BYNAME and dialogue.offer_made and asks(rules, features):
            return DO_INFORM_BYNAME, -1
        kind, about = clarify_slot(rules, dialogue, features, slot)
        if kind >= 0:
            return kind, about
        return DO_REQUEST, slot
    function = cars.functions[car.believed]
    if function.place:
        return find_place(rules, dialogue, features, car, function)
    return give_command(rules, dialogue, features, car, function)


@shared
def choose_in_car(
    rules: Record,
    dialogue: Record,
    features: Features,
    car: Record,
    cars: CarTables,
    waits: bool,
    quiets: bool,
) -> tuple[int, int]:
    """Return the act: what the dialogue needs, unless the road or the noise speaks against it."""
    kind, number = do_task(rules, dialogue, features, car, cars)
    if kind in (DO_EXECUTE, DO_REFUSE, DO_BYE, DO_HAND_OVER):
        return kind, number
    if quiets and not car.quieted and dialogue.error_rate > TOO_LOUD:
        return DO_QUIET, -1
    constants = cars.constants[0]
    demand = car.demand + constants.load_demand * car.load
    answers = laws.answer_probability(demand, constants.answer_midpoint, constants.answer_slope)
    if waits and answers < LIKELY_ANSWER:
        return DO_WAIT, -1
    return kind, number


@lean
def choose_many_in_car(
    tables: Tables,
    cars: CarTables,
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
        kind, number = choose_in_car(
            rules, state.record[i], state.belief[i], state.car[i], cars, waits, quiets
        )
        for action in range(rules.actions):
            if rules.action_kind[action] == kind and rules.action_slot[action] == number:
                actions[i] = action
