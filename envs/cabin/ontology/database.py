"""Tables of venues from CSV or SQLite files, read as text."""

import csv
import sqlite3
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rlkit.envs.cabin.state.tables import MAX_VENUES
from rlkit.names import unknown

LARGEST_TABLE = 20_000_000
"""Bytes of a table file."""
LONGEST_CELL = 2000
"""Letters of one cell; what is longer is cut."""
CONTROLS = dict.fromkeys((*range(32), 127), " ")
"""Control characters become spaces: cells are shown in terminals."""
SQLITE_SUFFIXES = {".db", ".sqlite", ".sqlite3"}


@dataclass(frozen=True)
class Table:
    """A table of text; an empty cell is ""."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def column(self, name: str) -> list[str]:
        """Return the cells of a column."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    def __len__(self) -> int:
        return len(self.rows)


def read_table(path: Path, table_name: str | None, domain: str) -> Table:
    """Return the table of a CSV or SQLite file.

    Args:
        path: The file.
        table_name: Table of an SQLite file; None for the one named after the file or domain, or
            the only one.
        domain: Name of the domain.

    Raises:
        ValueError: If there is no such file or table, or it is too large or malformed.
    """
    if not path.is_file():
        raise ValueError(f"there is no table {path}")
    if path.stat().st_size > LARGEST_TABLE:
        raise ValueError(f"{path} has {path.stat().st_size} bytes; the limit is {LARGEST_TABLE}")
    suffix = path.suffix.lower()
    if suffix in SQLITE_SUFFIXES:
        table = _read_sqlite(path, table_name, domain)
    elif suffix == ".csv":
        table = _read_csv(path)
    else:
        raise ValueError(f"a table is a .csv or SQLite (.db) file, got {path.name!r}")
    if len(table) == 0:
        raise ValueError(f"{path} has no rows")
    if len(table) > MAX_VENUES:
        raise ValueError(f"{path} has {len(table)} rows; the limit is {MAX_VENUES}")
    return table


def _read_csv(path: Path) -> Table:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))
    except (UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path} is not CSV in UTF-8: {error}") from None
    if not lines:
        raise ValueError(f"{path} is empty; the first line names the columns")
    columns = tuple(name.strip() for name in lines[0])
    rows = []
    for number, line in enumerate(lines[1:], 2):
        if not line:
            continue
        if len(line) != len(columns):
            raise ValueError(
                f"{path}, line {number}: {len(line)} cells under {len(columns)} columns"
            )
        rows.append(tuple(_text(cell) for cell in line))
    return _checked(path, columns, rows)


def _read_sqlite(path: Path, table_name: str | None, domain: str) -> Table:
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            names = [
                str(row[0])
                for row in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
            ]
            chosen = _choose_table(path, names, table_name, domain)
            quoted = chosen.replace('"', '""')
            # The name is one of the file's own tables, and quoted.
            cursor = connection.execute(f'SELECT * FROM "{quoted}" LIMIT {MAX_VENUES + 1}')  # noqa: S608
            columns = tuple(str(column[0]) for column in cursor.description)
            rows = [tuple(_text(cell) for cell in row) for row in cursor]
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise ValueError(f"{path} cannot be read as SQLite: {error}") from None
    return _checked(path, columns, rows)


def _choose_table(path: Path, names: list[str], table_name: str | None, domain: str) -> str:
    if table_name is not None:
        if table_name not in names:
            raise ValueError(f"{path}: " + unknown("table", table_name, names))
        return table_name
    for wanted in (path.stem, domain):
        for name in names:
            if name.lower() == wanted.lower():
                return name
    if len(names) == 1:
        return names[0]
    raise ValueError(f"{path} has the tables {names}; say which one with `table_name`")


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).translate(CONTROLS).strip()[:LONGEST_CELL]


def _checked(path: Path, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Table:
    for name, count in Counter(columns).items():
        if count > 1:
            raise ValueError(f"{path} has {count} columns named {name!r}")
    return Table(columns, tuple(rows))
