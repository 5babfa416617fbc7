"""Nothing that makes a law, a table or a step size calls what rounds differently by processor."""

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

NAMES = (
    "exp exp2 expm1 log log2 log10 log1p pow power float_power cbrt hypot sin cos tan asin acos "
    "atan atan2 arctan arctan2 sinh cosh tanh erf erfc gamma lgamma"
)
LIBRARY = set(NAMES.split())
BLAS = {"linalg", "dot", "matmul", "einsum", "inner", "vdot", "tensordot"}
DRAWING = {"view", "panels", "overlays.py", "tiles.py", "sidebar.py"}
"""Pictures may differ."""
CORE = (
    "alias",
    "remainders",
    "outcomes",
    "rounding",
    "randomness",
    "categorical",
    "mdp",
    "elementary",
)


def sources() -> Iterator[Path]:
    """Yield the files that make laws, tables, trajectories and tables of learners."""
    envs, core, agents = (folder(name) for name in ("rlkit.envs", "rlkit", "rlkit.agents"))
    for file in sorted(envs.rglob("*.py")):
        if not DRAWING & set(file.relative_to(envs).parts):
            yield file
    yield from (core / f"{name}.py" for name in CORE)
    yield from sorted((agents / "tabular").glob("*.py"))
    yield from sorted((core / "schedules").glob("*.py"))


def folder(package: str) -> Path:
    """Return the folder of a package, installed or in a checkout."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(next(iter(spec.submodule_search_locations))).resolve()


def faults(source: str) -> list[str]:
    """Return the calls and operators in a source that may differ in the last bit."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            forbidden = {"math": LIBRARY, "np": LIBRARY | BLAS}.get(node.value.id, set())
            if node.attr in forbidden:
                found.append(f"{node.value.id}.{node.attr}")
        if isinstance(node, ast.ImportFrom) and node.module in {"math", "numpy.linalg"}:
            found.append(f"from {node.module}")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            found.append("@")
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow) and not power_of_two(node):
            found.append("**")
    return found


def power_of_two(power: ast.BinOp) -> bool:
    """Return whether a power is exact, like 2**28 and 2.0**-53."""
    return isinstance(power.left, ast.Constant) and power.left.value == 2


def test_no_source_of_laws_and_tables_has_one() -> None:
    found = {str(file): faults(file.read_text(encoding="utf-8")) for file in sources()}

    assert len(found) > 90
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import math\nx = math.exp(y)", "math.exp"),
        ("from math import exp", "from math"),
        ("np.linalg.lstsq(a, b)", "np.linalg"),
        ("x = a @ b", "@"),
        ("x = 10.0 ** (level / 10.0)", "**"),
        ("x = share**2", "**"),
    ],
)
def test_what_may_differ_is_found(source: str, what: str) -> None:
    assert faults(source) == [what]
