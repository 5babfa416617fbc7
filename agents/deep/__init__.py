"""Deep agents."""

from rlkit.agents.checking import NotFiniteError
from rlkit.agents.deep.actor_critic import ActorCritic, ActorCriticConfig
from rlkit.agents.deep.config import DeepConfig
from rlkit.agents.deep.dqn import DQN, DQNConfig
from rlkit.agents.deep.learner import DeepLearner
from rlkit.agents.deep.one_step_actor_critic import OneStepActorCritic, OneStepActorCriticConfig
from rlkit.agents.deep.ppo import PPO, PPOConfig
from rlkit.agents.deep.reinforce import REINFORCE, REINFORCEConfig

__all__ = [
    "DQN",
    "PPO",
    "REINFORCE",
    "ActorCritic",
    "ActorCriticConfig",
    "DQNConfig",
    "DeepConfig",
    "DeepLearner",
    "NotFiniteError",
    "OneStepActorCritic",
    "OneStepActorCriticConfig",
    "PPOConfig",
    "REINFORCEConfig",
]
