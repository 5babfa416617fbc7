"""From a car's YAML file to a `Domain`: functions, shared slots, signals, rules, sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rlkit.envs.cabin.ontology.commands import Command, Signals, signal_fields
from rlkit.envs.cabin.ontology.domain import Domain, Function
from rlkit.envs.cabin.ontology.fields import (
    CarFile,
    CommandFields,
    PlaceFields,
    ReferenceFields,
    VenueFile,
)
from rlkit.envs.cabin.ontology.links import Links
from rlkit.envs.cabin.ontology.slots import FUNCTION_SLOT, Slots
from rlkit.envs.cabin.ontology.templates import check_sentences, sentences_of
from rlkit.envs.cabin.ontology.venues import Venues, numbered, read_venues
from rlkit.envs.cabin.ontology.yaml_file import Source, read_yaml
from rlkit.envs.cabin.state.acts import NO_VALUE
from rlkit.envs.cabin.state.tables import MAX_REQUESTABLES, MAX_VENUES


@dataclass(frozen=True)
class Place:
    """A function that finds a place."""

    weight: float
    venues: Venues


def car_domain(content: Mapping[str, Any], source: Source) -> Domain:
    """Return the domain of a car's YAML file.

    Raises:
        ValueError: If anything does not fit; the message has line and field.
    """
    file = source.check(CarFile, content)
    parts = {name: _function(name, given, source) for name, given in file.functions.items()}
    slots = _gather_slots(parts, source)
    places = {name: part for name, part in parts.items() if isinstance(part, Place)}
    commands = {
        name: Command(name, part, slots, source)
        for name, part in parts.items()
        if isinstance(part, CommandFields)
    }
    book = PlaceBook(places, slots, source)
    signals = Signals(source)
    functions = tuple(
        book.function(name) if name in places else commands[name].function(signals)
        for name in parts
    )
    _add_signals(file, signals, source)
    numbers = {name: number for number, name in enumerate(parts)}
    rules = Links(numbers, commands, slots, signals, source).rules(file.rules)
    settings = {function.setting for function in functions}
    domain = Domain(
        name=file.name,
        slots=slots.names,
        values=tuple(slots.values(slot) for slot in slots.names),
        entity=book.entity,
        private=book.private,
        venues=book.names(),
        cells=book.cells(numbers),
        attributes=book.attributes(),
        functions=functions,
        levels=tuple(
            slots.levels(slot) if number in settings else ()
            for number, slot in enumerate(slots.names)
        ),
        signals=tuple(signals.signals),
        rules=rules,
        sentences=sentences_of(file.sentences),
    )
    check_sentences(domain, source)
    return domain


def _function(name: str, given: Mapping[str, Any], source: Source) -> Place | CommandFields:
    """Return one function of the file: a place by a table or another file, or a command."""
    field = ("functions", name)
    kinds = [key for key in ("table", "ontology", "slots") if key in given]
    if len(kinds) != 1:
        raise source.error(
            "a function has a `table` of places, an `ontology` (the YAML file of such a table), "
            f"or `slots`; this one has {' and '.join(kinds) or 'none of them'}",
            *field,
        )
    if kinds == ["slots"]:
        return source.check(CommandFields, given, *field)
    if kinds == ["table"]:
        described = source.check(PlaceFields, given, *field)
        return Place(described.weight, read_venues(described, name, source, *field))
    reference = source.check(ReferenceFields, given, *field)
    try:
        content, other = read_yaml(source.path.parent / reference.ontology)
        domain = other.check(VenueFile, content)
        return Place(reference.weight, read_venues(domain, domain.name, other))
    except ValueError as error:
        raise source.error(str(error), *field, "ontology") from None


def _gather_slots(parts: Mapping[str, Place | CommandFields], source: Source) -> Slots:
    slots = Slots(parts, source)
    for name, part in parts.items():
        field = ("functions", name)
        if isinstance(part, Place):
            for slot, values in part.venues.values.items():
                slots.add(slot, dict.fromkeys(values), *field, "informable")
        else:
            for slot, given in part.slots.items():
                slots.add_command(slot, given, *field, "slots", slot)
    slots.check()
    return slots


def _add_signals(file: CarFile, signals: Signals, source: Source) -> None:
    """Add the signals that no function sets."""
    for name, given in file.signals.items():
        field = ("signals", name)
        if name in file.functions:
            raise source.error(f"{name!r} is a function; give its signal there", *field)
        fields = signal_fields(given, source, *field)
        if not isinstance(fields.path, str):
            raise source.error("a signal without a function has one path", *field, "path")
        for part, given_part in (("texts", fields.texts), ("switch", fields.switch)):
            if given_part:
                raise source.error("only a function's signal has that", *field, part)
        signals.add(name, fields, [fields.path], {}, *field)


class PlaceBook:
    """The places of all functions, one table below the other.

    Args:
        places: By the functions' names.
        slots: All slots of the car.
        source: The file, for errors.
    """

    def __init__(self, places: Mapping[str, Place], slots: Slots, source: Source) -> None:
        self._places = places
        self._slots = slots
        self.entity = next((place.venues.entity for place in places.values()), "name")
        self._first: dict[str, int] = {}
        rows = 0
        for name, place in places.items():
            self._first[name] = rows
            rows += len(place.venues.names)
        if rows > MAX_VENUES:
            raise source.error(
                f"the tables have {rows} rows together; the limit is {MAX_VENUES}", "functions"
            )
        if self.entity in slots.names:
            raise source.error(
                f"{self.entity!r} names a place, and cannot be a slot too", "functions"
            )
        self.private = tuple(
            dict.fromkeys(
                self._private_name(name, column)
                for name, place in places.items()
                for column in place.venues.private
            )
        )
        asked = len(slots.names) + 1 + len(self.private)
        if asked > MAX_REQUESTABLES:
            raise source.error(
                f"there are {asked} slots and requestables; the limit is {MAX_REQUESTABLES}",
                "functions",
            )

    def _private_name(self, function: str, column: str) -> str:
        """Return what a private column is called: a name that no slot of the car has."""
        taken = column == self.entity or column in self._slots.names
        return f"{function}_{column}" if taken else column

    def function(self, name: str) -> Function:
        """Return a place function with numbers for names."""
        place, first = self._places[name], self._first[name]
        return Function(
            name=name,
            slots=tuple(self._slots.number(slot) for slot in place.venues.columns),
            weight=place.weight,
            venues=(first, first + len(place.venues.names)),
            private=tuple(
                self.private.index(self._private_name(name, column))
                for column in place.venues.private
            ),
        )

    def names(self) -> tuple[str, ...]:
        """Return the places' names."""
        return tuple(name for place in self._places.values() for name in place.venues.names)

    def cells(self, numbers: Mapping[str, int]) -> np.ndarray[tuple[int, int], np.dtype[np.int16]]:
        """Return each place's values by number; `numbers` are those of the functions."""
        blocks = []
        for name, place in self._places.items():
            block = np.full((len(place.venues.names), len(self._slots.names)), NO_VALUE, np.int16)
            block[:, self._slots.number(FUNCTION_SLOT)] = numbers[name]
            for slot, column in place.venues.columns.items():
                block[:, self._slots.number(slot)] = numbered(column, self._slots.values(slot))
            blocks.append(block)
        return np.concatenate(blocks or [np.zeros((0, len(self._slots.names)), np.int16)])

    def attributes(self) -> tuple[tuple[str, ...], ...]:
        """Return each place's private answers, "" for what its function does not tell."""
        rows: list[tuple[str, ...]] = []
        for name, place in self._places.items():
            told = {
                self._private_name(name, column): cells
                for column, cells in place.venues.private.items()
            }
            unknown = [""] * len(place.venues.names)
            columns = [told.get(attribute, unknown) for attribute in self.private]
            rows += zip(*columns, strict=True) if columns else [()] * len(unknown)
        return tuple(rows)
