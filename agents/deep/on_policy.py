"""What the policy-gradient agents share: hyper-parameters, network, collector."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rlkit.agents.deep.arithmetic.choice import make_scorer
from rlkit.agents.deep.collector import Collector
from rlkit.agents.deep.config import DeepConfig, check_flags
from rlkit.agents.deep.learner import DeepLearner
from rlkit.agents.deep.policy_networks import ActorCriticNetwork, Critic
from rlkit.randomness import derive
from rlkit.schedules import Constant, Schedule


@dataclass(frozen=True)
class PolicyConfig(DeepConfig):
    """Hyper-parameters of the policy-gradient agents."""

    share_core: bool | None = None
    """Whether policy and values read the same core; None shares all but an MLP."""
    entropy_weight: Schedule = Constant(0.0)  # noqa: RUF009 - immutable
    """How much a policy's entropy counts, a schedule of the step: against settling too early."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.share_core is not None:
            check_flags(self, "share_core")


def policy_network(agent: DeepLearner) -> ActorCriticNetwork:
    """Return a new network for an agent whose configuration is a `PolicyConfig`."""
    config: Any = agent.config
    shared = config.core != "mlp" if config.share_core is None else config.share_core
    actor = agent.new_core("actor")
    critic = None if shared else agent.new_core("critic")
    heads = derive(agent.seed, "heads") % 2**63
    return ActorCriticNetwork(actor, critic, agent.num_actions, heads)


def make_collector(agent: DeepLearner, steps: int, stride: int) -> Collector:
    """Return what plays rollouts of so many steps for an agent."""
    network, device, count = agent.network, agent.device, agent.config.num_envs
    scorer = make_scorer(network, device, count)
    critic = Critic(network)
    value_scorer = make_scorer(critic, device, steps * count)
    return Collector(agent.world, network, scorer, value_scorer, steps, stride, device)


def order_of(agent: DeepLearner, *path: int) -> np.random.Generator:
    """Return the generator of one order of minibatches; it depends on seed and path alone."""
    return np.random.default_rng(derive(agent.seed, "order", *path))
