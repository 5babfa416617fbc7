"""The algorithms of Stable-Baselines3 and sb3-contrib, and where they can act."""

from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces


class SB3Algorithm(NamedTuple):
    """An algorithm of another library: its class, and the action spaces that it takes."""

    target: str
    actions: tuple[type[spaces.Space[Any]], ...]


_CONTINUOUS = (spaces.Box,)
_FINITE = (spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)

SB3 = {
    "sb3:a2c": SB3Algorithm("stable_baselines3:A2C", _FINITE + _CONTINUOUS),
    "sb3:ars": SB3Algorithm("sb3_contrib:ARS", (spaces.Discrete, spaces.Box)),
    "sb3:crossq": SB3Algorithm("sb3_contrib:CrossQ", _CONTINUOUS),
    "sb3:ddpg": SB3Algorithm("stable_baselines3:DDPG", _CONTINUOUS),
    "sb3:dqn": SB3Algorithm("stable_baselines3:DQN", (spaces.Discrete,)),
    "sb3:maskable-ppo": SB3Algorithm("sb3_contrib:MaskablePPO", _FINITE),
    "sb3:ppo": SB3Algorithm("stable_baselines3:PPO", _FINITE + _CONTINUOUS),
    "sb3:qrdqn": SB3Algorithm("sb3_contrib:QRDQN", (spaces.Discrete,)),
    "sb3:recurrent-ppo": SB3Algorithm("sb3_contrib:RecurrentPPO", _FINITE + _CONTINUOUS),
    "sb3:sac": SB3Algorithm("stable_baselines3:SAC", _CONTINUOUS),
    "sb3:td3": SB3Algorithm("stable_baselines3:TD3", _CONTINUOUS),
    "sb3:tqc": SB3Algorithm("sb3_contrib:TQC", _CONTINUOUS),
    "sb3:trpo": SB3Algorithm("sb3_contrib:TRPO", _FINITE + _CONTINUOUS),
}
"""By their names in `rlkit.catalogue`; `rlkit.agents.sb3.agent` seats them."""


def fitting_sb3(space: spaces.Space[Any]) -> list[str]:
    """Return the algorithms of Stable-Baselines3 and sb3-contrib that can act in a space.

    They count actions from 0, wherever the space begins.
    """
    if not counts_from_zero(space):
        return []
    return [name for name, entry in SB3.items() if isinstance(space, entry.actions)]


def counts_from_zero(space: spaces.Space[Any]) -> bool:
    """Return whether the numbers of a space begin at 0, also within its parts."""
    if isinstance(space, spaces.Discrete | spaces.MultiDiscrete):
        return not np.any(space.start)
    if isinstance(space, spaces.Dict | spaces.Tuple):
        parts = space.spaces.values() if isinstance(space, spaces.Dict) else space.spaces
        return all(counts_from_zero(part) for part in parts)
    return True
