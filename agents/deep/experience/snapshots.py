"""Copies of vector environments: of the environments in them, as `rlkit.agents.snapshots` does."""

from typing import Any

import numpy as np
from gymnasium.vector import SyncVectorEnv

from rlkit.agents import snapshots
from rlkit.agents.deep.experience.vectors import Single
from rlkit.agents.saving import part_of
from rlkit.arrays import Array

WAITING = "_autoreset_envs"
"""Where `SyncVectorEnv` notes which environments the next step resets."""


def take(env: Any) -> dict[str, Array] | None:
    """Return a copy of a vector environment as arrays by name; None if it cannot be copied."""
    if type(env) in (Single, SyncVectorEnv):
        states = [snapshots.take(one) for one in env.envs]
        if any(state is None for state in states):
            return None
        named = [(i, state) for i, state in enumerate(states) if state is not None]
        whole = {f"{i}.{name}": array for i, state in named for name, array in state.items()}
        waiting = getattr(env, WAITING, None)
        return whole if waiting is None else {**whole, WAITING: waiting.copy()}
    return snapshots.take_base(env) if env is env.unwrapped else None


def restore(env: Any, state: dict[str, Array]) -> None:
    """Bring a vector environment of the same kind to the state that `take` returned."""
    if type(env) not in (Single, SyncVectorEnv):
        snapshots.restore_base(env, state)
        return
    if WAITING in state:
        setattr(env, WAITING, state[WAITING].astype(np.bool_))
    for i, one in enumerate(env.envs):
        snapshots.restore(one, part_of(state, f"{i}."))
