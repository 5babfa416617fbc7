"""Every constant of the driving scenarios, as the docstring of its field describes it."""

import ast
import inspect
import re
from dataclasses import dataclass, fields, replace
from typing import Any

from rlkit.envs.cabin.car.constants import CabinConfig

UNIT = re.compile(r"(?<!\bin )\[([^\]]+)\]")
RANGE = re.compile(r"in ([\[(]0, 1\+?[\])])")
SOURCE = re.compile(r"\s*\(([^()]*(?:\([^()]*\))?[^()]*)\)\.?$")
ASSUMPTION = "assumption"


@dataclass(frozen=True)
class Constant:
    """A constant and what its docstring says."""

    group: str
    """Field of `CabinConfig` that it belongs to."""
    name: str
    value: float
    unit: str
    """Unit, or the range of a number without one."""
    source: str
    """Where it comes from; starts with "assumption" where nowhere."""
    meaning: str

    @property
    def assumed(self) -> bool:
        """Whether it is a modelling assumption."""
        return self.source.startswith(ASSUMPTION)


def constants() -> dict[str, Constant]:
    """Return every constant by name."""
    config = CabinConfig()
    found = {}
    for part in fields(config):
        group = getattr(config, part.name)
        described = _docstrings(type(group))
        for field in fields(group):
            value = getattr(group, field.name)
            found[field.name] = _read(part.name, field.name, value, described.get(field.name, ""))
    return found


def raised(name: str, by: float) -> CabinConfig:
    """Return the default constants with one of them raised."""
    config = CabinConfig()
    group = constants()[name].group
    old = getattr(config, group)
    changed: Any = replace(old, **{name: getattr(old, name) + by})
    return replace(config, **{group: changed})


def _read(group: str, name: str, value: float, text: str) -> Constant:
    unit, limits = UNIT.search(text), RANGE.search(text)
    source = SOURCE.search(text)
    meaning = SOURCE.sub("", text).rstrip(".")
    meaning = RANGE.sub("", UNIT.sub("", meaning))
    return Constant(
        group=group,
        name=name,
        value=float(value),
        unit=unit[1] if unit else limits[1] if limits else "1",
        source=source[1] if source else "definition",
        meaning=re.sub(r"\s+", " ", meaning).strip(" ,").replace(" ,", ","),
    )


def _docstrings(kind: type) -> dict[str, str]:
    """Return the text under each field of a dataclass, on one line."""
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101
    texts = {}
    for field, text in zip(body.body, body.body[1:], strict=False):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        if isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            texts[field.target.id] = re.sub(r"\s+", " ", str(text.value.value)).strip()
    return texts
