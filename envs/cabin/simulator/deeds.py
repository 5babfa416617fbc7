"""What the assistant's act on the road does: said, carried out, and judged by the driver's wish.

The driver's answer to it is no part of this: a deed only notes what happened, as events.
"""

from rlkit.compiled import shared
from rlkit.envs.cabin.assistant.commands import forget_task, say_in_car
from rlkit.envs.cabin.assistant.masks import is_legal_in_car
from rlkit.envs.cabin.car.road import row_after
from rlkit.envs.cabin.car.vehicle import SAFE, carry_out, open_share, value_in
from rlkit.envs.cabin.driver.errands import cannot_be_met
from rlkit.envs.cabin.driver.goal import admits
from rlkit.envs.cabin.simulator.ending import end
from rlkit.envs.cabin.simulator.opening import begin_turn
from rlkit.envs.cabin.simulator.outputs import NOTHING
from rlkit.envs.cabin.state.acts import (
    BYE,
    DO_WAIT,
    EXECUTE,
    HAND_OVER,
    QUIET,
    REFUSE,
    WAIT,
    Act,
)
from rlkit.envs.cabin.state.record import EXCLUDED, State
from rlkit.envs.cabin.state.reward import (
    EVENT_HAND_OVER,
    EVENT_REFUSAL,
    EVENT_TURN,
    EVENT_UNSAFE,
    EVENT_WINDOW,
    EVENT_WRONG,
)
from rlkit.envs.cabin.state.sets import has_row
from rlkit.envs.cabin.state.tables import CarTables, Cells, Record, Tables, Words


@shared
def act(tables: Tables, cars: CarTables, state: State, i: int, action: int) -> bool:
    """Say what the action says, and do it; return whether nothing new was said."""
    rules, dialogue, features = tables.rules[0], state.record[i], state.belief[i]
    car, rows = state.car[i], state.rows[i]
    legal = is_legal_in_car(rules, dialogue, features, car, cars, action)
    begin_turn(dialogue, action, legal)
    dialogue.turn += 0 if rules.action_kind[action] == DO_WAIT else 1
    performed = action if legal else NOTHING
    repeated = say_in_car(rules, dialogue, features, rows, tables.venues, car, cars, performed)
    if dialogue.system[0] != WAIT:
        dialogue.events[EVENT_TURN] = 1.0
    if dialogue.said[0] == BYE or dialogue.system[0] == BYE:
        end(dialogue, car.over and car.met == car.closed)
    else:
        perform(tables, cars, state, i)
    return repeated


@shared
def perform(tables: Tables, cars: CarTables, state: State, i: int) -> None:
    """Do what the assistant's act does beside being heard."""
    dialogue, car = state.record[i], state.car[i]
    kind = dialogue.system[0]
    if kind == EXECUTE:
        execute(tables, cars, state, i)
    elif kind == REFUSE:
        refuse(tables, cars, state, i)
    elif kind == HAND_OVER:
        hand_over(tables, state, i)
    elif kind == QUIET:
        if open_share(cars, car) > 0.0:
            dialogue.events[EVENT_WINDOW] = 1.0
        car.quieted = True


@shared
def execute(tables: Tables, cars: CarTables, state: State, i: int) -> None:
    """Carry out the command as it is believed; an unsafe one is the end."""
    rules, dialogue, features = tables.rules[0], state.record[i], state.belief[i]
    car, rows, command = state.car[i], state.rows[i], dialogue.system
    if car.safety != SAFE:
        dialogue.events[EVENT_UNSAFE] = 1.0
        end(dialogue, False)
        return
    if not is_wanted(rules, dialogue, car, cars, rows, tables.venues, command):
        dialogue.events[EVENT_WRONG] = 1.0
    if not car.lacking:
        carry_out(cars, car, car.believed, command, rules.slot_first_value)
    place = bool(cars.functions[car.believed].place)
    forget_task(rules, dialogue, features, rows, car, place)


@shared
def is_wanted(
    rules: Record,
    dialogue: Record,
    car: Record,
    cars: CarTables,
    rows: Words,
    venues: Cells,
    command: Act,
) -> bool:
    """Return whether a command is what the driver wants."""
    if car.over or car.lacking or car.executed or car.believed != car.function:
        return False
    if cars.functions[car.function].place:
        venue = value_in(command, rules.slots)
        accepted = dialogue.accepted_venue < 0 or dialogue.accepted_venue == venue
        free = not has_row(rows[EXCLUDED], venue)
        return accepted and free and admits(rules, dialogue, venues, venue)
    for slot in range(rules.slots):
        if dialogue.goal[slot] >= 0 and value_in(command, slot) != dialogue.goal[slot]:
            return False
    return True


@shared
def refuse(tables: Tables, cars: CarTables, state: State, i: int) -> None:
    """Say that it cannot be done: right if the wish cannot be met, else the end."""
    rules, dialogue, features = tables.rules[0], state.record[i], state.belief[i]
    car, rows = state.car[i], state.rows[i]
    moment = cars.road[row_after(car, 0.0)]
    right = not car.over and not car.executed and car.believed == car.function
    if right and cannot_be_met(rules, dialogue, car, cars, tables.venues, moment, dialogue.draft):
        dialogue.events[EVENT_REFUSAL] = 1.0
    else:
        dialogue.events[EVENT_WRONG] = 1.0
        end(dialogue, False)
    forget_task(rules, dialogue, features, rows, car, False)


@shared
def hand_over(tables: Tables, state: State, i: int) -> None:
    """Put the matter on the screen for later; worth something if there is a matter."""
    dialogue, car = state.record[i], state.car[i]
    if not car.over and not car.executed:
        dialogue.events[EVENT_HAND_OVER] = 1.0
    forget_task(tables.rules[0], dialogue, state.belief[i], state.rows[i], car, False)
