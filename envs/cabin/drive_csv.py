"""A user's own drives from a CSV file: every cell is checked, every error names its place."""

import csv
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rlkit.envs.cabin.drive_rows import MANOEUVRES, ROADS, Drives, Floats
from rlkit.envs.cabin.drive_signals import Recording, join_recordings
from rlkit.names import unknown

LARGEST_CSV = 20_000_000
"""Limit of a file [bytes]."""


@dataclass(frozen=True)
class Column:
    """A signal of the file: its unit, its range, and what a value outside of it may mean."""

    unit: str
    low: float
    high: float
    hint: str = ""
    leader: bool = False
    """Whether inf or an empty cell means that there is no leader (or that no gap closes)."""


KMH = "is it km/h? Then divide by 3.6"
NUMBERS = {
    "time": Column("s", -1e12, 1e12),
    "speed": Column("m/s", 0.0, 70.0, KMH),
    "acceleration": Column("m/s2", -20.0, 20.0, "is it km/h per second? Then divide by 3.6"),
    "headway": Column("s", 0.0, 1e6, "a headway is gap / speed", leader=True),
    "time_to_collision": Column(
        "s", 0.0, 1e6, "leave the cell empty or write inf while the gap opens", leader=True
    ),
    "lateral": Column("m", -10.0, 10.0, "is it cm? Then divide by 100"),
    "rain": Column("0 ... 1", 0.0, 1.0, "is it percent? Then divide by 100"),
    "gap": Column("m", 0.0, 1e6, "a gap is bumper to bumper", leader=True),
    "leader_speed": Column("m/s", 0.0, 70.0, KMH, leader=True),
}
"""Columns of numbers."""
WORDS = {"manoeuvre": MANOEUVRES, "road": ROADS}
"""Columns of words, with the words that they may hold."""
NAMES = (*NUMBERS, *WORDS, "drive")
REQUIRED = ("time", "speed")

FOREIGN_UNITS = {
    "kmh": ("km/h", "divide by 3.6"),
    "kph": ("km/h", "divide by 3.6"),
    "mph": ("miles an hour", "multiply by 0.44704"),
    "ms": ("milliseconds", "divide by 1000"),
    "g": ("multiples of g", "multiply by 9.81"),
    "cm": ("centimetres", "divide by 100"),
    "ft": ("feet", "multiply by 0.3048"),
    "percent": ("percent", "divide by 100"),
}
"""Units that a column's name may end with, and how to convert them."""


@dataclass(frozen=True)
class _Place:
    """Words for where a row stands in the file."""

    path: Path
    lines: Sequence[int]

    def __call__(self, row: int) -> str:
        return f"{self.path}, line {self.lines[row]}"


def read_csv(path: Path) -> Drives:
    """Read drives from a CSV file in UTF-8; `docs/drives.md` describes the columns.

    What is completed or resampled is said through a `UserWarning`.

    Raises:
        ValueError: If the file is missing, empty, larger than `LARGEST_CSV`, or a cell is not
            what its column holds; the message names file, line and column.
    """
    header, cells, lines = _cells(path)
    columns = {name: [row[index] for row in cells] for index, name in enumerate(header)}

    place = _Place(path, lines)
    signals = {name: _numbers(name, columns[name], place) for name in NUMBERS if name in columns}
    signals |= {name: _codes(name, columns[name], place) for name in WORDS if name in columns}
    bounds = _drive_bounds(columns.get("drive", [""] * len(cells)))
    recordings = [
        Recording(
            {name: signal[first:last] for name, signal in signals.items()},
            _Place(path, lines[first:last]),
        )
        for first, last in bounds
    ]
    return join_recordings(recordings, str(path))


