"""One step on the road, for one environment and for thousands: drive, act, react, hear, believe.

All that depends on the road, the noise or the load uses its value when the act begins; the road
then moves for as long as the act takes.
"""

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import lean, shared
from rlkit.envs.cabin.assistant.belief import CERTAIN, any_slot_told, believe, forget_all
from rlkit.envs.cabin.assistant.commands import (
    consider,
    focus,
    forget_task,
    say_in_car,
)
from rlkit.envs.cabin.assistant.features import write_car_features
from rlkit.envs.cabin.assistant.masks import is_legal_in_car, write_car_mask
from rlkit.envs.cabin.assistant.matching import find_matches
from rlkit.envs.cabin.assistant.saying import fingerprint
from rlkit.envs.cabin.car import laws
from rlkit.envs.cabin.car.road import road_demand, row_after, seconds_at_risk
from rlkit.envs.cabin.car.timing import (
    act_demand,
    act_seconds,
    answer_demand,
    answer_seconds,
    expects_answer,
)
from rlkit.envs.cabin.car.vehicle import (
    SAFE,
    carry_out,
    noise_level,
    open_share,
    start_car,
    value_in,
)
from rlkit.envs.cabin.channel.hearing import hear, hear_nothing
from rlkit.envs.cabin.driver.agenda import phrase, pop
from rlkit.envs.cabin.driver.errands import begin_errands, cannot_be_met, close_errand
from rlkit.envs.cabin.driver.goal import admits, answer_requests, draw_temper
from rlkit.envs.cabin.driver.on_the_road import react_in_car
from rlkit.envs.cabin.driver.patience import lose_mood
from rlkit.envs.cabin.driver.reactions import tell_everything
from rlkit.envs.cabin.simulator.dialogue import LOOK, NOTHING, RESET, SKIP, clear
from rlkit.envs.cabin.simulator.ending import score
from rlkit.envs.cabin.state.acts import (
    AFFIRM,
    BYE,
    DO_WAIT,
    EXECUTE,
    HAND_OVER,
    HELLO,
    NULL,
    QUIET,
    REFUSE,
    WAIT,
    Act,
)
from rlkit.envs.cabin.state.draws import draw, pick
from rlkit.envs.cabin.state.record import EXCLUDED, State
from rlkit.envs.cabin.state.reward import (
    EVENT_BREAK_OFF,
    EVENT_HAND_OVER,
    EVENT_REFUSAL,
    EVENT_RISK,
    EVENT_SECOND,
    EVENT_TURN,
    EVENT_UNSAFE,
    EVENT_WINDOW,
    EVENT_WRONG,
    REWARD_TERMS,
)
from rlkit.envs.cabin.state.sets import has_row
from rlkit.envs.cabin.state.tables import CarTables, Cells, Record, Tables, Words
from rlkit.envs.cabin.state.temper import GREETING

SHORTEST_DRIVE = 240
"""Rows of road that a dialogue has at least before its drive is over, where it is so long."""


@shared
def begin_drive(tables: Tables, cars: CarTables, state: State, i: int) -> None:
    """Begin a drive: a moment on the road, a car, a driver with errands, and the first word."""
    rules, dialogue, car = tables.rules[0], state.record[i], state.car[i]
    clear(dialogue, state.rows[i])
    forget_all(rules, dialogue, state.belief[i])
    draw_temper(rules, dialogue)
    enter_road(cars, dialogue, car)
    start_car(cars, dialogue, car)
    begin_errands(rules, dialogue, car, state.rows[i], cars, tables.venues)
    dialogue.system[0], dialogue.system[1] = HELLO, 0
    dialogue.last_act = fingerprint(dialogue.system)
    if draw(dialogue) < dialogue.behaviour[GREETING]:
        dialogue.said[0], dialogue.said[1] = HELLO, 0
    else:
        pop(dialogue, dialogue.said)
    phrase(rules, dialogue)
    look_at_road(rules, dialogue, car, cars)
    attend(tables, cars, state, i, True)


