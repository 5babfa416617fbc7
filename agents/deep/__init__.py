"""Deep agents."""

from rlkit.agents.deep.config import DeepConfig
from rlkit.agents.deep.errors import NotFiniteError
from rlkit.agents.deep.learner import DeepLearner
from rlkit.agents.deep.ppo import PPO, PPOConfig

__all__ = ["PPO", "DeepConfig", "DeepLearner", "NotFiniteError", "PPOConfig"]