def _cells(path: Path) -> tuple[list[str], list[list[str]], list[int]]:
    """Return the names of the columns, the rows of cells, and the line of each row."""
    if not path.is_file():
        raise ValueError(f"there is no drive {path}")
    size = path.stat().st_size
    if size > LARGEST_CSV:
        raise ValueError(f"{path} has {size:,} bytes; the limit is {LARGEST_CSV:,}: split it")
    rows, lines = [], []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            for row in reader:
                if any(cell.strip() for cell in row):
                    rows.append([cell.strip() for cell in row])
                    lines.append(reader.line_num)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path} is not CSV in UTF-8: {error}") from None
    if not rows:
        raise ValueError(f"{path} is empty; the first line names the columns: time, speed, ...")
    header = _header(f"{path}, line {lines[0]}", rows[0])
    if len(rows) == 1:
        raise ValueError(f"{path} has a header and no rows")
    for row, line in zip(rows[1:], lines[1:], strict=True):
        if len(row) != len(header):
            raise ValueError(
                f"{path}, line {line}: {len(row)} cells under {len(header)} columns; "
                "numbers have a decimal point, cells are separated by commas"
            )
    return header, rows[1:], lines[1:]


def _header(where: str, names: Sequence[str]) -> list[str]:
    header = [name.lower() for name in names]
    for name in header:
        if name not in NAMES:
            raise ValueError(f"{where}: {_foreign_unit(name) or unknown('column', name, NAMES)}")
        if header.count(name) > 1:
            raise ValueError(f"{where}: two columns are named {name!r}")
    for name in REQUIRED:
        if name not in header:
            raise ValueError(
                f"{where}: there is no column {name!r} [{NUMBERS[name].unit}]; it is required"
            )
    return header


def _foreign_unit(name: str) -> str | None:
    """Return what to do about a column such as `speed_kmh` or `speed [km/h]`, or None."""
    for known in sorted(NUMBERS, key=len, reverse=True):
        unit = re.sub(r"[^a-z%]", "", name.removeprefix(known)).replace("%", "percent")
        if name.startswith(known) and unit in FOREIGN_UNITS:
            what, conversion = FOREIGN_UNITS[unit]
            return (
                f"column {name!r} is in {what}: {conversion} and name it "
                f"{known!r} [{NUMBERS[known].unit}]"
            )
    return None


def _numbers(name: str, cells: Sequence[str], place: _Place) -> Floats:
    """Return the numbers of a column; inf where there is no leader."""
    column = NUMBERS[name]
    numbers = np.empty(len(cells))
    for row, cell in enumerate(cells):
        fault = ""
        try:
            number = math.inf if column.leader and not cell else float(cell)
        except ValueError:
            number, fault = math.nan, f"{cell[:40]!r} is not a number"
        if not fault and not column.low <= number <= column.high:
            absent = column.leader and number == math.inf
            fault = "" if absent else _outside(column, number)
        if fault:
            raise ValueError(f"{place(row)}, column {name}: {fault}")
        numbers[row] = number
    return numbers


def _outside(column: Column, number: float) -> str:
    if math.isnan(number):
        return "NaN is not allowed; fill the gap or cut the drive there"
    allowed = f"{column.low:g} ... {column.high:g}"
    hint = f"; {column.hint}" if column.hint else ""
    return f"{number:g} is outside of {allowed} [{column.unit}]{hint}"


def _codes(name: str, cells: Sequence[str], place: _Place) -> Floats:
    """Return the codes of a column of words; underscores and hyphens count as spaces."""
    codes = {word: code for code, word in enumerate(WORDS[name])}
    numbers = np.empty(len(cells))
    for row, cell in enumerate(cells):
        word = re.sub(r"[\s_-]+", " ", cell.lower())
        if word not in codes:
            raise ValueError(f"{place(row)}, column {name}: {unknown(name, cell[:40], codes)}")
        numbers[row] = codes[word]
    return numbers


def _drive_bounds(labels: Sequence[str]) -> list[tuple[int, int]]:
    """Return (first row, row after the last) of each run of equal labels."""
    changes = [row for row in range(1, len(labels)) if labels[row] != labels[row - 1]]
    return list(zip([0, *changes], [*changes, len(labels)], strict=True))
