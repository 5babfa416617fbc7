"""Places of a table: which columns the driver constrains, and which only the driver may ask."""

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.ontology.database import Table, read_table
from rlkit.envs.cabin.ontology.fields import VenueFields
from rlkit.envs.cabin.ontology.yaml_file import Source
from rlkit.envs.cabin.state.acts import NO_VALUE
from rlkit.envs.cabin.state.tables import MAX_VALUES
from rlkit.names import unknown


@dataclass(frozen=True)
class Venues:
    """The places of one table."""

    entity: str
    """Column that names a place."""
    names: tuple[str, ...]
    """`(rows,)`."""
    columns: Mapping[str, Sequence[str]]
    """By slot: the cell of each place, "" where the table has none."""
    values: Mapping[str, tuple[str, ...]]
    """By slot: its values, sorted, those included that no place has."""
    private: Mapping[str, Sequence[str]]
    """By what only the driver may ask: the answer of each place."""


def read_venues(described: VenueFields, name: str, source: Source, *field: str) -> Venues:
    """Return the places that a part of a YAML file describes.

    Args:
        described: The part's fields.
        name: Name of the domain or function.
        source: The file.
        field: Where in the file the part is; nothing for the whole file.

    Warns:
        UserWarning: If places share their name, or have none and are left out.

    Raises:
        ValueError: If the table or a column is wrong; the message has line and field.
    """
    try:
        table = read_table(source.path.parent / described.table, described.table_name, name)
    except ValueError as error:
        raise source.error(str(error), *field, "table") from None
    informable = [slot for slot in described.informable if slot != described.entity]
    _check_columns(described, informable, table, source, field)
    named = _with_names(table, described.entity, source, field)
    values = {}
    for slot in informable:
        found = {cell for cell in table.column(slot) if cell}
        values[slot] = tuple(sorted(found | set(described.values.get(slot, ()))))
        if not 1 <= len(values[slot]) <= MAX_VALUES:
            raise source.error(
                f"{slot!r} has {len(values[slot])} values; allowed are 1 ... {MAX_VALUES}",
                *field,
                "informable",
            )
    names = tuple(named.column(described.entity))
    _tell_shared_names(names, described)
    return Venues(
        entity=described.entity,
        names=names,
        columns={slot: named.column(slot) for slot in informable},
        values=values,
        private={
            column: named.column(column)
            for column in described.requestable
            if column not in (*informable, described.entity)
        },
    )


def _tell_shared_names(names: Sequence[str], described: VenueFields) -> None:
    """Warn of places with the same name."""
    counts = Counter(names)
    shared = {name: count for name, count in counts.items() if count > 1}
    if shared:
        example = max(shared, key=lambda name: shared[name])
        warnings.warn(
            f"{described.table}: {sum(shared.values())} of {len(names)} rows share their "
            f"{described.entity!r} with another row, such as {example!r} in {shared[example]} rows."
            " Each row is a place of its own: an offer of one is not an offer of the other, though "
            "both are called the same. If they are the same place, leave one row; else give "
            f"{described.entity!r} something that tells them apart, such as the street.",
            UserWarning,
            stacklevel=4,
        )


def _with_names(table: Table, entity: str, source: Source, field: tuple[str, ...]) -> Table:
    """Return the rows that have a name; a warning counts the others, which nobody can be told.

    Raises:
        ValueError: If no row has one.
    """
    place = table.columns.index(entity)
    named = tuple(row for row in table.rows if row[place])
    nameless = len(table) - len(named)
    if not named:
        raise source.error(
            f"no row of the table has a name: the column {entity!r} is empty; choose another one "
            "with `entity`, or fill it",
            *field,
            "table",
        )
    if nameless:
        warnings.warn(
            f"{source.where(*field, 'table')}: {nameless} of {len(table)} rows have no name in "
            f"the column {entity!r} and are left out, for they cannot be offered",
            UserWarning,
            stacklevel=3,
        )
    return Table(table.columns, named)


def numbered(cells: Sequence[str], values: Sequence[str]) -> NDArray[np.int16]:
    """Return the number of each cell's value, `NO_VALUE` for an empty cell."""
    number = {value: index for index, value in enumerate(values)}
    return np.array([number.get(cell, NO_VALUE) for cell in cells], np.int16)


def _check_columns(
    described: VenueFields,
    informable: list[str],
    table: Table,
    source: Source,
    field: tuple[str, ...],
) -> None:
    given = {
        "entity": [described.entity],
        "informable": described.informable,
        "requestable": described.requestable,
    }
    for key, names in given.items():
        for name in names:
            if name not in table.columns:
                raise source.error(unknown("column", name, table.columns), *field, key)
            if names.count(name) > 1:
                raise source.error(f"{name!r} occurs twice", *field, key)
    if not informable:
        raise source.error("name at least one column beside the entity", *field, "informable")
    for slot in described.values:
        if slot not in informable:
            raise source.error(unknown("informable", slot, informable), *field, "values", slot)
