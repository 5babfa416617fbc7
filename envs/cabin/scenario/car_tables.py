"""From an ontology and its constants to the flat arrays that describe car and road."""

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.car.constants import CabinConfig
from rlkit.envs.cabin.ontology.domain import (
    AT_LEAST,
    FAN,
    UNSAFE,
    VOLUME,
    WINDOW,
    Domain,
    Function,
    Rule,
    Signal,
)
from rlkit.envs.cabin.roads.rows import Drives, with_room
from rlkit.envs.cabin.state.acts import NO_SLOT
from rlkit.envs.cabin.state.tables import (
    FAN_SOURCE,
    FUNCTION,
    LINK,
    MAX_COMMAND_VALUES,
    MAX_FUNCTIONS,
    MAX_RULES,
    MAX_SIGNALS,
    NO_SOURCE,
    SIGNAL,
    VOLUME_SOURCE,
    WINDOW_SOURCE,
    Tables,
    cumulative,
)

SOURCES = {None: NO_SOURCE, WINDOW: WINDOW_SOURCE, FAN: FAN_SOURCE, VOLUME: VOLUME_SOURCE}


def functions_of(domain: Domain) -> tuple[Function, ...]:
    """Return what the car can do: one function, finding a venue, for a plain data base."""
    if domain.functions:
        return domain.functions
    return (
        Function(
            name=domain.name,
            slots=tuple(range(len(domain.slots))),
            venues=(0, len(domain.venues)),
            private=tuple(range(len(domain.private))),
        ),
    )


def compile_car(
    domain: Domain,
    config: CabinConfig,
    drives: Drives,
    tables: Tables,
) -> Tables:
    """Return the tables of a dialogue with a car and its road.

    Args:
        domain: The ontology.
        config: The constants.
        drives: The road; drives too short for a dialogue are left out with a `UserWarning`.
        tables: Those of the dialogue.

    Raises:
        ValueError: If the ontology is larger than the kernels' fixed capacities, or every drive
            is too short for a dialogue.
    """
    functions = functions_of(domain)
    for what, size, most in (
        ("functions", len(functions), MAX_FUNCTIONS),
        ("rules", len(domain.rules), MAX_RULES),
        ("signals", len(domain.signals), MAX_SIGNALS),
    ):
        if size > most:
            raise ValueError(f"{domain.name!r} has {size} {what}; the limit is {most}")
    road = with_room(drives)
    return tables._replace(
        constants=config.record(),
        functions=_functions(domain, functions),
        links=_links(domain.rules),
        signals=_signals(domain.signals),
        levels=_levels(domain),
        road=road.rows,
        drives=road.starts,
    )


def _functions(domain: Domain, functions: tuple[Function, ...]) -> NDArray[np.void]:
    table = np.zeros(len(functions), FUNCTION)
    table["cdf"] = cumulative([function.weight for function in functions])
    for row, function in zip(table, functions, strict=True):
        row["place"], row["confirm"] = function.venues is not None, function.confirm
        own = set(function.slots) | ({0} if domain.functions else set())
        row["slots"] = _bits(own)
        row["order"][: len(function.slots)] = function.slots
        row["size"] = len(function.slots)
        row["optional_slot"] = row["optional_if"] = row["missing_slot"] = NO_SLOT
        for place, (slot, decider, values) in enumerate(function.optional):
            row["optional_slot"][place], row["optional_if"][place] = slot, decider
            row["optional_values"][place] = _bits(values)
        for place, (slot, values) in enumerate(function.missing):
            row["missing_slot"][place] = slot
            row["missing_values"][place] = _bits(values)
        first, end = function.venues or (0, 0)
        row["first_venue"], row["venues"] = first, end - first
        row["privates"] = len(function.private)
        row["private"][: len(function.private)] = [
            len(domain.slots) + 1 + attribute for attribute in function.private
        ]
        row["zone"] = NO_SLOT if function.zone is None else function.zone
        row["setting"] = NO_SLOT if function.setting is None else function.setting
        row["signal"][: len(function.signals)] = function.signals
    return table


def _links(rules: tuple[Rule, ...]) -> NDArray[np.void]:
    table = np.zeros(len(rules), LINK)
    table["slot"] = NO_SLOT
    for row, rule in zip(table, rules, strict=True):
        row["function"] = rule.function
        for place, (slot, values) in enumerate(rule.conditions):
            row["slot"][place], row["values"][place] = slot, _bits(values)
        row["signal"], row["threshold"] = rule.signal, rule.threshold
        row["at_least"], row["unsafe"] = rule.comparison == AT_LEAST, rule.effect == UNSAFE
    return table


def _signals(signals: tuple[Signal, ...]) -> NDArray[np.void]:
    table = np.zeros(len(signals), SIGNAL)
    for row, signal in zip(table, signals, strict=True):
        row["lowest"], row["highest"] = signal.lowest, signal.highest
        row["starts"][: len(signal.starts)] = signal.starts
        row["start_count"] = len(signal.starts)
        row["source"] = SOURCES[signal.source]
    return table


def _levels(domain: Domain) -> NDArray[np.float32]:
    """Return what each value of each slot sets a signal to; dontcare, and slots without, 0."""
    levels: list[float] = []
    for slot, values in enumerate((*domain.values, domain.venues)):
        given = domain.levels[slot] if slot < len(domain.levels) else ()
        levels += [*(given or (0.0,) * len(values)), 0.0]
    return np.array(levels, np.float32)


def _bits(numbers: set[int] | tuple[int, ...]) -> np.uint64:
    """Return a set of small numbers as the bits of a word."""
    if any(not 0 <= number < MAX_COMMAND_VALUES for number in numbers):
        raise ValueError(f"sets hold numbers 0 ... {MAX_COMMAND_VALUES - 1}, got {numbers}")
    return np.uint64(sum(1 << number for number in numbers))
