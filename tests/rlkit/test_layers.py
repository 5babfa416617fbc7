"""Imports go one way: between packages, without circles, and never deeper than they are today."""

import pytest

from tests.rlkit.imports import Graph, circles, depth, import_graph, package_of, within

BELOW: dict[str, set[str]] = {
    "rlkit": set(),
    "rlkit.envs": {"rlkit"},
    "rlkit.nets": {"rlkit"},
    "rlkit.agents": {"rlkit", "rlkit.envs", "rlkit.nets"},
    "rlkit.scripts": {"rlkit", "rlkit.envs", "rlkit.nets", "rlkit.agents"},
}
"""What each package may import beside itself."""
DEEPEST = 18
"""Modules that stand on each other, in the whole project; lower it when it falls."""
DEEPEST_CABIN = 14
"""The same within the cabin."""
OPEN = [{"rlkit.agents.schedules", "rlkit.agents.tabulating"}]
"""Circles that are still there; none may join them."""


@pytest.fixture(scope="module")
def graph() -> Graph:
    return import_graph()


def test_packages_import_what_stands_below_them(graph: Graph) -> None:
    wrong = [
        f"{module} imports {other}"
        for module, imported in graph.items()
        for other in imported
        if package_of(other) not in BELOW[package_of(module)] | {package_of(module)}
    ]

    assert wrong == []


def test_there_are_no_circles(graph: Graph) -> None:
    assert circles(graph) == OPEN


def test_imports_are_no_deeper_than_today(graph: Graph) -> None:
    assert depth(graph) <= DEEPEST
    assert depth(within(graph, "rlkit.envs.cabin")) <= DEEPEST_CABIN


def test_a_circle_and_an_arrow_upwards_are_seen() -> None:
    graph = {"rlkit.a": {"rlkit.b"}, "rlkit.b": {"rlkit.c"}, "rlkit.c": {"rlkit.b"}}

    assert circles(graph) == [{"rlkit.b", "rlkit.c"}]
    assert depth(graph) == 2
    assert package_of("rlkit.envs.cabin.env") == "rlkit.envs"
    assert package_of("rlkit.model") == "rlkit"
