"""The table of agents: names to classes, held as strings and resolved on use.

It lets the core load a run and compute an optimum without importing what stands above it.
"""

from importlib import import_module
from typing import Any

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


def agent_class(name: str) -> Any:
    """Return the class of the agent called `name` on the command line.

    Raises:
        KeyError: If there is none; the message has the nearest name.
    """
    if name not in AGENTS:
        raise KeyError(unknown("agent", name, AGENTS))
    module, _, attribute = AGENTS[name].partition(":")
    return getattr(import_module(module), attribute)


def agent_name(agent: object) -> str:
    """Return the name of an agent's class in the table."""
    for name, target in AGENTS.items():
        if target.partition(":")[2] == type(agent).__name__:
            return name
    raise KeyError(unknown("agent class", type(agent).__name__, AGENTS))
