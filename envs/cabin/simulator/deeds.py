"""What the assistant's act on the road does: said, carried out, and judged by the driver's wish.

The driver's answer to it is no part of this: a deed only notes what happened, as events.
"""

from rlkit.compiled import shared
from rlkit.envs.cabin.assistant.masks import is_legal_in_car
from rlkit.envs.cabin.assistant.on_the_road import forget_task, say_in_car
from rlkit.envs.cabin.car.road import row_after
from rlkit.envs.cabin.car.vehicle import SAFE, carry_out, window_opening
from rlkit.envs.cabin.driver.errands import cannot_be_met, is_wanted
from rlkit.envs.cabin.simulator.episode import begin_turn, end
from rlkit.envs.cabin.simulator.outputs import NOTHING
from rlkit.envs.cabin.state.acts import (
    BYE,
    DO_WAIT,
    EXECUTE,
    HAND_OVER,
    QUIET,
    REFUSE,
    WAIT,
)
from rlkit.envs.cabin.state.record import Seat
from rlkit.envs.cabin.state.reward import (
    EVENT_HAND_OVER,
    EVENT_REFUSAL,
    EVENT_TURN,
    EVENT_UNSAFE,
    EVENT_WINDOW,
    EVENT_WRONG,
)


@shared
def act(seat: Seat, action: int) -> bool:
    """Say what the action says, and do it; return whether nothing new was said."""
    rules, dialogue, car = seat.rules, seat.dialogue, seat.car
    legal = is_legal_in_car(seat, action)
    begin_turn(dialogue, action, legal)
    dialogue.turn += 0 if rules.action_kind[action] == DO_WAIT else 1
    performed = action if legal else NOTHING
    repeated = say_in_car(seat, performed)
    if dialogue.system[0] != WAIT:
        dialogue.events[EVENT_TURN] = 1.0
    if dialogue.said[0] == BYE or dialogue.system[0] == BYE:
        end(dialogue, car.over and car.met == car.closed)
    else:
        perform(seat)
    return repeated


@shared
def perform(seat: Seat) -> None:
    """Do what the assistant's act does beside being heard."""
    tables, dialogue, car = seat.tables, seat.dialogue, seat.car
    kind = dialogue.system[0]
    if kind == EXECUTE:
        execute(seat)
    elif kind == REFUSE:
        refuse(seat)
    elif kind == HAND_OVER:
        hand_over(seat)
    elif kind == QUIET:
        if window_opening(tables, car) > 0.0:
            dialogue.events[EVENT_WINDOW] = 1.0
        car.quieted = True


@shared
def execute(seat: Seat) -> None:
    """Carry out the command as it is believed; an unsafe one is the end."""
    tables, rules, dialogue, car = seat.tables, seat.rules, seat.dialogue, seat.car
    command = dialogue.system
    if car.safety != SAFE:
        dialogue.events[EVENT_UNSAFE] = 1.0
        end(dialogue, False)
        return
    if not is_wanted(seat, command):
        dialogue.events[EVENT_WRONG] = 1.0
    if not car.lacking:
        carry_out(tables, car, car.believed, command, rules.slot_first_value)
    place = bool(tables.functions[car.believed].place)
    forget_task(seat, place)


@shared
def refuse(seat: Seat) -> None:
    """Say that it cannot be done: right if the wish cannot be met, else the end."""
    tables, dialogue, car = seat.tables, seat.dialogue, seat.car
    moment = tables.road[row_after(car, 0.0)]
    right = not car.over and not car.executed and car.believed == car.function
    if right and cannot_be_met(seat, moment, dialogue.draft):
        dialogue.events[EVENT_REFUSAL] = 1.0
    else:
        dialogue.events[EVENT_WRONG] = 1.0
        end(dialogue, False)
    forget_task(seat, False)


@shared
def hand_over(seat: Seat) -> None:
    """Put the matter on the screen for later; worth something if there is a matter."""
    dialogue, car = seat.dialogue, seat.car
    if not car.over and not car.executed:
        dialogue.events[EVENT_HAND_OVER] = 1.0
    forget_task(seat, False)
