"""The cells of a column as numbers: every fault names its place, every repair is noted."""

import math
import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.roads.columns import NUMBERS, WORDS, Column, Heading, or_name, unit_key
from rlkit.envs.cabin.roads.rows import STANDSTILL, Floats
from rlkit.names import unknown

Place = Callable[[int], str]
"""Words for where a row stands in the file."""
Notes = dict[str, None]
"""What was repaired, resampled or completed, in words, each once."""

MISSING = ("", "-", "--", "nan", "na", "n/a", "#n/a", "null", "none", "nil", "missing")
"""Cells in which loggers have no number."""
NOBODY = (-1.0, -9.0, -99.0, -999.0, -9999.0)
"""Numbers that recordings write where there is no car ahead."""
NOBODY_FAST = (255.0, 999.0, 9999.0, 65535.0, 99999.0)
"""Such numbers for its speed; farther ahead than any gap counts as nobody anyway."""
OPEN_QUOTE = "a quotation mark is opened and never closed"
FILL = "fill the gap or cut the drive there"
"""What to do about a number that is missing."""
ABSENT = {
    "gap": "nobody ahead",
    "headway": "nobody ahead",
    "time_to_collision": "a gap that does not close",
    "leader_speed": "the own speed",
}
"""What it means that a column about the car ahead has no number."""
EPOCHS = {1e14: ("ms", "milliseconds", "1000"), 1e17: ("us", "microseconds", "1e6")}
"""Units of times since 1970 below these numbers; larger ones are nanoseconds."""


def read_numbers(heading: Heading, cells: Sequence[str], place: Place, notes: Notes) -> Floats:
    """Return the numbers of a column in its own unit; inf where there is nobody ahead.

    Raises:
        ValueError: If a cell is no number, or out of range.
    """
    name, column = heading.name, NUMBERS[heading.name]
    raw = np.empty(len(cells))
    for row, cell in enumerate(cells):
        try:
            raw[row] = float(cell)
        except ValueError:
            if cell.lower() not in MISSING:
                raise ValueError(f"{place(row)}, column {name}: {_no_number(name, cell)}") from None
            raw[row] = math.nan
    numbers = raw * heading.unit.factor if heading.unit else raw.copy()
    if column.leader:
        empty = np.array([not cell for cell in cells])
        _see_nobody(name, raw, numbers, empty, notes)
    if name in {"speed", "leader_speed"}:
        _settle(name, numbers, notes)
    allowed = (numbers >= column.low) & (numbers <= column.high)
    allowed |= column.leader & np.isposinf(numbers)
    if not allowed.all():
        row = int(np.argmin(allowed))
        fault = _outside(heading, column, cells[row], numbers[row])
        raise ValueError(f"{place(row)}, column {name}: {fault}")
    return numbers


def read_codes(name: str, cells: Sequence[str], place: Place) -> Floats:
    """Return the codes of a column of words, or of codes; "Lane_Change" is "lane change".

    Raises:
        ValueError: If a word is none of the column's.
    """
    words = WORDS[name]
    codes = {spelling: code for code, word in enumerate(words) for spelling in (word, str(code))}
    numbers = np.empty(len(cells))
    for row, cell in enumerate(cells):
        word = re.sub(r"[\s_-]+", " ", cell.lower())
        if word not in codes:
            raise ValueError(f"{place(row)}, column {name}: {unknown(name, cell[:40], words)}")
        numbers[row] = codes[word]
    return numbers


def _see_nobody(
    name: str, raw: Floats, numbers: Floats, empty: NDArray[np.bool_], notes: Notes
) -> None:
    """Write inf where a recording says in its own way that nobody is ahead, and note it."""
    conventions: dict[str, NDArray[np.bool_]] = {"not a number": np.isnan(raw) & ~empty}
    conventions |= {f"{number:g}": raw == number for number in NOBODY}
    if name == "leader_speed":
        fast = numbers > NUMBERS[name].high
        conventions |= {f"{number:g}": (raw == number) & fast for number in NOBODY_FAST}
    else:  # no gap, and no time to a car ahead, is nothing at all
        conventions["0"] = raw == 0.0
    if name == "time_to_collision":
        conventions["below 0"] = raw < 0.0
    numbers[empty] = math.inf
    for what, found in conventions.items():
        new = found & ~np.isposinf(numbers)
        if new.any():
            numbers[new] = math.inf
            notes[f"column {name!r} is {what} in {_rows(new)}: taken as {ABSENT[name]}"] = None


def _settle(name: str, numbers: Floats, notes: Notes) -> None:
    """Write 0 where a sensor at rest shows a little less, and note it."""
    noise = (numbers < 0.0) & (numbers > -STANDSTILL)
    if noise.any():
        numbers[noise] = 0.0
        notes[f"column {name!r} is a little below 0 in {_rows(noise)}: taken as 0"] = None


def _rows(rows: NDArray[np.bool_]) -> str:
    count = int(rows.sum())
    return f"{count} rows" if count > 1 else "1 row"


def _no_number(name: str, cell: str) -> str:
    """Return what is wrong with a cell that is no number."""
    what = f"{cell[:40]!r} is not a number"
    if "\n" in cell:
        return OPEN_QUOTE
    behind = re.sub(r"^[-+.\d\s]*", "", cell)
    if behind and unit_key(behind) in NUMBERS[name].units:
        return f"{what}; a unit belongs into the header, as in '{name} [{behind[:40]}]'"
    if re.fullmatch(r"[-+]?\d+,\d+", cell):
        return f"{what}; numbers have a decimal point"
    return f"{what}; time is in seconds [s] since any moment" if name == "time" else what


def _outside(heading: Heading, column: Column, cell: str, number: float) -> str:
    """Return what is wrong with a number that its column cannot hold."""
    if math.isnan(number):
        what = "NaN is not allowed" if cell.lower() == "nan" else f"{cell!r} is an empty cell"
        return f"{what}; {FILL}"
    came = f"{number:g}"
    if heading.converted and heading.unit is not None:
        came = f"{cell} {heading.unit.name}, {number:g}"
    what = f"{came} is outside of {column.low:g} ... {column.high:g} [{column.unit}]"
    hint = _hint(heading, column, number)
    return f"{what}; {hint}" if hint else what


def _hint(heading: Heading, column: Column, number: float) -> str:
    """Return what a number out of range may mean, as far as it can be told."""
    name = heading.name
    if name == "time":
        return _epoch(number)
    if number in (*NOBODY[1:], *NOBODY_FAST):
        return f"is it a missing number? {FILL.capitalize()}"
    other = column.units.get(unit_key(column.likely))
    if other and not heading.converted and column.low <= number * other.factor <= column.high:
        divisor = f"{1.0 / other.factor:g}"
        return f"is it {other.name}? {or_name(column.likely, name, divisor)}"
    return column.too_low if number < column.low else ""


def _epoch(number: float) -> str:
    """Return which time since 1970 a number may be."""
    likely = (unit for limit, unit in EPOCHS.items() if abs(number) < limit)
    short, unit, divisor = next(likely, ("ns", "nanoseconds", "1e9"))
    return f"is it {unit} since 1970? {or_name(short, 'time', divisor)}"
