"""The slots of a car, gathered from its functions: those of the same name are one slot."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from rlkit.envs.cabin.ontology.yaml_file import LONGEST_WORD, Source
from rlkit.envs.cabin.state.tables import MAX_COMMAND_VALUES, MAX_SLOTS, MAX_VALUES
from rlkit.names import unknown

FUNCTION_SLOT = "function"
"""Slot 0 of a car; its values are the functions' names."""

Levels = dict[str, float | None]
"""What each value sets a signal to; None: its place among the slot's values."""


class Slots:
    """Values and levels by slot, in the order in which functions name them.

    Args:
        functions: Names of the functions, the values of slot 0.
        source: The file, for errors.
    """

    def __init__(self, functions: Iterable[str], source: Source) -> None:
        self._levels: dict[str, Levels] = {FUNCTION_SLOT: dict.fromkeys(functions)}
        self._commanded: set[str] = set()
        self._source = source

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the slots."""
        return tuple(self._levels)

    def values(self, slot: str) -> tuple[str, ...]:
        """Return the values of a slot."""
        return tuple(self._levels[slot])

    def levels(self, slot: str) -> tuple[float, ...]:
        """Return the level of each value of a slot."""
        return tuple(
            float(place if level is None else level)
            for place, level in enumerate(self._levels[slot].values())
        )

    def number(self, slot: str) -> int:
        """Return the number of a slot."""
        return self.names.index(slot)

    def numbers(self, slot: str, values: Iterable[str]) -> tuple[int, ...]:
        """Return the numbers of some values of a slot."""
        known = self.values(slot)
        return tuple(sorted(known.index(value) for value in values))

    def add(self, slot: str, levels: Mapping[str, float | None], *field: str) -> None:
        """Add values to a slot, which need not exist yet.

        Raises:
            ValueError: If a value has another level already, or a limit is exceeded.
        """
        if slot == FUNCTION_SLOT:
            raise self._source.error(
                f"a slot cannot be called {slot!r}: that is slot 0, which function is meant", *field
            )
        known = self._levels.setdefault(slot, {})
        for value, level in levels.items():
            before = known.setdefault(value, level)
            if level is None or before == level:
                continue
            if before is not None:
                raise self._source.error(
                    f"{value!r} is {level:g} here and {before:g} in an earlier function", *field
                )
            known[value] = level
        self._check_size(slot, field)

    def add_command(self, slot: str, given: Any, *field: str) -> None:
        """Add a slot of a command, as the file gives it: `{value: level}`, a list, or nothing.

        In a list of numbers each is its own level.
        """
        self._commanded.add(slot)
        self.add(slot, self._read(given, field), *field)

    def check(self) -> None:
        """Check, after all functions have been gathered, that every slot has a value."""
        for slot, levels in self._levels.items():
            if not levels:
                raise self._source.error(f"no function gives the values of {slot!r}", "functions")

    def _read(self, given: Any, field: tuple[str, ...]) -> Levels:
        if given == "":
            return {}
        if isinstance(given, dict) and given:
            return {
                self._word(value, field): self._level(level, (*field, value))
                for value, level in given.items()
            }
        if not isinstance(given, list) or not given:
            raise self._source.error(
                f"values are a list, or a mapping of values to levels, got {given!r}", *field
            )
        words = [self._word(value, field) for value in given]
        for word, count in Counter(words).items():
            if count > 1:
                raise self._source.error(f"{word!r} occurs twice", *field)
        numbers = [_number(word) for word in words]
        if all(number is not None for number in numbers):
            return dict(zip(words, numbers, strict=True))
        return dict.fromkeys(words)

    def _word(self, value: Any, field: tuple[str, ...]) -> str:
        if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_WORD:
            raise self._source.error(
                f"a value is a word of 1 ... {LONGEST_WORD} letters, got {value!r}", *field
            )
        return value

    def _level(self, level: Any, field: tuple[str, ...]) -> float:
        number = _number(level)
        if number is None:
            raise self._source.error(f"a level is a number, got {level!r}", *field)
        return number

    def _check_size(self, slot: str, field: tuple[str, ...]) -> None:
        commanded = slot in self._commanded
        limit = MAX_COMMAND_VALUES if commanded else MAX_VALUES
        size = len(self._levels[slot])
        if size > limit:
            kind = "a slot of a command" if commanded else "a slot"
            raise self._source.error(
                f"{slot!r} has {size} values; the limit of {kind} is {limit}", *field
            )
        if len(self._levels) > MAX_SLOTS:
            raise self._source.error(
                f"{slot!r} is slot {len(self._levels)}, {FUNCTION_SLOT!r} included; "
                f"the limit is {MAX_SLOTS}",
                *field,
            )


def choose(
    given: Mapping[str, Iterable[str]],
    known: Mapping[str, Iterable[str]],
    slots: Slots,
    source: Source,
    *field: str,
) -> tuple[tuple[int, tuple[int, ...]], ...]:
    """Return numbers of slots and values that a part of the file names.

    Args:
        given: Values by slot.
        known: What may be named: the slots of a function, and its values of them.
        slots: All slots.
        source: The file.
        field: Where `given` is.

    Raises:
        ValueError: If a slot or value is unknown; the message has the nearest.
    """
    for slot, values in given.items():
        if slot not in known:
            raise source.error(unknown("slot", slot, known), *field, slot)
        for value in values:
            if value not in known[slot]:
                raise source.error(unknown("value", value, known[slot]), *field, slot)
    return tuple((slots.number(slot), slots.numbers(slot, given[slot])) for slot in given)


def _number(text: Any) -> float | None:
    """Return a finite number that a text gives, else None."""
    try:
        number = float(text)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
