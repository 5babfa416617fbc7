"""YAML files of users: read within limits, checked, and every error with file, line and field."""

from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from rlkit.names import unknown

SHIPPED = Path(__file__).parent / "shipped"
"""Folder of the shipped YAML files."""
LARGEST_FILE = 1_000_000
"""Bytes of a YAML file; a table has its own limit."""
MOST_NODES = 50_000
"""Words, lists and mappings of a YAML file, aliases expanded."""
DEEPEST = 50
"""Levels of lists and mappings within each other."""
LONGEST_WORD = 200
"""Letters of a name or value."""
LONGEST_QUOTE = 60
"""Letters of what came that an error repeats."""

Word = Annotated[str, Field(min_length=1, max_length=LONGEST_WORD, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""A name or value: text without control characters."""
Number = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
Model = TypeVar("Model", bound=BaseModel)
_ORDER = {"extra_forbidden": 0, "missing": 2}
# An unknown name explains the missing one that it was meant to be, so it is told first.


class Fields(BaseModel):
    """The fields of a part of a file; a name that is not among them is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source:
    """Where the fields of a YAML file are written.

    Args:
        path: The file.
        root: Its content as the parser's nodes, which know their lines.
    """

    def __init__(self, path: Path, root: yaml.MappingNode) -> None:
        self.path = path
        self._root = root

    def where(self, *field: str | int) -> str:
        """Return "file, line n, field" for a field such as `("functions", "window", "zone")`.

        The line is that of the innermost part that the file has.
        """
        node: yaml.Node | None = self._root
        line = None
        for part in field:
            node, mark = _child(node, part)
            if mark is None:
                break
            line = mark.line + 1
        parts = [str(self.path)]
        if line is not None:
            parts.append(f"line {line}")
        if field:
            parts.append(".".join(str(part) for part in field))
        return ", ".join(parts)

    def error(self, message: str, *field: str | int) -> ValueError:
        """Return an error about a field."""
        return ValueError(f"{self.where(*field)}: {message}")

    def check(self, model: type[Model], content: Any, *field: str | int) -> Model:
        """Return the content of a field as a model.

        Raises:
            ValueError: If it does not fit; the message has line and field.
        """
        try:
            return model.model_validate(content)
        except ValidationError as error:
            first = min(error.errors(), key=lambda wrong: _ORDER.get(wrong["type"], 1))
            raise self._translated(first, model, field) from None

    def _translated(
        self, wrong: ErrorDetails, model: type[BaseModel], field: tuple[str | int, ...]
    ) -> ValueError:
        place = (*field, *(part for part in wrong["loc"] if part != "[key]"))
        if wrong["type"] == "extra_forbidden":
            return self.error(unknown("field", str(place[-1]), model.model_fields), *place)
        if wrong["type"] == "missing":
            return self.error(f"{wrong['msg']}.", *place)
        came = repr(wrong["input"])
        came = came if len(came) <= LONGEST_QUOTE else came[:LONGEST_QUOTE] + "..."
        return self.error(f"{wrong['msg']}, got {came}.", *place)


def read_yaml(path: Path) -> tuple[dict[str, Any], Source]:
    """Return a file's content, and where it is written.

    Every scalar is text as it was written, so that the words *on*, *no* and *007* stay words; a
    model turns numbers and flags into such. A field that is left empty is "".

    Raises:
        ValueError: If there is no such file, it is no YAML, or it is larger than the limits.
    """
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise ValueError(f"{path} has {size} bytes; the limit is {LARGEST_FILE}")
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        raise ValueError(f"{path} is not YAML: {error}") from None
    if not isinstance(root, yaml.MappingNode):
        raise ValueError(f"{path}: the file is a mapping of names to values")
    source = Source(path, root)
    _check_nodes(root, source)
    return yaml.BaseLoader("").construct_document(root), source


def _child(node: yaml.Node | None, part: str | int) -> tuple[yaml.Node | None, yaml.Mark | None]:
    """Return a part of a node, and where it begins; None where there is none."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return value, key.start_mark
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark
    return None, None


def _check_nodes(root: yaml.Node, source: Source) -> None:
    """Refuse tags, repeated keys, and aliases that expand to far more than was written."""
    sizes: dict[int, int] = {}

    def size_of(node: yaml.Node, depth: int) -> int:
        if depth > DEEPEST:
            raise ValueError(f"{source.path} is nested more than {DEEPEST} deep")
        if id(node) not in sizes:
            _check_node(node, source)
            sizes[id(node)] = 1 + sum(size_of(part, depth + 1) for part in _parts(node))
        return sizes[id(node)]

    total = size_of(root, 0)
    if total > MOST_NODES:
        raise ValueError(f"{source.path} expands to {total} nodes; the limit is {MOST_NODES}")


def _parts(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _check_node(node: yaml.Node, source: Source) -> None:
    at = f"{source.path}, line {node.start_mark.line + 1}"
    if node.tag not in {"tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"}:
        raise ValueError(f"{at}: the tag {node.tag!r} is not allowed; write plain values")
    if not isinstance(node, yaml.MappingNode):
        return
    seen: dict[str, int] = {}
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise ValueError(f"{source.path}, line {line}: a name is a word, not a list or mapping")
        if key.value in seen:
            raise ValueError(
                f"{source.path}, line {line}: {key.value!r} occurs twice, "
                f"first in line {seen[key.value]}"
            )
        seen[key.value] = line