@shared
def enter_road(cars: CarTables, dialogue: Record, car: Record) -> None:
    """Draw a drive, and where on it the dialogue begins; set the car's own part of the state."""
    drive = pick(dialogue, len(cars.drives) - 1)
    first, end = cars.drives[drive], cars.drives[drive + 1]
    car.first_row = first + pick(dialogue, int(max(end - first - SHORTEST_DRIVE, 1)))
    car.last_row = end - 1
    car.clock = car.load = 0.0
    car.act_seconds = car.act_risk = 0.0
    car.act_demand = 1.0
    car.silent = False
    car.believed, car.tasks = -1, 0
    car.asked = car.confirmed = np.uint64(0)


@shared
def look_at_road(rules: Record, dialogue: Record, car: Record, cars: CarTables) -> None:
    """Note noise, demand and error rate of the present moment."""
    constants = cars.constants[0]
    moment = cars.road[row_after(car, 0.0)]
    car.noise = noise_level(cars, car, moment)
    car.demand = road_demand(constants, moment)
    dialogue.error_rate = rules.error_rate
    if rules.error_rate < 0.0:
        dialogue.error_rate = laws.error_rate(
            car.noise, constants.quiet_noise, constants.quiet_error, constants.error_slope
        )


@shared
def attend(tables: Tables, cars: CarTables, state: State, i: int, look_up: bool) -> None:
    """Let the microphone hear the driver, or silence, and the assistant take it in."""
    rules, dialogue = tables.rules[0], state.record[i]
    if dialogue.said[0] == NULL:
        hear_nothing(dialogue)
    else:
        hear(rules, dialogue, tables.values, cars.constants[0])
    take_in(tables, cars, state, i, look_up)


@shared
def take_in(tables: Tables, cars: CarTables, state: State, i: int, look_up: bool) -> None:
    """Update all that the assistant knows with the hypotheses and the signals of the car.

    Nothing here looks at what was said, wanted or meant: only at what was heard.
    """
    rules, dialogue, features = tables.rules[0], state.record[i], state.belief[i]
    car, rows = state.car[i], state.rows[i]
    believe(rules, dialogue, features)
    note_confirmation(dialogue, car)
    believed = car.believed
    focus(rules, dialogue, features, car, cars)
    if look_up or believed != car.believed or any_slot_told(rules, dialogue):
        find_matches(rules, dialogue, features, rows, tables.venues, tables.holders)


@shared
def note_confirmation(dialogue: Record, car: Record) -> None:
    """Note that the command just read back was confirmed, if a yes was more likely than not."""
    if car.asked == np.uint64(0):
        return
    yes = 0.0
    for rank in range(dialogue.heard_count):
        if dialogue.heard[rank, 0] == AFFIRM:
            yes += dialogue.confidence[rank]
    if yes > CERTAIN:
        car.confirmed = car.asked


@shared
def show(tables: Tables, cars: CarTables, state: State, i: int, mask: NDArray[np.int8]) -> None:
    """Judge the command, and write features and mask for the moment as it is."""
    rules, dialogue, features = tables.rules[0], state.record[i], state.belief[i]
    car = state.car[i]
    moment = cars.road[row_after(car, 0.0)]
    consider(rules, dialogue, features, state.rows[i], car, cars, moment, dialogue.draft)
    write_car_features(rules, dialogue, car, cars, moment, features)
    write_car_mask(rules, dialogue, features, car, cars, mask)


@shared
def drive_turn(tables: Tables, cars: CarTables, state: State, i: int, action: int) -> None:
    """Take the assistant's act and all that follows from it."""
    rules, dialogue, features = tables.rules[0], state.record[i], state.belief[i]
    car, rows, constants = state.car[i], state.rows[i], cars.constants[0]
    legal = is_legal_in_car(rules, dialogue, features, car, cars, action)
    dialogue.action = action
    dialogue.illegal = not legal
    dialogue.events[:] = 0.0
    dialogue.corrected = False
    dialogue.turn += 0 if rules.action_kind[action] == DO_WAIT else 1
    performed = action if legal else NOTHING
    repeated = say_in_car(rules, dialogue, features, rows, tables.venues, car, cars, performed)
    if dialogue.system[0] != WAIT:
        dialogue.events[EVENT_TURN] = 1.0
    demand = car.demand + constants.load_demand * car.load
    attends = draw(dialogue) < laws.answer_probability(
        demand, constants.answer_midpoint, constants.answer_slope
    )
    seconds = act_seconds(constants, dialogue.system)
    if dialogue.said[0] == BYE or dialogue.system[0] == BYE:
        end_drive(dialogue, car.over and car.met == car.closed)
    else:
        act_and_react(tables, cars, state, i, repeated, attends, seconds)
    pass_time(dialogue, car, cars, seconds)
    look_up = dialogue.system[0] in (EXECUTE, REFUSE, HAND_OVER)
    if not dialogue.ended:
        attend(tables, cars, state, i, look_up)
    look_at_road(rules, dialogue, car, cars)
    limit(rules, dialogue, car)
    score(rules, dialogue)


