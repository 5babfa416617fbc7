"""Planners: exact solutions of problems with a model.

`PolicyIteration`, `ValueIteration` and `InPlaceValueIteration` are the textbook's, with
certificates.
`ModifiedPolicyIteration` is the one to take by default: fast on mixing problems and mazes alike,
up to millions of states.
"""

from rlkit.agents.planning.modified_policy_iteration import (
    ModifiedPolicyIteration,
    ModifiedPolicyIterationConfig,
)
from rlkit.agents.planning.planner import ConvergenceError, Planner, PrecisionWarning
from rlkit.agents.planning.policy_iteration import PolicyIteration, PolicyIterationConfig
from rlkit.agents.planning.value_iteration import (
    InPlaceValueIteration,
    ValueIteration,
    ValueIterationConfig,
)

__all__ = [
    "ConvergenceError",
    "InPlaceValueIteration",
    "ModifiedPolicyIteration",
    "ModifiedPolicyIterationConfig",
    "Planner",
    "PolicyIteration",
    "PolicyIterationConfig",
    "PrecisionWarning",
    "ValueIteration",
    "ValueIterationConfig",
]
