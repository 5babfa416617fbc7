"""Agents: planners and learners that plug into every environment.

Every agent of ours can be imported from here; what it needs, such as torch, is loaded then.
"""

from typing import TYPE_CHECKING

from rlkit.agents.making import make
from rlkit.catalogue import AGENTS
from rlkit.lazy import offering

if TYPE_CHECKING:
    from rlkit.agents.deep import DQN, PPO, REINFORCE, ActorCritic, OneStepActorCritic
    from rlkit.agents.planning import (
        InPlaceValueIteration,
        ModifiedPolicyIteration,
        PolicyIteration,
        ValueIteration,
    )
    from rlkit.agents.sb3.algorithms import SB3
    from rlkit.agents.tabular import (
        SARSA,
        DoubleQLearning,
        ExpectedSARSA,
        MonteCarlo,
        NStepSARSA,
        QLearning,
        SARSALambda,
    )

__all__ = [
    "AGENTS",
    "DQN",
    "PPO",
    "REINFORCE",
    "SARSA",
    "SB3",
    "ActorCritic",
    "DoubleQLearning",
    "ExpectedSARSA",
    "InPlaceValueIteration",
    "ModifiedPolicyIteration",
    "MonteCarlo",
    "NStepSARSA",
    "OneStepActorCritic",
    "PolicyIteration",
    "QLearning",
    "SARSALambda",
    "ValueIteration",
    "make",
]


_HOMES = {kind: module for module, _, kind in (row.partition(":") for row in AGENTS.values())}

__getattr__ = offering(__name__, {**_HOMES, "SB3": "rlkit.agents.sb3.algorithms"})


def __dir__() -> list[str]:
    return sorted(__all__)
