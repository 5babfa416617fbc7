"""A user's own drives from a CSV file: every cell is checked, every error names its place."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rlkit.envs.cabin.roads.cells import OPEN_QUOTE, Notes, read_codes, read_numbers
from rlkit.envs.cabin.roads.checks import LONGEST_STEP, Recording
from rlkit.envs.cabin.roads.columns import (
    NUMBERS,
    REQUIRED,
    WORDS,
    Heading,
    read_heading,
    unknown_columns,
)
from rlkit.envs.cabin.roads.resampling import join_recordings
from rlkit.envs.cabin.roads.rows import Drives, Floats

LARGEST_CSV = 20_000_000
"""Limit of a file [bytes]."""
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces"}
"""What other files separate their cells by."""


@dataclass(frozen=True)
class _Place:
    """Words for where a row stands in the file."""

    path: Path
    lines: Sequence[int]

    def __call__(self, row: int) -> str:
        return f"{self.path}, line {self.lines[row]}"


@dataclass(frozen=True)
class _Table:
    """The cells of a file."""

    header: list[Heading]
    cells: list[list[str]]
    place: _Place

    def column(self, name: str) -> list[str] | None:
        """Return the cells of a column, if there is one."""
        names = [heading.name for heading in self.header]
        if name not in names:
            return None
        place = names.index(name)
        return [row[place] for row in self.cells]


def read_csv(path: Path) -> Drives:
    """Read drives from a CSV file in UTF-8; `docs/drives.md` describes the columns.

    What is converted, repaired, resampled or completed is said through a `UserWarning`.

    Raises:
        ValueError: If the file is missing, empty, larger than `LARGEST_CSV`, or a cell is not
            what its column holds; the message names file, line and column.
    """
    table = _read_table(path)
    converted = [
        f"column {heading.name!r} was converted from {heading.unit.name}"
        for heading in table.header
        if heading.unit is not None and heading.converted
    ]
    try:
        notes: Notes = dict.fromkeys(converted)
        return join_recordings(_recordings(table, notes), str(path), notes)
    except ValueError as error:
        # Whoever reads 36 where 130 is written must know why.
        raise ValueError("; ".join([str(error), *converted])) from None


def _recordings(table: _Table, notes: Notes) -> list[Recording]:
    """Return the drives of a file as they were measured."""
    signals: dict[str, Floats] = {}
    for heading in table.header:
        cells = table.column(heading.name) or []
        if heading.name in NUMBERS:
            signals[heading.name] = read_numbers(heading, cells, table.place, notes)
        elif heading.name in WORDS:
            signals[heading.name] = read_codes(heading.name, cells, table.place)
    stated = frozenset(heading.name for heading in table.header if heading.unit is not None)
    labels = table.column("drive") or [""] * len(table.cells)
    bounds = _drive_bounds(labels)
    _check_pieces(labels, bounds, signals["time"], table.place)
    lines = table.place.lines
    return [
        Recording(
            {name: signal[first:last] for name, signal in signals.items()},
            _Place(table.place.path, lines[first:last]),
            stated,
        )
        for first, last in bounds
    ]


def _read_table(path: Path) -> _Table:
    rows, lines = _read_rows(path)
    if not rows:
        raise ValueError(f"{path} is empty; the first line names the columns: time, speed, ...")
    header = _header(f"{path}, line {lines[0]}", rows[0])
    if len(rows) == 1:
        raise ValueError(f"{path} has a header and no rows")
    cells = [_without_empty_end(row, len(header)) for row in rows[1:]]
    for row, line in zip(cells, lines[1:], strict=True):
        if len(row) != len(header):
            hint = "numbers have a decimal point, cells are separated by commas"
            if any("\n" in cell for cell in row):
                hint = OPEN_QUOTE
            raise ValueError(
                f"{path}, line {line}: {len(row)} cells under {len(header)} columns; {hint}"
            )
    return _Table(header, cells, _Place(path, lines[1:]))


def _read_rows(path: Path) -> tuple[list[list[str]], list[int]]:
    """Return the rows of cells, and the line of each; lines of blanks and remarks are none."""
    if not path.is_file():
        raise ValueError(f"there is no drive {path}")
    size = path.stat().st_size
    if size > LARGEST_CSV:
        raise ValueError(f"{path} has {size:,} bytes; the limit is {LARGEST_CSV:,}: split it")
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            for row in reader:
                cells = [cell.strip() for cell in row]
                if not rows and cells and cells[0].startswith("#"):
                    cells = _without_mark(cells)
                if any(cells) and not cells[0].startswith("#"):
                    rows.append(cells)
                    lines.append(reader.line_num)
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path} is not CSV in UTF-8: {error}; save it as such") from None
    return rows, lines


def _without_mark(cells: list[str]) -> list[str]:
    """Return a header without the mark of a remark, which NumPy writes before it."""
    names = [cells[0].lstrip("# "), *cells[1:]]
    return names if all(_names_column(cell) for cell in names) else cells


def _names_column(cell: str) -> bool:
    try:
        return read_heading(cell) is not None
    except ValueError:
        return True


def _without_empty_end(row: list[str], width: int) -> list[str]:
    """Return a row without what a comma at the end of its line adds."""
    return row[:width] if len(row) > width and not any(row[width:]) else row


def _header(where: str, names: Sequence[str]) -> list[Heading]:
    cells = _without_empty_end(list(names), max(i for i, name in enumerate(names) if name) + 1)
    try:
        found = [read_heading(cell) for cell in cells]
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    strangers = [cell for cell, heading in zip(cells, found, strict=True) if heading is None]
    header = [heading for heading in found if heading is not None]
    if strangers:
        raise ValueError(f"{where}: {_no_header(cells, header) or unknown_columns(strangers)}")
    known = [heading.name for heading in header]
    for name in known:
        if known.count(name) > 1:
            raise ValueError(f"{where}: two columns are named {name!r}; take one of them out")
    for name in REQUIRED:
        if name not in known:
            raise ValueError(
                f"{where}: there is no column {name!r} [{NUMBERS[name].unit}]; it is required"
            )
    return header


def _no_header(cells: Sequence[str], header: Sequence[Heading]) -> str | None:
    """Return what is wrong with a line that is no header in commas, or None."""
    line = ",".join(cells)
    for separator, what in SEPARATORS.items():
        parts = line.split(separator)
        # A space may stand in a name; where there are commas, it separates nothing.
        other = len(parts) > len(cells) and (separator != " " or len(cells) == 1)
        if other and any(_names_column(part) for part in parts):
            return (
                f"the cells are separated by {what}; separate them by commas, and write numbers "
                "with a decimal point"
            )
    if not header:
        return (
            f"{line[:40]!r} names no column; the first line names the columns: "
            f"{', '.join(REQUIRED)}, ..."
        )
    return None


def _drive_bounds(labels: Sequence[str]) -> list[tuple[int, int]]:
    """Return (first row, row after the last) of each run of equal labels."""
    changes = [row for row in range(1, len(labels)) if labels[row] != labels[row - 1]]
    return list(zip([0, *changes], [*changes, len(labels)], strict=True))


def _check_pieces(
    labels: Sequence[str], bounds: Sequence[tuple[int, int]], time: Floats, place: _Place
) -> None:
    """Refuse a drive whose rows go on after some of another: they would be drives of a row."""
    before: dict[str, tuple[int, int]] = {}
    for first, last in bounds:
        label = labels[first]
        if label in before:
            start, end = before[label]
            goes_on = 0.0 <= time[first] - time[end - 1] <= LONGEST_STEP
            if goes_on or 1 in (end - start, last - first):
                raise ValueError(
                    f"{place(first)}, column drive: {label[:40]!r} goes on here, after rows of "
                    "another drive; sort the rows by drive, then by time"
                )
        before[label] = first, last
