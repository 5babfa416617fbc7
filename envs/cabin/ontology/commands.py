"""Functions that set signals of the car: from the file's fields to `Function` and `Signal`."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rlkit.envs.cabin.ontology.domain import (
    DATATYPES,
    NOISE_SOURCES,
    WHOLE,
    Function,
    Signal,
    Switch,
)
from rlkit.envs.cabin.ontology.fields import CommandFields, SignalFields, SwitchFields
from rlkit.envs.cabin.ontology.slots import Slots, choose
from rlkit.envs.cabin.ontology.yaml_file import Source
from rlkit.envs.cabin.state.tables import MAX_SIGNALS
from rlkit.names import unknown


def _listed(texts: str | list[str]) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else tuple(texts)


def _switch(fields: SwitchFields | None, levels: Mapping[str, float]) -> Switch | None:
    if fields is None:
        return None
    moves = {
        value: (move, move) if isinstance(move, str) else (move.below, move.above)
        for value, move in fields.moves.items()
    }
    return Switch(fields.path, tuple((levels[value], *moves[value]) for value in moves))


class Signals:
    """The signals of a car, and which belong to each function or name."""

    def __init__(self, source: Source) -> None:
        self.signals: list[Signal] = []
        self.named: dict[str, tuple[int, ...]] = {}
        self._source = source

    def add(
        self,
        name: str,
        fields: SignalFields,
        paths: Iterable[str],
        levels: Mapping[str, float],
        *field: str,
    ) -> tuple[int, ...]:
        """Add signals that differ in their paths only; return their numbers.

        Args:
            name: Of the function that sets them, or of the one signal that none sets.
            fields: What they have in common.
            paths: One a signal.
            levels: By value of the setting, if there is one.
            field: Where they are written.

        Raises:
            ValueError: If a path is not new, or a limit is exceeded.
        """
        first, starts = len(self.signals), tuple(fields.starts or (fields.lowest,))
        for path in paths:
            if any(signal.path == path for signal in self.signals):
                raise self._source.error(f"{path!r} is set twice", *field, "path")
            self.signals.append(
                Signal(
                    path,
                    fields.unit,
                    fields.lowest,
                    fields.highest,
                    starts,
                    fields.source,
                    fields.datatype,
                    tuple((levels[value], _listed(fields.texts[value])) for value in fields.texts),
                    _switch(fields.switch, levels),
                )
            )
        if len(self.signals) > MAX_SIGNALS:
            raise self._source.error(
                f"this car has {len(self.signals)} signals; the limit is {MAX_SIGNALS}", *field
            )
        self.named[name] = tuple(range(first, len(self.signals)))
        return self.named[name]


def signal_fields(given: Mapping[str, Any], source: Source, *field: str) -> SignalFields:
    """Return the fields of a signal.

    Raises:
        ValueError: If they do not fit, the range is empty, or a start lies outside it.
    """
    fields = source.check(SignalFields, given, *field)
    span = f"{fields.lowest:g} ... {fields.highest:g}"
    if not fields.lowest < fields.highest:
        raise source.error(f"the range {span} is empty", *field)
    for start in fields.starts or ():
        if not fields.lowest <= start <= fields.highest:
            raise source.error(f"{start:g} is outside {span}", *field, "starts")
    if fields.source is not None and fields.source not in NOISE_SOURCES:
        raise source.error(unknown("noise", fields.source, NOISE_SOURCES), *field, "source")
    _check_datatype(fields, source, *field)
    return fields


def _check_datatype(fields: SignalFields, source: Source, *field: str) -> None:
    """Refuse a type that is none of VSS, or that cannot hold the range and the starts."""
    kind, given = fields.datatype, (fields.lowest, fields.highest, *(fields.starts or ()))
    if kind not in DATATYPES:
        raise source.error(unknown("datatype", kind, DATATYPES), *field, "datatype")
    if (kind == "string") != bool(fields.texts):
        raise source.error("a signal has `texts` if its datatype is string, and only then", *field)
    if kind == "boolean" and not {*given} <= {0.0, 1.0}:
        raise source.error("a boolean is 0 or 1", *field)
    low, high = WHOLE.get(kind, (-math.inf, math.inf))
    for number in given:
        if not low <= number <= high or (kind in WHOLE and number % 1.0):
            raise source.error(f"{number:g} is no {kind}", *field)


@dataclass(frozen=True)
class Command:
    """A command of the file."""

    name: str
    fields: CommandFields
    slots: Slots
    source: Source

    def values(self) -> dict[str, tuple[str, ...]]:
        """Return the values that it has of each of its slots."""
        return {
            slot: self.slots.values(slot) if given == "" else tuple(given)
            for slot, given in self.fields.slots.items()
        }

    def function(self, signals: Signals) -> Function:
        """Return it with numbers for names; add its signals.

        Raises:
            ValueError: If a slot, value or signal does not fit; the message has line and field.
        """
        fields, known = self.fields, self.values()
        for key, slot in (("zone", fields.zone), ("setting", fields.setting)):
            if slot is not None and slot not in known:
                raise self._error(unknown("slot", slot, known), key)
        if (fields.signal is None) != (fields.setting is None):
            raise self._error("a signal needs a `setting`, the slot that sets it, and vice versa")
        if fields.zone is not None and fields.zone == fields.setting:
            raise self._error("the zone and the setting are two slots", "zone")
        return Function(
            name=self.name,
            slots=tuple(self.slots.number(slot) for slot in known),
            weight=fields.weight,
            confirm=fields.confirm,
            signals=() if fields.signal is None else self._signals(fields.signal, signals),
            zone=None if fields.zone is None else self.slots.number(fields.zone),
            setting=None if fields.setting is None else self.slots.number(fields.setting),
            missing=self._missing(known),
            optional=self._optional(known),
        )

    def _error(self, message: str, *field: str) -> ValueError:
        return self.source.error(message, "functions", self.name, *field)

    def _signals(self, given: Mapping[str, Any], signals: Signals) -> tuple[int, ...]:
        """Return the numbers of its signals, one for each value of the zone slot."""
        field = ("functions", self.name, "signal")
        fields = signal_fields(given, self.source, *field)
        levels = self._levels(fields)
        zone = self.fields.zone
        if isinstance(fields.path, str):
            if zone is not None:
                raise self._error(f"give a path for each value of {zone!r}", "signal", "path")
            return signals.add(self.name, fields, [fields.path], levels, *field)
        if fields.switch is not None:
            raise self._error("a switch moves one signal, not one a zone", "signal", "switch")
        if zone is None:
            raise self._error("paths by zone need a `zone`, the slot that chooses", "signal")
        own = self.values()[zone]
        choose({zone: fields.path}, {zone: own}, self.slots, self.source, *field, "path")
        for value in own:
            if value not in fields.path:
                raise self._error(f"there is no path for {value!r}", "signal", "path")
        order = [value for value in self.slots.values(zone) if value in own]
        paths = [fields.path[value] for value in order]
        added = signals.add(self.name, fields, paths, levels, *field)
        number = dict(zip(order, added, strict=True))
        # A zone that only other functions have is missing here, so its signal is never set.
        return tuple(number.get(value, added[0]) for value in self.slots.values(zone))

    def _levels(self, fields: SignalFields) -> dict[str, float]:
        """Return the level of each of its values of the setting, which the signal must have."""
        setting = self.fields.setting
        if setting is None:
            return {}
        every = dict(zip(self.slots.values(setting), self.slots.levels(setting), strict=True))
        levels = {value: every[value] for value in self.values()[setting]}
        for value, level in levels.items():
            if not fields.lowest <= level <= fields.highest:
                raise self._error(
                    f"{value!r} sets {level:g}, outside {fields.lowest:g} ... {fields.highest:g}",
                    "slots",
                    setting,
                )
            if fields.datatype in {"boolean", *WHOLE} and level % 1.0:
                raise self._error(
                    f"{value!r} sets {level:g}, no {fields.datatype}", "slots", setting
                )
        self._check_texts(fields.texts, levels, "texts")
        texts = [text.lower() for given in fields.texts.values() for text in _listed(given)]
        for text in texts:
            if texts.count(text) > 1:
                raise self._error(f"{text!r} occurs twice", "signal", "texts")
        if fields.switch is not None:
            self._check_texts(fields.switch.moves, levels, "switch", "moves")
        return levels

    def _check_texts(
        self, texts: Mapping[str, Any], levels: Mapping[str, float], *field: str
    ) -> None:
        """Check that texts, if there are any, are there for every value and for no other."""
        for value in texts:
            if value not in levels:
                raise self._error(unknown("value", value, levels), "signal", *field)
        for value in levels if texts else ():
            if value not in texts:
                raise self._error(f"there is no text for {value!r}", "signal", *field)

    def _missing(
        self, known: Mapping[str, tuple[str, ...]]
    ) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Return what the file says is missing, and values that only other functions have."""
        field = ("functions", self.name, "missing")
        choose(self.fields.missing, known, self.slots, self.source, *field)
        absent = {}
        for slot, own in known.items():
            gone = set(self.slots.values(slot)) - set(own) | set(self.fields.missing.get(slot, ()))
            if len(gone) == len(self.slots.values(slot)):
                raise self._error(f"no value of {slot!r} is left", "missing", slot)
            if gone:
                absent[slot] = gone
        return tuple((self.slots.number(s), self.slots.numbers(s, absent[s])) for s in absent)

    def _optional(
        self, known: Mapping[str, tuple[str, ...]]
    ) -> tuple[tuple[int, int, tuple[int, ...]], ...]:
        entries = []
        for slot, needed in self.fields.optional.items():
            field = ("functions", self.name, "optional")
            if slot not in known:
                raise self._error(unknown("slot", slot, known), "optional", slot)
            if slot in needed or slot in {self.fields.zone, self.fields.setting}:
                raise self._error(f"{slot!r} is always needed", "optional", slot)
            ((decider, values),) = choose(needed, known, self.slots, self.source, *field, slot)
            entries.append((self.slots.number(slot), decider, values))
        return tuple(entries)