@shared
def act_and_react(
    tables: Tables,
    cars: CarTables,
    state: State,
    i: int,
    repeated: bool,
    attends: bool,
    seconds: float,
) -> None:
    """Do what the act does, and let the driver react unless the drive is over with it."""
    dialogue, car = state.record[i], state.car[i]
    kind = dialogue.system[0]
    answered = False
    if kind == EXECUTE:
        answered = execute(tables, cars, state, i, attends)
    elif kind == REFUSE:
        refuse(tables, cars, state, i)
    elif kind == HAND_OVER:
        hand_over(tables, cars, state, i)
    elif kind == QUIET:
        if open_share(cars, car) > 0.0:
            dialogue.events[EVENT_WINDOW] = 1.0
        car.quieted = True
    if dialogue.ended:
        return
    if not answered:
        react_in_car(tables, cars, state, i, repeated, attends, seconds)
    if dialogue.gave_up != 0:
        end_drive(dialogue, False)
    elif car.leaves:
        end_drive(dialogue, car.met == car.closed)


@shared
def execute(tables: Tables, cars: CarTables, state: State, i: int, attends: bool) -> bool:
    """Carry out the command as it is believed; return whether the driver has reacted to it."""
    rules, dialogue, features = tables.rules[0], state.record[i], state.belief[i]
    car, rows, act = state.car[i], state.rows[i], dialogue.system
    place = bool(cars.functions[car.believed].place)
    if car.safety != SAFE:
        dialogue.events[EVENT_UNSAFE] = 1.0
        end_drive(dialogue, False)
        return True
    right = is_wanted(rules, dialogue, car, cars, rows, tables.venues, act)
    if not car.lacking:
        carry_out(cars, car, car.believed, act, rules.slot_first_value)
    forget_task(rules, dialogue, features, rows, car, place)
    if right:
        car.executed = True
        answer_requests(rules, dialogue)
        return False
    dialogue.events[EVENT_WRONG] = 1.0
    lose_mood(dialogue, cars.constants[0].mood_wrong)
    dialogue.patience -= 1
    if not attends or dialogue.patience <= 0:
        dialogue.events[EVENT_BREAK_OFF] = 1.0
        end_drive(dialogue, False)
        return True
    dialogue.corrected = True
    tell_everything(rules, dialogue)
    return True


@shared
def is_wanted(
    rules: Record,
    dialogue: Record,
    car: Record,
    cars: CarTables,
    rows: Words,
    venues: Cells,
    act: Act,
) -> bool:
    """Return whether a command is what the driver wants."""
    if car.over or car.lacking or car.executed or car.believed != car.function:
        return False
    if cars.functions[car.function].place:
        venue = value_in(act, rules.slots)
        accepted = dialogue.accepted_venue < 0 or dialogue.accepted_venue == venue
        free = not has_row(rows[EXCLUDED], venue)
        return accepted and free and admits(rules, dialogue, venues, venue)
    for slot in range(rules.slots):
        if dialogue.goal[slot] >= 0 and value_in(act, slot) != dialogue.goal[slot]:
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
        close_errand(rules, dialogue, car, rows, cars, tables.venues, True)
    else:
        dialogue.events[EVENT_WRONG] = 1.0
        end_drive(dialogue, False)
    forget_task(rules, dialogue, features, rows, car, False)


@shared
def hand_over(tables: Tables, cars: CarTables, state: State, i: int) -> None:
    """Put the matter on the screen for later; worth something if there is a matter."""
    rules, dialogue, features = tables.rules[0], state.record[i], state.belief[i]
    car, rows = state.car[i], state.rows[i]
    if not car.over and not car.executed:
        dialogue.events[EVENT_HAND_OVER] = 1.0
        close_errand(rules, dialogue, car, rows, cars, tables.venues, False)
    forget_task(rules, dialogue, features, rows, car, False)


