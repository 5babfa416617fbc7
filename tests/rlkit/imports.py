"""The graph of the project's own imports, read from the code without running it."""

import ast
from collections.abc import Collection, Iterable, Iterator
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


def import_graph(*, late: bool = True) -> Graph:
    """Return the imports among all modules of the project.

    Args:
        late: Whether those count that only a call or a type checker needs.
    """
    files = dict(_modules())
    return {
        module: set(_imported(files[module], files.keys(), late)) - {module} for module in files
    }


def reached(graph: Graph, module: str) -> set[str]:
    """Return what a reader comes to who follows the imports of a module, itself among it."""
    found, ahead = set[str](), [module]
    while ahead:
        name = ahead.pop()
        if name not in found:
            found.add(name)
            ahead += graph[name]
    return found


def lines_of(modules: Collection[str]) -> int:
    """Return how many lines some modules have together."""
    texts = (file.read_text(encoding="utf-8") for name, file in _modules() if name in modules)
    return sum(len(text.splitlines()) for text in texts)


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


def _at_import(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Yield what is executed when a module is imported: not functions, nor what is for types."""
    for node in nodes:
        for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if not for_types and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
            yield from _at_import(ast.iter_child_nodes(node))


def _imported(file: Path, known: Collection[str], late: bool) -> Iterator[str]:
    """Yield the modules of the project that a file imports, or imports names of."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree) if late else _at_import([tree]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                if full in known or node.module in known:
                    yield full if full in known else node.module
