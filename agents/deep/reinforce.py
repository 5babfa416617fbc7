"""REINFORCE, with and without a baseline (Williams 1992; NNDL Alg. 14.6 and 14.7).

repeat
    play an episode with pi_theta
    for each step t:  G = sum_k discount^k r_{t+k},  delta = G - V_phi(s_t)   (G without baseline)
    phi += beta sum_t delta grad V_phi(s_t)
    theta += alpha sum_t discount^t delta grad log pi_theta(a_t | s_t)
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rlkit.agents.deep.arithmetic.passes import make_pass
from rlkit.agents.deep.config import check_counts, check_flags, check_range
from rlkit.agents.deep.experience.batches import Batches
from rlkit.agents.deep.experience.rollout import Rollout
from rlkit.agents.deep.learner import DeepLearner
from rlkit.agents.deep.losses import (
    entropy,
    log_probabilities,
    policy_gradient_loss,
    taken,
    value_loss,
)
from rlkit.agents.deep.on_policy import (
    PolicyConfig,
    make_collector,
    policy_network,
)
from rlkit.arrays import Array
from rlkit.randomness import derive
from rlkit.returns import discounted_returns
from rlkit.schedules import Constant, Schedule


@dataclass(frozen=True)
class REINFORCEConfig(PolicyConfig):
    """Hyper-parameters of REINFORCE."""

    learning_rate: Schedule = Constant(1e-3)  # noqa: RUF009 - immutable
    """Step size of the optimizer, a schedule of the absolute step."""
    num_envs: int = 8
    """Episodes between two updates: each environment plays one."""
    baseline: bool = True
    """Whether a learned value is taken off the returns: the same expectation, less variance."""
    discount_steps: bool = False
    """Whether step t counts discount^t as in the boxes; left out in practice, for late steps would
    hardly be learned from."""
    value_weight: float = 0.5
    """How much the loss of the values counts."""
    normalise_advantages: bool = True
    """Whether what remains of the returns is brought to mean 0 and deviation 1."""
    longest_episode: int = 10_000
    """Episodes that go on are truncated after so many steps."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_counts(self, "longest_episode")
        check_range(self, "value_weight", 0.0)
        check_flags(self, "baseline", "discount_steps", "normalise_advantages")


class REINFORCE(DeepLearner):
    """Learns a policy from whole episodes.

    Each update begins new episodes and plays one in every environment, so no long episode is left
    out and none is played by two policies. A truncated one bootstraps from the baseline; without
    a baseline its return stops there. Environments that are through go on unseen; these steps
    count. See `DeepLearner` for the arguments and `REINFORCEConfig` for the hyper-parameters.
    """

    config_class = REINFORCEConfig
    config: REINFORCEConfig

    def __init__(self, env: Any, *, seed: int | None = 0, **settings: Any) -> None:
        super().__init__(env, seed=seed, **settings)
        longest = self.config.longest_episode
        self._collector = make_collector(self, longest, longest)
        self._pass = make_pass(self.network, self.device, longest * self.config.num_envs)
        self._update: tuple[Tensor, Tensor, Tensor] | None = None

    def _make_network(self) -> nn.Module:
        return policy_network(self)

    def _learn_once(self) -> None:
        self.world.begin(derive(self.seed, "episodes", self.num_timesteps))
        rollout = self._collector.collect_episodes(self._key, self.num_timesteps)
        if not self.config.baseline:
            rollout.values[:], rollout.next_values[:] = 0.0, 0.0
        batches = Batches(rollout, self._advantages(rollout), self.encoding, self.device)
        if self.config.normalise_advantages:
            batches.normalise_advantages()
        if self.config.discount_steps:
            times = np.arange(len(rollout.actions), dtype=np.float32)[:, None]
            batches.weigh_advantages(np.broadcast_to(self.discount**times, rollout.actions.shape))
        batch = batches.whole()
        logits, values = self._pass(batch)
        log_probs = log_probabilities(logits, batch.masks)
        gain = policy_gradient_loss(taken(log_probs, batch.actions), batch.advantages)
        error = value_loss(values, batch.returns)
        loss = gain - self._scheduled(self.config.entropy_weight) * entropy(log_probs)
        if self.config.baseline:
            loss = loss + self.config.value_weight * error
        self._pass.backward(loss)
        self._descent(self.num_timesteps)
        self._update = gain.detach(), error.detach(), log_probs.detach()
        self.num_timesteps += rollout.actions.size

    def _advantages(self, rollout: Rollout) -> Array:
        """Return G - V, float32 `(T, N)`."""
        ends = rollout.terminated, rollout.cut
        returns: Any = discounted_returns(
            rollout.rewards, rollout.next_values, *ends, self.discount
        )
        return np.asarray(returns, np.float32) - rollout.values

    def _report(self) -> dict[str, float]:
        if self._update is None:
            return {}
        gain, error, log_probs = self._update
        with torch.no_grad():
            return {
                "policy_loss": float(gain),
                "value_loss": float(error),
                "entropy": float(entropy(log_probs)),
            }
