"""The graph of the project's own imports, read from the code without running it."""

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "rlkit": "rlkit",
    "envs": "rlkit.envs",
    "nets": "rlkit.nets",
    "agents": "rlkit.agents",
    "scripts": "rlkit.scripts",
    "studies": "studies",
}
"""Folders at the top, and what they are imported as."""
Graph = dict[str, set[str]]
"""Modules to the modules that they import, anywhere in their code: late and for types too."""


def import_graph() -> Graph:
    """Return the imports among all modules of the project."""
    files = dict(_modules())
    return {module: set(_imported(files[module], files.keys())) - {module} for module in files}


def circles(graph: Graph) -> list[set[str]]:
    """Return the groups of modules that import each other, directly or not."""
    names, labels = _components(graph)
    groups: dict[int, set[str]] = {}
    for name, label in zip(names, labels, strict=True):
        groups.setdefault(label, set()).add(name)
    return [group for group in groups.values() if len(group) > 1]


def depth(graph: Graph) -> int:
    """Return how many modules stand on each other at most; a circle counts as one."""
    names, labels = _components(graph)
    label_of = dict(zip(names, labels, strict=True))
    below: dict[int, set[int]] = {}
    for module, imported in graph.items():
        below.setdefault(label_of[module], set()).update(label_of[name] for name in imported)
    heights: dict[int, int] = {}

    def height(label: int) -> int:
        if label not in heights:
            under = [height(other) for other in below[label] if other != label]
            heights[label] = 1 + max(under, default=0)
        return heights[label]

    return max(height(label) for label in below)


def within(graph: Graph, package: str) -> Graph:
    """Return the imports among the modules of a package."""
    inside = {name for name in graph if name == package or name.startswith(f"{package}.")}
    return {name: graph[name] & inside for name in inside}


def package_of(module: str) -> str:
    """Return the top package that a module belongs to."""
    parts = module.split(".")
    first = ".".join(parts[:2])
    return first if first in PACKAGES.values() else parts[0]


def _components(graph: Graph) -> tuple[list[str], list[int]]:
    names = sorted(graph)
    number = {name: place for place, name in enumerate(names)}
    pairs = [(number[a], number[b]) for a, imported in graph.items() for b in imported]
    rows, columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    size = len(names)
    matrix = csr_array((np.ones(len(pairs)), (rows, columns)), shape=(size, size))
    return names, connected_components(matrix, directed=True, connection="strong")[1].tolist()


def _modules() -> Iterator[tuple[str, Path]]:
    """Yield every module with its file; the links of the core to the other folders are left out."""
    for folder, package in PACKAGES.items():
        for file in (ROOT / folder).rglob("*.py"):
            parts = file.relative_to(ROOT / folder).with_suffix("").parts
            if folder == "rlkit" and parts[0] in PACKAGES:
                continue
            yield ".".join([package, *parts]).removesuffix(".__init__"), file


def _imported(file: Path, known: Collection[str]) -> Iterator[str]:
    """Yield the modules of the project that a file imports, or imports names of."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                if full in known or node.module in known:
                    yield full if full in known else node.module
