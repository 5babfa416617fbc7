"""Imports go one way: between packages and rooms, without circles, never deeper than today."""

from collections import Counter

import pytest

from tests.rlkit.imports import (
    Graph,
    circles,
    depth,
    import_graph,
    lines_of,
    package_of,
    reached,
    within,
)

BELOW: dict[str, set[str]] = {
    "rlkit": set(),
    "rlkit.envs": {"rlkit"},
    "rlkit.nets": {"rlkit"},
    "rlkit.agents": {"rlkit", "rlkit.envs", "rlkit.nets"},
    "rlkit.scripts": {"rlkit", "rlkit.envs", "rlkit.nets", "rlkit.agents"},
    "studies": {"rlkit", "rlkit.envs", "rlkit.nets", "rlkit.agents", "rlkit.scripts"},
}
"""What each package may import beside itself."""
CABIN = "rlkit.envs.cabin"
FACES = {"env", "vector"}
TELLING = {"cabin", "observation", "policy", "reporting"}
ROOMS = (
    "faces",
    "live",
    "telling",
    "spectator",
    "scenario",
    "simulator",
    "tabular",
    "language",
    "assistant",
    "driver",
    "channel",
    "car",
    "ontology",
    "dashboard",
    "roads",
    "state",
)
"""Folders of the cabin, and the two kinds of files beside them; each imports what stands below."""
MOST_FILES = 13
"""In one room."""
DEEPEST = 14
"""Modules that stand on each other, in what is installed; lower it when it falls."""
DEEPEST_STUDIES = 7
"""The same within the studies."""
DEEPEST_CABIN = 13
"""The same within the cabin."""
FLOORS = 7
"""Rooms of the cabin that stand on each other."""

READING = {"rlkit.agents.deep.dqn": (38, 4_620), "rlkit.envs.cabin.env": (52, 8_300)}
"""Modules, and lines in them, that one must read to know all that a module rests on, at most: what
is imported where it is needed alone does not count. Lower them when they fall."""


@pytest.fixture(scope="module")
def graph() -> Graph:
    return import_graph()


@pytest.fixture(scope="module")
def cabin(graph: Graph) -> Graph:
    """Return the imports among the cabin's rooms; what only bears a former name is in none."""
    inside = within(graph, CABIN)
    return {name: inside[name] for name in inside if room_of(name) is not None}


def room_of(module: str) -> str | None:
    """Return the room of the cabin that a module is in."""
    place = module.removeprefix(CABIN).lstrip(".").split(".")
    if len(place) == 1 and place[0] in TELLING:
        return "telling"
    if len(place) == 1 and place[0] in {*FACES, ""}:
        return "faces"
    return place[0] if place[0] in ROOMS else None


def test_packages_import_what_stands_below_them(graph: Graph) -> None:
    wrong = [
        f"{module} imports {other}"
        for module, imported in graph.items()
        for other in imported
        if package_of(other) not in BELOW[package_of(module)] | {package_of(module)}
    ]

    assert wrong == []


def test_rooms_of_the_cabin_import_what_stands_below_them(cabin: Graph) -> None:
    wrong = [
        f"{module} imports {other}"
        for module, imported in cabin.items()
        for other in imported
        if ROOMS.index(room_of(other) or "faces") < ROOMS.index(room_of(module) or "faces")
    ]

    assert {room_of(module) for module in cabin} == {*ROOMS}
    assert wrong == []


def test_no_room_of_the_cabin_is_crowded(cabin: Graph) -> None:
    folders = {module.rpartition(".")[0] for module in cabin}
    files = Counter(module.rpartition(".")[0] for module in cabin if module not in folders)

    assert max(files.values()) <= MOST_FILES


def test_there_are_no_circles(graph: Graph) -> None:
    assert circles(graph) == []


def test_imports_are_no_deeper_than_today(graph: Graph) -> None:
    installed = {name: graph[name] for name in graph if package_of(name) != "studies"}

    assert depth(installed) <= DEEPEST
    assert depth(within(graph, "studies")) <= DEEPEST_STUDIES
    assert depth(within(graph, CABIN)) <= DEEPEST_CABIN


def test_the_cabin_has_no_more_floors_than_today(cabin: Graph) -> None:
    rooms: Graph = {room: set() for room in ROOMS}
    for module, imported in cabin.items():
        rooms[room_of(module) or ""] |= {room_of(other) or "" for other in imported & cabin.keys()}

    assert circles(rooms) == []
    assert depth(rooms) <= FLOORS


def test_late_imports_are_told_from_the_others(graph: Graph) -> None:
    at_import = import_graph(late=False)["rlkit.agents.saving"]

    assert at_import < graph["rlkit.agents.saving"]
    assert "rlkit.checkpoint" in graph["rlkit.agents.saving"] - at_import


@pytest.mark.parametrize("module", READING)
def test_what_must_be_read_does_not_grow(module: str) -> None:
    found = reached(import_graph(late=False), module)

    assert len(found) <= READING[module][0], sorted(found)
    assert lines_of(found) <= READING[module][1]


def test_a_circle_and_an_arrow_upwards_are_seen() -> None:
    graph = {"rlkit.a": {"rlkit.b"}, "rlkit.b": {"rlkit.c"}, "rlkit.c": {"rlkit.b"}}

    assert circles(graph) == [{"rlkit.b", "rlkit.c"}]
    assert depth(graph) == 2
    assert reached(graph, "rlkit.b") == {"rlkit.b", "rlkit.c"}
    assert package_of("rlkit.envs.cabin.env") == "rlkit.envs"
    assert package_of("rlkit.model") == "rlkit"
    assert room_of("rlkit.envs.cabin.dashboard.panels.car") == "dashboard"
    assert room_of("rlkit.envs.cabin.laws") is None
