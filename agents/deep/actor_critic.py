"""Advantage actor-critic (Mnih et al. 2016, Alg. S3, with the environments in lockstep).

repeat
    play T steps in N environments with pi
    A = GAE(lambda),  G = A + V
    theta += alpha grad mean(A log pi(a | s)),  phi -= alpha w grad mean((V(s) - G)^2)
"""

from dataclasses import dataclass
from typing import Any

from torch import Tensor, nn

from rlkit.agents.deep.arithmetic.passes import make_pass
from rlkit.agents.deep.config import check_counts, check_range
from rlkit.agents.deep.experience.batches import Batches
from rlkit.agents.deep.learner import DeepLearner
from rlkit.agents.deep.losses import (
    entropy,
    log_probabilities,
    policy_gradient_loss,
    taken,
    value_loss,
)
from rlkit.agents.deep.networks import state_arrays, state_from
from rlkit.agents.deep.on_policy import (
    PolicyConfig,
    make_collector,
    policy_network,
)
from rlkit.arrays import Array
from rlkit.schedules import Constant, Schedule


@dataclass(frozen=True)
class ActorCriticConfig(PolicyConfig):
    """Hyper-parameters of the advantage actor-critic."""

    learning_rate: Schedule = Constant(7e-4)  # noqa: RUF009 - immutable
    """Step size of the optimizer, a schedule of the absolute step."""
    num_envs: int = 8
    """Environments side by side, where the agent makes them itself from an id."""
    steps: int = 5
    """T, of each environment, between two updates; gradients flow no further through memory."""
    lambda_: float = 1.0
    """Of the advantages, in [0, 1]; 1 gives returns of up to T steps."""
    value_weight: float = 0.5
    """How much the loss of the values counts."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_counts(self, "steps")
        check_range(self, "lambda_", 0.0, 1.0)
        check_range(self, "value_weight", 0.0)


class ActorCritic(DeepLearner):
    """Learns a policy by one step along its gradient after each short rollout.

    See `DeepLearner` for the arguments and `ActorCriticConfig` for the hyper-parameters.
    """

    config_class = ActorCriticConfig
    config: ActorCriticConfig

    def __init__(self, env: Any, *, seed: int | None = 0, **settings: Any) -> None:
        super().__init__(env, seed=seed, **settings)
        self._collector = make_collector(self, self.config.steps, self.config.steps)
        rows = self.config.steps * self.config.num_envs
        self._pass = make_pass(self.network, self.device, rows)
        self._update: tuple[Tensor, Tensor, Tensor] | None = None

    def _make_network(self) -> nn.Module:
        return policy_network(self)

    def _learn_once(self) -> None:
        self._started_world()
        rollout = self._collector.collect(self._key, self.num_timesteps)
        advantages = rollout.advantages(self.discount, self.config.lambda_)
        batch = Batches(rollout, advantages, self.encoding, self.device).whole()
        logits, values = self._pass(batch)
        log_probs = log_probabilities(logits, batch.masks)
        gain = policy_gradient_loss(taken(log_probs, batch.actions), batch.advantages)
        error = value_loss(values, batch.returns)
        loss = gain + self.config.value_weight * error
        entropy_weight = self._scheduled(self.config.entropy_weight)
        if entropy_weight:
            loss = loss - entropy_weight * entropy(log_probs)
        self._pass.backward(loss)
        self._descent(self.num_timesteps)
        self._update = gain.detach(), error.detach(), log_probs.detach()
        self.num_timesteps += rollout.actions.size

    def _report(self) -> dict[str, float]:
        if self._update is None:
            return {}
        gain, error, log_probs = self._update
        return {
            "policy_loss": float(gain),
            "value_loss": float(error),
            "entropy": float(entropy(log_probs)),
        }

    def _more_state(self) -> dict[str, Array]:
        return state_arrays(self._collector.state)

    def _restore_more(self, state: dict[str, Array]) -> None:
        self._collector.state = state_from(state, self._collector.state)
