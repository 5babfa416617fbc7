"""Handcrafted rules for the exact cabin: PyDial's, and the same with an eye on the road."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import VectorEnv

from rlkit.arrays import Array, Ints
from rlkit.categorical import Categorical
from rlkit.envs.cabin.tabular.problem import TabularCabin
from rlkit.envs.cabin.tabular.states import CONFIRMED, UNKNOWN
from rlkit.envs.cabin.tabular.tables import tables
from rlkit.policy import TabularPolicy

IN_MANOEUVRE = (2, 5)
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
        tests.append((np.isin(at.road, IN_MANOEUVRE), number["wait"]))
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

    Raises:
        TypeError: If `env` is none.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], *, road_aware: bool = True) -> None:
        self._cabin, table = _played(env)
        self.policy = rules(self._cabin, road_aware=road_aware)
        # Only the noise level when heard is lost in no observation, so each row is one state.
        self._place = None if table is None else {row.tobytes(): i for i, row in enumerate(table)}

    def bound_to(self, env: gymnasium.Env[Any, Any]) -> "TabularRules":
        """Return this policy for an environment that is the same problem.

        Raises:
            TypeError: If `env` is no single exact cabin.
            ValueError: If it is one of other constants, or with other observations.
        """
        cabin, table = _played(env)
        if cabin.config != self._cabin.config or (table is None) != (self._place is None):
            raise ValueError(
                f"these rules were made for another exact cabin than {env}, of other constants or "
                "observations; make them for it: env.unwrapped.handcrafted()"
            )
        return self

    def distribution(
        self, observation: Any, state: Any = None, mask: Array | None = None
    ) -> tuple[Categorical[int], Any]:
        """Return the act of the rules for sure.

        Raises:
            ValueError: If observation or mask are of another environment.
        """
        actions = self._cabin.actions
        if mask is not None and np.shape(mask) != (len(actions),):
            raise ValueError(
                f"an action mask of shape {np.shape(mask)} is of another environment than the "
                f"exact cabin that these rules were made for, which has {len(actions)} actions"
            )
        return self.policy.distribution(self._state_of(observation), state)

    def _state_of(self, observation: Any) -> Any:
        """Return the number of the state that is observed."""
        if self._place is None:
            return observation
        row = np.asarray(observation, np.float32)
        place = self._place.get(row.tobytes())
        if place is None:
            raise ValueError(
                f"the observation of shape {row.shape} is none of the exact cabin that these rules "
                f"were made for; it shows {len(self._cabin.states.feature_names())} numbers"
            )
        return place


def _played(env: gymnasium.Env[Any, Any]) -> tuple[TabularCabin, Array | None]:
    """Return an environment's problem and its table of observations."""
    base: Any = env.unwrapped
    cabin = getattr(base, "cabin", None)
    if isinstance(base, VectorEnv) or not isinstance(cabin, TabularCabin):
        raise TypeError(f"the rules of the exact cabin play a single exact cabin, got {env}")
    return cabin, base.tabular.table
