"""How a driver on the road reacts: perhaps not at all, and otherwise as in `reactions`."""

import numpy as np

from rlkit.compiled import shared
from rlkit.envs.cabin.driver.agenda import phrase, pop
from rlkit.envs.cabin.driver.checking import correct
from rlkit.envs.cabin.driver.errands import close_errand, interrupt_errand, is_content
from rlkit.envs.cabin.driver.patience import lose_patience
from rlkit.envs.cabin.driver.reactions import (
    UNDECIDED,
    ask_open_requests,
    respond,
    tell_everything,
)
from rlkit.envs.cabin.state.acts import (
    AFFIRM,
    EXECUTE,
    HAND_OVER,
    INFORM,
    NO_OTHER_VENUE,
    NO_SLOT,
    NO_VENUE,
    NULL,
    QUIET,
    REFUSE,
    REPEAT,
    REQUEST,
    SELECT,
    WAIT,
)
from rlkit.envs.cabin.state.draws import draw
from rlkit.envs.cabin.state.record import State
from rlkit.envs.cabin.state.reward import EVENT_SUCCESS
from rlkit.envs.cabin.state.sets import ONE
from rlkit.envs.cabin.state.tables import CarTables, Record, Tables


@shared
def settle(tables: Tables, cars: CarTables, state: State, i: int) -> None:
    """Close the errand if the driver is content with it."""
    rules, dialogue, car = tables.rules[0], state.record[i], state.car[i]
    if not car.over and is_content(dialogue, car):
        dialogue.events[EVENT_SUCCESS] += 1.0
        close_errand(rules, dialogue, car, state.rows[i], cars, tables.venues, True)


@shared
def stay_silent(dialogue: Record, car: Record) -> None:
    """Say nothing."""
    dialogue.said[0], dialogue.said[1] = NULL, 0
    car.silent = True


@shared
def react_in_car(
    tables: Tables,
    cars: CarTables,
    state: State,
    i: int,
    repeated: bool,
    attends: bool,
    seconds: float,
) -> None:
    """Write what the driver says to the assistant's act, *null* for silence.

    Args:
        tables: The ontology.
        cars: The car and its road.
        state: Of all environments.
        i: The environment.
        repeated: Whether the assistant said nothing new.
        attends: Whether the road leaves the driver time for the assistant.
        seconds: How long the act takes [s].
    """
    dialogue, car = state.record[i], state.car[i]
    constants = cars.constants[0]
    kind = dialogue.system[0]
    unheard, car.silent = car.silent, False  # what was not heard may be said again
    if kind in (WAIT, QUIET):
        eager = attends and draw(dialogue) < constants.unasked_rate * seconds
        if eager and (car.over or dialogue.agenda_size > 1):
            speak_up(tables, cars, state, i)
        else:
            stay_silent(dialogue, car)
    elif kind in (EXECUTE, REFUSE, HAND_OVER):
        settle(tables, cars, state, i)
        if attends:
            speak_up(tables, cars, state, i)
        else:
            stay_silent(dialogue, car)
    elif not attends:
        stay_silent(dialogue, car)
        if draw(dialogue) < constants.silent_impatience:
            lose_patience(dialogue)
    elif not (repeated and not unheard and lose_patience(dialogue)):
        answer_in_car(tables, cars, state, i)


@shared
def speak_up(tables: Tables, cars: CarTables, state: State, i: int) -> None:
    """Say what is next on the agenda."""
    dialogue = state.record[i]
    dialogue.said[0], dialogue.said[1] = UNDECIDED, 0
    go_on_in_car(tables, cars, state, i)
    phrase(tables.rules[0], dialogue)


@shared
def answer_in_car(tables: Tables, cars: CarTables, state: State, i: int) -> None:
    """Answer the assistant, or bring up something urgent."""
    rules, dialogue, car = tables.rules[0], state.record[i], state.car[i]
    kind = dialogue.system[0]
    if kind == REPEAT and dialogue.said[0] != NULL:
        return  # says it again
    settle(tables, cars, state, i)
    dialogue.said[0], dialogue.said[1] = UNDECIDED, 0
    if not car.over and not interrupts(tables, cars, state, i):
        if misses_the_function(rules, dialogue, car, cars):
            slot = rules.function_slot
            correct(rules, dialogue, state.rows[i], slot, int(car.believed), 0)
        else:
            respond(rules, dialogue, state.rows[i])
    go_on_in_car(tables, cars, state, i)
    phrase(rules, dialogue)


@shared
def interrupts(tables: Tables, cars: CarTables, state: State, i: int) -> bool:
    """Return whether something urgent has come up, which the driver turns to at once."""
    rules, dialogue, car = tables.rules[0], state.record[i], state.car[i]
    rate = cars.constants[0].urgent_rate
    if car.kept or car.executed or draw(dialogue) >= rate * car.act_seconds:
        return False
    interrupt_errand(rules, dialogue, car, state.rows[i], cars, tables.venues)
    return True


@shared
def misses_the_function(rules: Record, dialogue: Record, car: Record, cars: CarTables) -> bool:
    """Return whether the assistant speaks of what another function than the wanted one is about."""
    system = dialogue.system
    wanted = cars.functions[car.function]
    if rules.function_slot == NO_SLOT:
        return False
    if system[0] in (REQUEST, SELECT):
        return bool((wanted.slots >> np.uint64(system[2])) & ONE == np.uint64(0))
    return system[0] in (INFORM, NO_VENUE, NO_OTHER_VENUE) and not wanted.place


@shared
def go_on_in_car(tables: Tables, cars: CarTables, state: State, i: int) -> None:
    """Fill an undecided act from the agenda; bye waits until every errand is over."""
    rules, dialogue, car = tables.rules[0], state.record[i], state.car[i]
    act = dialogue.said
    if act[0] != UNDECIDED:
        return
    settle(tables, cars, state, i)
    if car.over or dialogue.agenda_size > 1:
        pop(dialogue, act)
    elif car.executed:
        ask_open_requests(dialogue)
    elif cars.functions[car.function].place and dialogue.accepted_venue >= 0:
        act[0] = AFFIRM
    else:
        tell_everything(rules, dialogue)
