"""Walks one turn of `rlkit/Cabin-v0` as its data do: which rooms they pass, under which names.

    python -m studies.pages.one_turn

The kernels' rules are plain Python, so a turn is played with them and watched call by call. What
the turn itself (the folder `simulator`) asks of another folder is a visit to that room; what a room
asks of others in its turn is its own affair, and counted by itself.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from types import FrameType
from typing import Any, NamedTuple

import gymnasium
import numpy as np

import rlkit  # noqa: F401 - registers the environments
from rlkit.envs.cabin.simulator import drive
from rlkit.envs.cabin.state.record import Seat, as_records
from rlkit.envs.cabin.state.tables import Tables

FOLDER = "/envs/cabin/"
TURN = "simulator"
"""The room that the turn itself is in."""
BOARD = "state"
"""The room of the board on which all play; to look at it is no visit."""
WARM_UP = 3
"""Turns that are played before the one that is watched."""


class Call(NamedTuple):
    """One call of a rule: how deep, where, and what its arguments are called."""

    depth: int
    room: str
    file: str
    name: str
    data: dict[int, str]
    """Addresses of records and arrays, and the names that they come under."""


class Walk(NamedTuple):
    """What was watched of a turn."""

    calls: list[Call]
    data: dict[int, str]
    """Addresses of the data of the turn, and what they are."""

    def visits(self) -> list[tuple[str, list[str]]]:
        """Return the rooms that the turn passes, each with the rules that it asks there."""
        asked = [(call.room, call.name) for call, by in self._callers() if by == TURN]
        outside = [pair for pair in asked if pair[0] not in {TURN, BOARD}]
        return [
            (room, list(dict.fromkeys(name for _, name in group)))
            for room, group in groupby(outside, key=lambda pair: pair[0])
        ]

    def files(self) -> list[str]:
        """Return the files that the data stay in, one after the other, at any depth."""
        return [file for file, _ in groupby(call.file for call in self.calls)]

    def names(self) -> dict[str, set[str]]:
        """Return the names that each of the data comes under."""
        found: dict[str, set[str]] = {what: set() for what in self.data.values()}
        for call in self.calls:
            for address, name in call.data.items():
                if address in self.data:
                    found[self.data[address]].add(name)
        return found

    def _callers(self) -> Iterator[tuple[Call, str]]:
        """Yield each call with the room that made it."""
        above: list[Call] = []
        for call in self.calls:
            while above and above[-1].depth >= call.depth:
                above.pop()
            yield call, above[-1].room if above else ""
            above.append(call)


def walk() -> Walk:
    """Play a turn with the rules as plain Python, and watch it."""
    env: Any = gymnasium.make("rlkit/Cabin-v0").unwrapped
    env.reset(seed=2)
    policy = env.handcrafted()
    for _ in range(WARM_UP):
        env.step(policy.predict()[0])
    simulator, action = env.simulator, int(policy.predict()[0])
    tables, state = Tables(*map(as_records, simulator.tables)), map(as_records, simulator.state)
    seat = Seat(tables, tables.rules[0], *(array[0] for array in state))
    mask = np.zeros(len(env.action_names), np.int8)
    with np.errstate(over="ignore"), watched() as calls:
        drive.drive_turn(seat, mask, action)
    data = {_address(array): name for name, array in tables._asdict().items()}
    data |= {_address(part): name for name, part in seat._asdict().items() if name != "tables"}
    return Walk(calls, data)


@contextmanager
def watched() -> Iterator[list[Call]]:
    """Yield a list to which every call of a rule of the cabin is added."""
    calls: list[Call] = []
    depth = 0

    def note(frame: FrameType, event: str, _: Any) -> None:
        nonlocal depth
        if event == "call":
            depth += 1
            place = frame.f_code.co_filename.replace("\\", "/").partition(FOLDER)[2]
            if place:
                names = frame.f_code.co_varnames[: frame.f_code.co_argcount]
                data = {_address(frame.f_locals[name]): name for name in names}
                calls.append(
                    Call(depth, place.partition("/")[0], place, frame.f_code.co_name, data)
                )
        elif event == "return":
            depth -= 1

    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def _address(value: Any) -> int:
    """Return where an array or a record lies in memory; 0 for anything else."""
    found: int = getattr(value, "__array_interface__", {"data": (0, False)})["data"][0]
    return found if isinstance(value, np.ndarray | np.void) else 0


def told(turn: Walk) -> str:
    """Return a walk as text."""
    visits, files, names = turn.visits(), turn.files(), turn.names()
    rooms = {room for room, _ in visits}
    lines = [f"{room:<10} {', '.join(rules)}" for room, rules in visits]
    several = {what: sorted(found) for what, found in names.items() if len(found) > 1}
    lines += [
        "",
        f"The turn passes {len(rooms)} rooms in {len(visits)} visits.",
        f"Below it are {len(turn.calls)} calls in {len(set(files))} files.",
        *(f"`{what}` is also called {', '.join(found)}." for what, found in several.items()),
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    print(told(walk()))
