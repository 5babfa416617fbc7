"""The columns of a CSV of drives: their units and ranges, and how a header may spell them.

`speed`, `Speed [m/s]`, `speed_kmh`, `v (mph)` are columns; a unit that is stated is converted.
"""

import math
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple

from rlkit.envs.cabin.roads.rows import MANOEUVRES, ROADS


class Unit(NamedTuple):
    """A unit that a column may be written in."""

    name: str
    """In words."""
    factor: float
    """What one of it is in the unit of the column."""


def unit_key(text: str) -> str:
    """Return what spellings of a unit have in common: "m/s^2", "m/s²" and "m_s2" are "ms2"."""
    plain = text.lower().translate(str.maketrans("²µμ_", "2uu "))
    return re.sub(r"\bper\b|[^a-z0-9]", "", plain.replace("%", "percent"))


def _units(*given: tuple[str, float, str]) -> dict[str, Unit]:
    """Return units by the keys of their names and of their further spellings."""
    return {
        unit_key(spelling): Unit(name, factor)
        for name, factor, spellings in given
        for spelling in (name, *spellings.split())
    }


_SECONDS = (
    ("s", 1.0, "sec secs second seconds"),
    ("milliseconds", 1e-3, "ms msec msecs millis millisec millisecond"),
)
TIMES = _units(
    *_SECONDS,
    ("microseconds", 1e-6, "us usec usecs micros microsec microsecond"),
    ("nanoseconds", 1e-9, "ns nsec nanos nanosec nanosecond"),
    ("minutes", 60.0, "min mins minute"),
    ("hours", 3600.0, "h hr hrs hour"),
)
SPANS = _units(*_SECONDS)
SPEEDS = _units(
    ("m/s", 1.0, "mps ms-1 m/sec meter/second meters/second metre/second metres/second"),
    ("km/h", 1 / 3.6, "kph kmph km/hr km/hour kilometers/hour kilometres/hour"),
    ("miles an hour", 0.44704, "mph mi/h miles/h mile/hour miles/hour"),
    ("knots", 1852 / 3600, "kn kt kts knot"),
    ("feet a second", 0.3048, "ft/s fps ft/sec feet/s feet/second"),
    ("cm/s", 0.01, "cm/sec"),
)
ACCELERATIONS = _units(
    ("m/s2", 1.0, "m/s/s mps2 mpss m/sec2 m/sec/sec meters/second2 metres/second2"),
    ("multiples of g", 9.80665, "g"),
    ("km/h per second", 1 / 3.6, "km/h/s kmhs kph/s"),
    ("feet a second squared", 0.3048, "ft/s2 ft/s/s fps2"),
)
LENGTHS = _units(
    ("m", 1.0, "meter meters metre metres"),
    ("centimetres", 0.01, "cm centimeter centimeters centimetre"),
    ("millimetres", 0.001, "mm millimeter millimeters millimetre"),
    ("kilometres", 1000.0, "km kilometer kilometers kilometre"),
    ("feet", 0.3048, "ft foot"),
    ("yards", 0.9144, "yd yds yard"),
    ("miles", 1609.344, "mi mile"),
)
SHARES = _units(("0 ... 1", 1.0, "1 0to1 share fraction ratio"), ("percent", 0.01, "pct"))
EVERY_UNIT = {*TIMES, *SPEEDS, *ACCELERATIONS, *LENGTHS, *SHARES}
"""Keys of the units of all columns."""


class Column(NamedTuple):
    """A signal of the file: its unit, its range, and what a value outside of it may mean."""

    unit: str
    low: float
    high: float
    units: Mapping[str, Unit]
    likely: str = ""
    """The unit that numbers out of range may be in."""
    too_low: str = ""
    """What to do about a number below the range."""
    leader: bool = False
    """Whether it is about the car ahead, so that inf or an empty cell means: nobody."""


def or_name(unit: str, name: str, divisor: str) -> str:
    """Return what to do about a column that may be in another unit, such as "ms"."""
    return f"Then divide by {divisor}, or name the column '{name} [{unit}]'"


