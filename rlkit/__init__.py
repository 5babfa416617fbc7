"""rlkit-cabin: reinforcement learning for the dialogue between driver and car.

Importing this package registers the environments, so `gymnasium.make("rlkit:rlkit/GridWorld-v0")`
works in any process. What needs SciPy, numba, pygame or torch is imported on first use.
"""

from typing import TYPE_CHECKING

from rlkit.agent import Agent
from rlkit.categorical import Categorical, certain, uniform
from rlkit.elements import Element, Elements
from rlkit.lazy import offering
from rlkit.loop import Step, steps
from rlkit.mdp import MDP
from rlkit.policy import Policy, TabularPolicy, UniformPolicy
from rlkit.randomness import Stream, derive
from rlkit.registration import register_all

if TYPE_CHECKING:
    from rlkit.evaluation import Evaluation, evaluate
    from rlkit.loading import load
    from rlkit.model import TabularModel
    from rlkit.solution import Solution

__version__ = "0.1.0"

__all__ = [
    "MDP",
    "Agent",
    "Categorical",
    "Element",
    "Elements",
    "Evaluation",
    "Policy",
    "Solution",
    "Step",
    "Stream",
    "TabularModel",
    "TabularPolicy",
    "UniformPolicy",
    "certain",
    "derive",
    "evaluate",
    "load",
    "steps",
    "uniform",
]

__getattr__ = offering(
    __name__,
    {
        "Evaluation": "rlkit.evaluation",
        "Solution": "rlkit.solution",
        "TabularModel": "rlkit.model",
        "evaluate": "rlkit.evaluation",
        "load": "rlkit.loading",
    },
)


def __dir__() -> list[str]:
    return sorted(__all__)


register_all()
