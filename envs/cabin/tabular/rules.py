"""Handcrafted rules for the exact cabin: PyDial's, and the same with an eye on the road."""

from typing import Any

import numpy as np

from rlkit.arrays import Array, Ints
from rlkit.categorical import Categorical, certain
from rlkit.envs.cabin.tabular.problem import TabularCabin
from rlkit.envs.cabin.tabular.states import CONFIRMED, UNKNOWN
from rlkit.envs.cabin.tabular.tables import tables
from rlkit.policy import TabularPolicy

MANOEUVRES = (2, 5)
"""The phases `cm` and `mm` in the order of `ROADS`."""


def rules(problem: TabularCabin, *, road_aware: bool = True, sure: float = 0.80) -> TabularPolicy:
    """Return the handcrafted policy of the exact cabin.

    In order: request *what* while it is unknown; confirm it while P(right) < `sure`; refuse a
    guarded command on the motorway; request and confirm each further slot; execute. The
    road-aware form first waits in a manoeuvre, and on the motorway closes an open window while a
    slot is unknown.

    Args:
        problem: The cabin.
        road_aware: Whether the road is looked at before speaking.
        sure: P(right) from which a value needs no confirmation, in [0, 1].
    """
    states = problem.states
    at = states.situation(np.arange(states.over))
    right = tables(problem.config).right
    number = {name: i for i, name in enumerate(problem.actions)}
    slots = problem.config.slots
    tests: list[tuple[Array, int]] = []
    if road_aware:
        some_unknown = np.logical_or.reduce([heard == UNKNOWN for heard in at.heard])
        tests.append((np.isin(at.road, MANOEUVRES), number["wait"]))
        tests.append(
            ((at.motorway == 1) & (at.window == 1) & some_unknown, number["quiet"]),
        )
    for slot, heard in enumerate(at.heard):
        doubtful = (heard != UNKNOWN) & (heard != CONFIRMED) & (right[heard] < sure)
        tests.append((heard == UNKNOWN, slot))
        tests.append((doubtful, slots + slot))
        if slot == 0:
            tests.append(((at.guarded == 1) & (at.motorway == 1), number["refuse"]))
    chosen: Ints = np.select(
        [test for test, _ in tests], [act for _, act in tests], number["execute"]
    )
    return TabularPolicy(np.append(chosen, number["wait"]), len(problem.actions))


class TabularRules:
    """The road-aware rules as a policy over the exact cabin's observations.

    Args:
        env: A single exact cabin, with any observation.
        road_aware: Whether the road is looked at before speaking.
    """

    def __init__(self, env: Any, *, road_aware: bool = True) -> None:
        base = env.unwrapped
        self.policy = rules(base.problem, road_aware=road_aware)
        table = base.tabular.table
        # Only the noise level when heard is lost in no observation, so each row is one state.
        self._place = None if table is None else {row.tobytes(): i for i, row in enumerate(table)}

    def distribution(
        self, observation: Any, state: Any = None, mask: Array | None = None
    ) -> tuple[Categorical[int], Any]:
        """Return the act of the rules for sure."""
        del mask
        place = observation if self._place is None else self._place[observation.tobytes()]
        return certain(int(self.policy.table[place])), state
