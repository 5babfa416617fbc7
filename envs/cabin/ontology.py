"""Ontologies and drivers from YAML files, checked line by line.

A domain is a table of venues and a few lines about its columns:

```yaml
name: restaurants
table: restaurants.db        # or .csv; relative to this file
entity: name                 # the column that names a row
informable: [food, area, pricerange]
requestable: [name, addr, phone, food, area, pricerange]
values: {food: [african, british]}   # optional: further values that no row has
```
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rlkit.envs.cabin.database import Table, read_table
from rlkit.envs.cabin.domain import Domain
from rlkit.envs.cabin.driver import Driver
from rlkit.envs.cabin.tables import MAX_REQUESTABLES, MAX_SLOTS, MAX_VALUES
from rlkit.names import unknown

LARGEST_FILE = 1_000_000
"""Bytes of a YAML file; a table has its own limit."""
MOST_NODES = 50_000
"""Words, lists and mappings of a YAML file, aliases expanded."""
LONGEST_WORD = 200
"""Letters of a name or value."""

Word = Annotated[str, Field(min_length=1, max_length=LONGEST_WORD)]
Model = TypeVar("Model", bound=BaseModel)


class DomainFile(BaseModel):
    """The fields of a domain's YAML file."""

    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True)

    name: Word
    """Name of the domain."""
    table: Word
    """CSV or SQLite file, relative to the YAML file."""
    table_name: Word | None = None
    """Table of the SQLite file; by default the file's or the domain's name, or the only one."""
    entity: Word = "name"
    """Column that names a row."""
    informable: Annotated[list[Word], Field(min_length=1, max_length=MAX_SLOTS)]
    """Columns that the driver constrains and the assistant may ask."""
    requestable: Annotated[list[Word], Field(max_length=MAX_REQUESTABLES)] = []
    """Columns that the driver may ask."""
    values: dict[Word, Annotated[list[Word], Field(max_length=MAX_VALUES)]] = {}
    """Further values, by informable."""


class DriverFile(BaseModel):
    """The fields of a driver's YAML file: ranges of probabilities by the names of `Driver`."""

    model_config = ConfigDict(extra="allow")


def load_ontology(path: Path) -> Domain:
    """Return the domain of a YAML file and its table.

    Raises:
        ValueError: If the file, the table or a field is wrong; the message has line and field.
    """
    described, where = _read(path, DomainFile)
    table = read_table(path.parent / described.table, described.table_name, described.name)
    informable = [slot for slot in described.informable if slot != described.entity]
    for field, names in (
        ("entity", [described.entity]),
        ("informable", informable),
        ("requestable", described.requestable),
    ):
        for name in names:
            if name not in table.columns:
                raise ValueError(f"{where(field)}: " + unknown("column", name, table.columns))
    for field, given in (("informable", informable), ("requestable", described.requestable)):
        repeated = {name for name in given if given.count(name) > 1}
        if repeated:
            raise ValueError(f"{where(field)}: {min(repeated)!r} occurs twice")
    if not informable:
        raise ValueError(f"{where('informable')}: name at least one column beside the entity")
    for slot in described.values:
        if slot not in informable:
            raise ValueError(f"{where('values')}: " + unknown("informable", slot, informable))
    return _domain(described, informable, table, where)


def load_driver(path: Path) -> Driver:
    """Return the driver of a YAML file that maps names of `Driver` to `[low, high]`.

    Raises:
        ValueError: If a name is unknown or a range is wrong.
    """
    described, where = _read(path, DriverFile)
    known = set(Driver.__dataclass_fields__)
    ranges: dict[str, Any] = {}
    for name, given in (described.model_extra or {}).items():
        if name not in known:
            raise ValueError(f"{where(name)}: " + unknown("behaviour", name, known))
        numbers = isinstance(given, list) and all(
            isinstance(one, int | float) and not isinstance(one, bool) for one in given
        )
        if not numbers or len(given) != 2:
            raise ValueError(f"{where(name)}: a range is [low, high], got {given!r}")
        ranges[name] = tuple(given)
    try:
        return Driver(**ranges)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _domain(
    described: DomainFile, informable: list[str], table: Table, where: Callable[[str], str]
) -> Domain:
    """Join the description with its table."""
    values, columns = [], []
    for slot in informable:
        cells = table.column(slot)
        known = sorted({cell for cell in cells if cell} | set(described.values.get(slot, ())))
        if not 1 <= len(known) <= MAX_VALUES:
            raise ValueError(
                f"{where('informable')}: {slot!r} has {len(known)} values; allowed are "
                f"1 ... {MAX_VALUES}"
            )
        number = {value: index for index, value in enumerate(known)}
        values.append(tuple(known))
        columns.append([number.get(cell, -1) for cell in cells])
    private = [
        name
        for name in described.requestable
        if name not in informable and name != described.entity
    ]
    answers = [table.column(name) for name in private]
    return Domain(
        name=described.name,
        slots=tuple(informable),
        values=tuple(values),
        entity=described.entity,
        private=tuple(private),
        venues=tuple(table.column(described.entity)),
        cells=np.array(columns, np.int16).T.reshape(len(table), len(informable)),
        attributes=tuple(zip(*answers, strict=True)) if answers else ((),) * len(table),
    )


def _read(path: Path, model: type[Model]) -> tuple[Model, Callable[[str], str]]:
    """Return a checked YAML file, and a function from fields to "file, line n, field"."""
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise ValueError(f"{path} has {size} bytes; the limit is {LARGEST_FILE}")
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        if not isinstance(node, yaml.MappingNode):
            raise ValueError(f"{path}: the file is a mapping of names to values")
        _limit_nodes(node, path)
        content = yaml.SafeLoader("").construct_document(node)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{path} is not YAML: {error}") from None
    lines = {key.value: key.start_mark.line + 1 for key, _ in node.value}

    def where(field: str) -> str:
        return f"{path}, line {lines[field]}, {field}" if field in lines else f"{path}, {field}"

    try:
        return model.model_validate(content), where
    except ValidationError as error:
        wrong = error.errors()[0]
        field = ".".join(str(part) for part in wrong["loc"])
        at = where(str(wrong["loc"][0])) if wrong["loc"] else str(path)
        hint = ""
        if wrong["type"] == "extra_forbidden":
            hint = " " + unknown("field", str(wrong["loc"][0]), model.model_fields)
        raise ValueError(f"{at}: {field}: {wrong['msg']}.{hint}") from None


def _limit_nodes(root: yaml.Node, path: Path) -> None:
    """Refuse files whose aliases expand to far more than was written ("YAML bombs")."""
    sizes: dict[int, int] = {}

    def size_of(node: yaml.Node, depth: int) -> int:
        if depth > 50:
            raise ValueError(f"{path} is nested more than 50 deep")
        if id(node) not in sizes:
            parts: list[yaml.Node] = []
            if isinstance(node, yaml.MappingNode):
                parts = [part for pair in node.value for part in pair]
            elif isinstance(node, yaml.SequenceNode):
                parts = list(node.value)
            sizes[id(node)] = 1 + sum(size_of(part, depth + 1) for part in parts)
        return sizes[id(node)]

    total = size_of(root, 0)
    if total > MOST_NODES:
        raise ValueError(f"{path} expands to {total} nodes; the limit is {MOST_NODES}")
