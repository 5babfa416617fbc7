"""How a driver on the road reacts: perhaps not at all, and otherwise as in `reactions`."""

import numpy as np

from rlkit.compiled import shared
from rlkit.envs.cabin.car import laws
from rlkit.envs.cabin.car.timing import act_seconds, expects_answer
from rlkit.envs.cabin.driver.agenda import lose_patience, phrase, pop
from rlkit.envs.cabin.driver.checking import correct
from rlkit.envs.cabin.driver.errands import close_errand, interrupt_errand, is_content
from rlkit.envs.cabin.driver.goal import answer_requests
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
from rlkit.envs.cabin.state.record import Seat
from rlkit.envs.cabin.state.reward import (
    EVENT_BREAK_OFF,
    EVENT_HAND_OVER,
    EVENT_MOOD,
    EVENT_REFUSAL,
    EVENT_SUCCESS,
    EVENT_WRONG,
)
from rlkit.envs.cabin.state.sets import ONE
from rlkit.envs.cabin.state.tables import Record, Tables


@shared
def settle(seat: Seat) -> None:
    """Close the errand if the driver is content with it."""
    dialogue, car = seat.dialogue, seat.car
    if not car.over and is_content(dialogue, car):
        dialogue.events[EVENT_SUCCESS] += 1.0
        close_errand(seat, True)


@shared
def stay_silent(dialogue: Record, car: Record) -> None:
    """Say nothing."""
    dialogue.said[0], dialogue.said[1] = NULL, 0
    car.silent = True


@shared
def react_in_car(seat: Seat, repeated: bool, free: bool) -> None:
    """Write what the driver says to the assistant's act, *null* for silence.

    Args:
        seat: Where the dialogue is played.
        repeated: Whether the assistant said nothing new.
        free: Whether the road leaves the driver time for the assistant.
    """
    tables, dialogue, car = seat.tables, seat.dialogue, seat.car
    constants = tables.constants[0]
    kind = dialogue.system[0]
    unheard, car.silent = car.silent, False  # what was not heard may be said again
    if kind in (EXECUTE, REFUSE, HAND_OVER) and not takes_deed(seat, free):
        return
    if kind in (WAIT, QUIET):
        seconds = act_seconds(constants, dialogue.system)
        eager = free and draw(dialogue) < constants.unasked_rate * seconds
        if eager and (car.over or dialogue.agenda_size > 1):
            speak_up(seat)
        else:
            stay_silent(dialogue, car)
    elif kind in (EXECUTE, REFUSE, HAND_OVER):
        settle(seat)
        if free:
            speak_up(seat)
        else:
            stay_silent(dialogue, car)
    elif not free:
        stay_silent(dialogue, car)
        if draw(dialogue) < constants.silent_impatience:
            lose_patience(dialogue)
    elif not (repeated and not unheard and lose_patience(dialogue)):
        answer_in_car(seat)


@shared
def is_free(dialogue: Record, car: Record, tables: Tables) -> bool:
    """Draw whether the road leaves the driver time for the assistant."""
    constants = tables.constants[0]
    demand = car.demand + constants.load_demand * car.load
    return bool(
        draw(dialogue)
        < laws.answer_probability(demand, constants.answer_midpoint, constants.answer_slope)
    )


@shared
def feel(dialogue: Record, car: Record, constants: Record) -> None:
    """Let the mood fall for what was misheard, and for a question at a bad moment."""
    if dialogue.corrected and dialogue.events[EVENT_WRONG] == 0.0:
        lose_mood(dialogue, constants.mood_misheard)
    if expects_answer(dialogue.system) and car.demand > constants.busy_demand:
        lose_mood(dialogue, constants.mood_bad_moment)


@shared
def lose_mood(dialogue: Record, loss: float) -> None:
    """Let the driver's mood fall, not below 0."""
    loss = min(loss, dialogue.mood)
    dialogue.mood -= loss
    dialogue.events[EVENT_MOOD] = np.float32(dialogue.events[EVENT_MOOD] + loss)  # as the mood


@shared
def takes_deed(seat: Seat, free: bool) -> bool:
    """Take what was done as done, or object; return whether the driver goes on to speak."""
    tables, rules, dialogue, car = seat.tables, seat.rules, seat.dialogue, seat.car
    if dialogue.events[EVENT_WRONG] > 0.0:
        lose_mood(dialogue, tables.constants[0].mood_wrong)
        dialogue.patience -= 1
        if not free or dialogue.patience <= 0:
            dialogue.events[EVENT_BREAK_OFF] = 1.0
        else:
            dialogue.corrected = True
            tell_everything(rules, dialogue)
        return False
    if dialogue.system[0] == EXECUTE:
        car.executed = True
        answer_requests(rules, dialogue)
    elif dialogue.events[EVENT_REFUSAL] > 0.0:
        close_errand(seat, True)
    elif dialogue.events[EVENT_HAND_OVER] > 0.0:
        close_errand(seat, False)
    return True


@shared
def speak_up(seat: Seat) -> None:
    """Say what is next on the agenda."""
    rules, dialogue = seat.rules, seat.dialogue
    dialogue.said[0], dialogue.said[1] = UNDECIDED, 0
    go_on_in_car(seat)
    phrase(rules, dialogue)


@shared
def answer_in_car(seat: Seat) -> None:
    """Answer the assistant, or bring up something urgent."""
    rules, dialogue, rows, car = seat.rules, seat.dialogue, seat.rows, seat.car
    kind = dialogue.system[0]
    if kind == REPEAT and dialogue.said[0] != NULL:
        return  # says it again
    settle(seat)
    dialogue.said[0], dialogue.said[1] = UNDECIDED, 0
    if not car.over and not interrupts(seat):
        if misses_the_function(seat):
            slot = rules.function_slot
            correct(rules, dialogue, rows, slot, int(car.believed), 0)
        else:
            respond(rules, dialogue, rows)
    go_on_in_car(seat)
    phrase(rules, dialogue)


@shared
def interrupts(seat: Seat) -> bool:
    """Return whether something urgent has come up, which the driver turns to at once."""
    tables, dialogue, car = seat.tables, seat.dialogue, seat.car
    rate = tables.constants[0].urgent_rate
    if car.kept or car.executed or draw(dialogue) >= rate * car.act_seconds:
        return False
    interrupt_errand(seat)
    return True


@shared
def misses_the_function(seat: Seat) -> bool:
    """Return whether the assistant speaks of what another function than the wanted one is about."""
    tables, rules, dialogue, car = seat.tables, seat.rules, seat.dialogue, seat.car
    system = dialogue.system
    wanted = tables.functions[car.function]
    if rules.function_slot == NO_SLOT:
        return False
    if system[0] in (REQUEST, SELECT):
        return bool((wanted.slots >> np.uint64(system[2])) & ONE == np.uint64(0))
    return system[0] in (INFORM, NO_VENUE, NO_OTHER_VENUE) and not wanted.place


@shared
def go_on_in_car(seat: Seat) -> None:
    """Fill an undecided act from the agenda; bye waits until every errand is over."""
    tables, rules, dialogue, car = seat.tables, seat.rules, seat.dialogue, seat.car
    act = dialogue.said
    if act[0] != UNDECIDED:
        return
    settle(seat)
    if car.over or dialogue.agenda_size > 1:
        pop(dialogue, act)
    elif car.executed:
        ask_open_requests(dialogue)
    elif tables.functions[car.function].place and dialogue.accepted_venue >= 0:
        act[0] = AFFIRM
    else:
        tell_everything(rules, dialogue)
