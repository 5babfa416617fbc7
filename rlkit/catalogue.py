"""The table of agents: names to classes, held as strings and resolved on use.

It lets the core load a run and compute an optimum without importing what stands above it.
"""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from gymnasium import spaces

from rlkit.late import resolve
from rlkit.names import unknown

AGENTS = {
    "policy-iteration": "rlkit.agents.planning:PolicyIteration",
    "value-iteration": "rlkit.agents.planning:ValueIteration",
    "in-place-value-iteration": "rlkit.agents.planning:InPlaceValueIteration",
    "modified-policy-iteration": "rlkit.agents.planning:ModifiedPolicyIteration",
    "monte-carlo": "rlkit.agents.tabular:MonteCarlo",
    "sarsa": "rlkit.agents.tabular:SARSA",
    "expected-sarsa": "rlkit.agents.tabular:ExpectedSARSA",
    "n-step-sarsa": "rlkit.agents.tabular:NStepSARSA",
    "sarsa-lambda": "rlkit.agents.tabular:SARSALambda",
    "q-learning": "rlkit.agents.tabular:QLearning",
    "double-q-learning": "rlkit.agents.tabular:DoubleQLearning",
    "dqn": "rlkit.agents.deep:DQN",
    "reinforce": "rlkit.agents.deep:REINFORCE",
    "one-step-actor-critic": "rlkit.agents.deep:OneStepActorCritic",
    "actor-critic": "rlkit.agents.deep:ActorCritic",
    "ppo": "rlkit.agents.deep:PPO",
}


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
"""The algorithms of Stable-Baselines3 and sb3-contrib, which `rlkit.agents.sb3.agent` seats."""

NAMES = (*AGENTS, *SB3)
"""Every agent that can be made by name."""


def agent_class(name: str) -> Any:
    """Return the class of the agent called `name` on the command line, or what makes one.

    Raises:
        KeyError: If there is none; the message has the nearest name.
    """
    if name in SB3:
        return partial(resolve("rlkit.agents.sb3.agent:SB3Agent"), name)
    if name not in AGENTS:
        raise KeyError(unknown("agent", name, NAMES))
    return resolve(AGENTS[name])


def agent_name(agent: object) -> str:
    """Return the name of an agent in the table."""
    own = getattr(agent, "name", None)
    if own in SB3:
        return str(own)
    for name, target in AGENTS.items():
        if target.partition(":")[2] == type(agent).__name__:
            return name
    raise KeyError(unknown("agent class", type(agent).__name__, NAMES))


def fitting_deep(space: spaces.Space[Any]) -> list[str]:
    """Return the agents with networks that can act in a space, ours first."""
    discrete = isinstance(space, spaces.Discrete) and counts_from_zero(space)
    ours = [name for name, target in AGENTS.items() if target.startswith("rlkit.agents.deep:")]
    return [*(ours if discrete else []), *fitting_sb3(space)]


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