@shared
def pass_time(dialogue: Record, car: Record, cars: CarTables, spoken: float) -> None:
    """Let the road move on while the act lasts; note its seconds, risk and load."""
    constants = cars.constants[0]
    act, said = dialogue.system, dialogue.said
    demand = act_demand(constants, act)
    heaviest = demand
    risk = seconds_at_risk(constants, cars.road, car, 0.0, spoken, demand)
    end = spoken
    if not dialogue.ended and (expects_answer(act) or said[0] != NULL):
        heaviest = answer_demand(constants, act)
        end += answer_seconds(constants, car.load, said)
        risk += seconds_at_risk(constants, cars.road, car, spoken, end, heaviest)
    if dialogue.corrected:
        heaviest = constants.choice_demand
        begin, end = end, end + constants.correction_seconds
        risk += seconds_at_risk(constants, cars.road, car, begin, end, heaviest)
        if dialogue.events[EVENT_WRONG] == 0.0:
            lose_mood(dialogue, constants.mood_misheard)
    if expects_answer(act) and car.demand > constants.busy_demand:
        lose_mood(dialogue, constants.mood_bad_moment)
    car.act_seconds, car.act_risk, car.act_demand = end, risk, heaviest
    dialogue.seconds += end
    dialogue.risk += risk
    dialogue.events[EVENT_SECOND] = end
    dialogue.events[EVENT_RISK] = risk
    car.load = laws.load_after(heaviest, car.load, end, constants.residue_time)
    car.clock += end


@shared
def end_drive(dialogue: Record, success: bool) -> None:
    """End the dialogue; success is that every errand ended as it should."""
    dialogue.ended = dialogue.terminated = True
    dialogue.success = success
    if dialogue.gave_up != 0:
        dialogue.events[EVENT_BREAK_OFF] = 1.0


@shared
def limit(rules: Record, dialogue: Record, car: Record) -> None:
    """End a dialogue of too many turns; cut one whose drive is over."""
    if dialogue.ended:
        return
    if dialogue.turn >= rules.max_turns:
        end_drive(dialogue, False)
    elif row_after(car, 0.0) >= car.last_row:
        dialogue.ended = dialogue.truncated = True


@lean
def advance_drives(
    rules: NDArray[np.void],
    values: NDArray[np.void],
    venues: Cells,
    holders: Words,
    goal_groups: NDArray[np.void],
    goals: Cells,
    constants: NDArray[np.void],
    functions: NDArray[np.void],
    links: NDArray[np.void],
    signals: NDArray[np.void],
    levels: NDArray[np.float32],
    road: NDArray[np.void],
    drives: NDArray[np.int64],
    record: NDArray[np.void],
    belief: NDArray[np.float32],
    rows: Words,
    car: NDArray[np.void],
    observation: NDArray[np.float32],
    mask: NDArray[np.int8],
    reward: NDArray[np.float64],
    terminated: NDArray[np.bool_],
    truncated: NDArray[np.bool_],
    illegal: NDArray[np.bool_],
    terms: NDArray[np.float32],
    actions: NDArray[np.int64],
    start: int,
    stop: int,
) -> None:
    """Take one step in the environments `start` ... `stop - 1`.

    Call it as `advance_drives(*tables, *cars, *state, *outputs, actions, start, stop)`; see
    `step.advance` for the arguments, and `CarTables` for those from `constants` to `drives`.
    """
    tables = Tables(rules, values, venues, holders, goal_groups, goals)
    cars = CarTables(constants, functions, links, signals, levels, road, drives)
    state = State(record, belief, rows, car)
    for i in range(start, stop):
        if actions[i] == SKIP:
            continue
        if actions[i] == RESET:
            begin_drive(tables, cars, state, i)
        elif actions[i] != LOOK:
            drive_turn(tables, cars, state, i, actions[i])
        show(tables, cars, state, i, mask[i])
        for feature in range(rules[0].features):
            observation[i, feature] = belief[i, feature]
        reward[i] = record[i].reward
        terminated[i] = record[i].terminated
        truncated[i] = record[i].truncated
        illegal[i] = record[i].illegal
        for term in range(len(REWARD_TERMS)):
            terms[i, term] = record[i].terms[term]