_FORWARDS = "cut the drive where the car reverses, or leave out the sign of its speed"
_AHEAD = "write 0 where the leader rolls back"
NUMBERS = {
    "time": Column("s", -1e11, 1e11, TIMES),
    "speed": Column("m/s", 0.0, 70.0, SPEEDS, "km/h", _FORWARDS),
    "acceleration": Column("m/s2", -20.0, 20.0, ACCELERATIONS, "km/h/s"),
    "headway": Column("s", 0.0, math.inf, SPANS, "", "a headway is gap / speed", leader=True),
    "time_to_collision": Column("s", 0.0, math.inf, SPANS, leader=True),
    "lateral": Column("m", -10.0, 10.0, LENGTHS, "cm"),
    "rain": Column("0 ... 1", 0.0, 1.0, SHARES, "%"),
    "gap": Column("m", 0.0, math.inf, LENGTHS, "", "a gap is bumper to bumper", leader=True),
    "leader_speed": Column("m/s", 0.0, 70.0, SPEEDS, "km/h", _AHEAD, leader=True),
}
"""Columns of numbers."""
WORDS = {"manoeuvre": MANOEUVRES, "road": ROADS}
"""Columns of words, with the words that they may hold."""
NAMES = (*NUMBERS, *WORDS, "drive")
REQUIRED = ("time", "speed")
ALIASES = {
    "t": "time",
    "timestamp": "time",
    "v": "speed",
    "velocity": "speed",
    "a": "acceleration",
    "thw": "headway",
    "ttc": "time_to_collision",
}
"""Symbols and short names of the field."""
_MISTAKEN: Mapping[str, tuple[Mapping[str, Unit], str]] = {
    "headway": (LENGTHS, "a distance to the leader is called 'gap'"),
    "gap": (TIMES, "a time to the leader is called 'headway'"),
}
"""What a column with a unit of another kind may have been meant to be."""


class Heading(NamedTuple):
    """What a cell of the header names."""

    name: str
    """One of `NAMES`."""
    unit: Unit | None = None
    """Its unit, where the header states one."""

    @property
    def converted(self) -> bool:
        """Whether its numbers are in another unit than the column's."""
        return self.unit is not None and self.unit.factor != 1.0


def read_heading(cell: str) -> Heading | None:
    """Return what a cell of the header names; None if it is no column of a drive.

    Raises:
        ValueError: If it is one, in a unit that it cannot have; the message has the cell.
    """
    text = re.sub(r"[\"'`]", "", cell).strip().lower()
    bracketed = re.match(r"(.*?)[\[({<](.*)[\])}>]$", text)
    name = _plain(bracketed[1] if bracketed else text)
    if name in NAMES:
        stated = bracketed[2] if bracketed else ""
        return _heading(cell, name, stated if name in NUMBERS else "")
    if not bracketed:
        for known in sorted((*NUMBERS, *ALIASES), key=len, reverse=True):
            suffix = re.fullmatch(rf"{known}([\W_]*)(?:in[\W_]+)?(.+)", name)
            if suffix and _is_unit(ALIASES.get(known, known), suffix[2], apart=bool(suffix[1])):
                return _heading(cell, ALIASES.get(known, known), suffix[2])
    return None


def unknown_columns(cells: list[str]) -> str:
    """Return the message about cells of a header that name no column of a drive."""
    if "" in cells:
        return "a column has no name; take it out, or name it (pandas: to_csv(..., index=False))"
    names = ", ".join(repr(cell[:40]) for cell in cells)
    known = f"Known: {', '.join(sorted(NAMES))}"
    if len(cells) > 1:
        return f"unknown columns {names}; take out what a drive does not have. {known}."
    # Only near matches: another quantity under the name of ours would load without a word.
    near = get_close_matches(_plain(cells[0].lower()), NAMES, n=1, cutoff=0.8)
    hint = f"Did you mean {near[0]!r}?" if near else "Take it out if it is none of these."
    return f"unknown column {names}. {hint} {known}."


def _plain(text: str) -> str:
    name = re.sub(r"[\s._-]+", "_", text).strip("_/,:")
    return ALIASES.get(name, name)


def _is_unit(name: str, text: str, *, apart: bool) -> bool:
    """Return whether what follows a name is a unit; without a separator only one of its own."""
    key = unit_key(text)
    return key in NUMBERS[name].units or (apart and key in EVERY_UNIT)


def _heading(cell: str, name: str, stated: str) -> Heading:
    key = unit_key(stated)
    if not key:
        return Heading(name)
    units = NUMBERS[name].units
    if key in units:
        return Heading(name, units[key])
    others, advice = _MISTAKEN.get(name, ({}, ""))
    known = ", ".join(dict.fromkeys(unit.name for unit in units.values()))
    raise ValueError(
        f"column {cell!r}: {stated.strip()!r} is no unit of {name!r}; "
        f"{advice if key in others else 'convert it'}. Known: {known}"
    )
