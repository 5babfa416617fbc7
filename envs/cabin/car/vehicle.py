"""The car: its signals, the rules that link its functions, and the noise that it makes."""

import numpy as np
from numpy.typing import NDArray

from rlkit import elementary
from rlkit.compiled import shared
from rlkit.envs.cabin.car import laws
from rlkit.envs.cabin.state.acts import NO_SLOT, NO_VALUE, Act
from rlkit.envs.cabin.state.draws import pick
from rlkit.envs.cabin.state.sets import ONE
from rlkit.envs.cabin.state.tables import (
    FAN_SOURCE,
    VOLUME_SOURCE,
    WINDOW_SOURCE,
    Record,
    Tables,
)

QUIET_STRENGTH = 0.2
"""Share of their highest value that fan and music have at most in a quieted cabin: fan one."""
SAFE, NEEDS_CONFIRMATION, UNSAFE = range(3)


@shared
def start_car(tables: Tables, dialogue: Record, car: Record) -> None:
    """Draw how the driver has set the car before the dialogue."""
    car.quieted = False
    for signal in range(len(tables.signals)):
        kind = tables.signals[signal]
        car.signals[signal] = kind.starts[pick(dialogue, kind.start_count)]


@shared
def reading(tables: Tables, car: Record, signal: int) -> float:
    """Return the value of a signal now."""
    value = float(car.signals[signal])
    if not car.quieted:
        return value
    kind = tables.signals[signal]
    if kind.source == WINDOW_SOURCE:
        return float(kind.lowest)
    if kind.source in (FAN_SOURCE, VOLUME_SOURCE):
        return min(value, QUIET_STRENGTH * float(kind.highest))
    return value


@shared
def strength(tables: Tables, car: Record, signal: int) -> float:
    """Return where a signal lies between its lowest (0) and highest (1) value."""
    kind = tables.signals[signal]
    return laws.fraction(reading(tables, car, signal), kind.lowest, kind.highest)


@shared
def window_opening(tables: Tables, car: Record) -> float:
    """Return how many windows' worth of opening there is; 1 is one window fully open."""
    total = 0.0
    for signal in range(len(tables.signals)):
        if tables.signals[signal].source == WINDOW_SOURCE:
            total += strength(tables, car, signal)
    return total


@shared
def noise_level(tables: Tables, car: Record, moment: Record) -> float:
    """Return the noise at the microphone [dB(A)]: road, windows, fan, music and rain."""
    constants = tables.constants[0]
    level = float(constants.quiet_noise)
    if moment.speed > 1.0:
        road = laws.level_at_speed(
            constants.road_noise,
            constants.road_noise_slope,
            moment.speed,
            constants.reference_speed,
        )
        level = max(level, road)
        opening = window_opening(tables, car)
        if opening > 0.0:
            wind = laws.level_at_speed(
                constants.window_noise,
                constants.window_noise_slope,
                moment.speed,
                constants.reference_speed,
            )
            level = laws.add_levels(level, wind + 10.0 * elementary.log10(opening))
    for signal in range(len(tables.signals)):
        source = tables.signals[signal].source
        if source not in (FAN_SOURCE, VOLUME_SOURCE):
            continue
        power = strength(tables, car, signal)
        if power > 0.0:
            loudest, decay = constants.media_noise, constants.media_decay
            if source == FAN_SOURCE:
                loudest, decay = constants.fan_noise, constants.fan_decay
            level = laws.add_levels(level, laws.faded_level(loudest, decay, power))
    if moment.rain > 0.0:
        rain = laws.faded_level(constants.rain_noise, constants.rain_decay, moment.rain)
        level = laws.add_levels(level, rain)
    return level


@shared
def has_value(values: np.uint64, value: int) -> bool:
    """Return whether a value is in a set of values; no value is in none."""
    return bool(value >= 0 and (values >> np.uint64(value)) & ONE != np.uint64(0))


@shared
def value_in(act: Act, slot: int) -> int:
    """Return the value that an act gives a slot, or `NO_VALUE`."""
    for item in range(act[1]):
        if act[2 + 2 * item] == slot:
            return int(act[3 + 2 * item])
    return NO_VALUE


@shared
def seeks_place(tables: Tables, car: Record) -> bool:
    """Return whether the function that is believed to be meant finds a place."""
    return bool(car.believed >= 0 and tables.functions[car.believed].place)


@shared
def is_missing(function: Record, act: Act) -> bool:
    """Return whether this car lacks what a command asks for."""
    for place in range(2):
        slot = function.missing_slot[place]
        if slot != NO_SLOT and has_value(function.missing_values[place], value_in(act, slot)):
            return True
    return False


@shared
def needs_slot(function: Record, act: Act, slot: int) -> bool:
    """Return whether a command is incomplete without the slot, given what it says already."""
    for place in range(2):
        if function.optional_slot[place] == slot:
            decider = value_in(act, function.optional_if[place])
            return has_value(function.optional_values[place], decider)
    return True


@shared
def breaks(link: Record, tables: Tables, car: Record, moment: Record, act: Act) -> bool:
    """Return whether a command meets the conditions of a rule and not its requirement."""
    for place in range(2):
        slot = link.slot[place]
        if slot != NO_SLOT and not has_value(link.values[place], value_in(act, slot)):
            return False
    value = float(moment.speed) if link.signal < 0 else reading(tables, car, link.signal)
    if link.at_least:
        return bool(value < link.threshold)
    return bool(value > link.threshold)


@shared
def safety(tables: Tables, car: Record, moment: Record, number: int, act: Act) -> int:
    """Return `UNSAFE`, `NEEDS_CONFIRMATION` or `SAFE` for a command of function `number`."""
    function = tables.functions[number]
    found = NEEDS_CONFIRMATION if function.confirm else SAFE
    for place in range(len(tables.links)):
        link = tables.links[place]
        if link.function != number or not breaks(link, tables, car, moment, act):
            continue
        if link.unsafe:
            return UNSAFE
        found = NEEDS_CONFIRMATION
    return found


@shared
def carry_out(
    tables: Tables,
    car: Record,
    number: int,
    act: Act,
    first_values: NDArray[np.int32],
) -> None:
    """Set the signal that a command sets; `first_values` is the slots' first row of `levels`."""
    function = tables.functions[number]
    if function.setting == NO_SLOT:
        return
    value = value_in(act, function.setting)
    zone = 0 if function.zone == NO_SLOT else value_in(act, function.zone)
    if value >= 0 and zone >= 0:
        level = tables.levels[first_values[function.setting] + value]
        car.signals[function.signal[zone]] = level
