"""The table of agents: names to classes, held as strings and resolved on use.

It lets the core load a run and compute an optimum without importing what stands above it.
"""

from functools import partial
from typing import Any

from rlkit.lazy import moved, resolve
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
"""Ours."""

SB3_NAMES = (
    "sb3:a2c",
    "sb3:ars",
    "sb3:crossq",
    "sb3:ddpg",
    "sb3:dqn",
    "sb3:maskable-ppo",
    "sb3:ppo",
    "sb3:qrdqn",
    "sb3:recurrent-ppo",
    "sb3:sac",
    "sb3:td3",
    "sb3:tqc",
    "sb3:trpo",
)
"""Of Stable-Baselines3 and sb3-contrib, see `rlkit.agents.sb3.algorithms`."""

NAMES = (*AGENTS, *SB3_NAMES)
"""Every agent that can be made by name."""


def agent_class(name: str) -> Any:
    """Return the class of the agent called `name` on the command line, or what makes one.

    Raises:
        KeyError: If there is none; the message has the nearest name.
    """
    if name in SB3_NAMES:
        return partial(resolve("rlkit.agents.sb3.agent:SB3Agent"), name)
    if name not in AGENTS:
        raise KeyError(unknown("agent", name, NAMES))
    return resolve(AGENTS[name])


def agent_name(agent: object) -> str:
    """Return the name of an agent in the table."""
    own = getattr(agent, "name", None)
    if own in SB3_NAMES:
        return str(own)
    for name, target in AGENTS.items():
        if target.partition(":")[2] == type(agent).__name__:
            return name
    raise KeyError(unknown("agent class", type(agent).__name__, NAMES))


__getattr__ = moved(__name__, "rlkit.agents.sb3.algorithms")
