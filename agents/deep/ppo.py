"""PPO: proximal policy optimisation (Schulman et al. 2017, Alg. 1).

repeat
    play T steps in N environments with pi
    A = GAE(lambda),  G = A + V
    for each of K epochs, for each minibatch:
        r = pi_theta(a | s) / pi(a | s)
        minimise -min(r A, clip(r, 1 - c, 1 + c) A) + w (V_phi(s) - G)^2 - v entropy(pi_theta)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from rlkit.agents.deep.arithmetic.passes import make_pass
from rlkit.agents.deep.config import check_counts, check_flags, check_range
from rlkit.agents.deep.experience.batches import Batch, Batches
from rlkit.agents.deep.learner import DeepLearner
from rlkit.agents.deep.losses import (
    clipped_surrogate,
    entropy,
    log_probabilities,
    taken,
    value_loss,
)
from rlkit.agents.deep.networks import state_arrays, state_from
from rlkit.agents.deep.on_policy import (
    PolicyConfig,
    make_collector,
    order_of,
    policy_network,
)
from rlkit.arrays import Array
from rlkit.schedules import Constant, Schedule


@dataclass(frozen=True)
class PPOConfig(PolicyConfig):
    """Hyper-parameters of PPO."""

    learning_rate: Schedule = Constant(1e-3)  # noqa: RUF009 - immutable
    """Step size of the optimizer, a schedule of the absolute step."""
    num_envs: int = 8
    """Environments side by side, where the agent makes them itself from an id."""
    steps: int = 128
    """T, of each environment, between two updates."""
    batch_size: int = 256
    """Steps a minibatch; with memory at least so many."""
    epochs: int = 10
    """How often each step is learned from."""
    clip_range: Schedule = Constant(0.2)  # noqa: RUF009 - immutable
    """How far the ratio of new to old probability counts beyond 1, a schedule of the step."""
    lambda_: float = 0.95
    """Of the advantages, in [0, 1]."""
    value_weight: float = 0.5
    """How much the loss of the values counts."""
    target_kl: float | None = None
    """No further epoch once the policy has moved by more than 1.5 of this; None does not look."""
    normalise_advantages: bool = True
    """Whether the advantages of a rollout are brought to mean 0 and deviation 1."""
    sequence_length: int = 128
    """The longest stretch that gradients flow through, for cores with memory."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_counts(self, "steps", "batch_size", "epochs", "sequence_length")
        check_range(self, "lambda_", 0.0, 1.0)
        check_range(self, "value_weight", 0.0)
        if self.target_kl is not None:
            check_range(self, "target_kl", 0.0)
        check_flags(self, "normalise_advantages")


class PPO(DeepLearner):
    """Learns a policy by several careful epochs on each rollout.

    See `DeepLearner` for the arguments and `PPOConfig` for the hyper-parameters.
    """

    config_class = PPOConfig
    config: PPOConfig

    def __init__(self, env: Any, *, seed: int | None = 0, **settings: Any) -> None:
        super().__init__(env, seed=seed, **settings)
        stride = min(self.config.sequence_length, self.config.steps)
        self._stride = stride
        self._update: Update | None = None
        self._collector = make_collector(self, self.config.steps, stride)
        self._pass = make_pass(self.network, self.device, self.config.batch_size)

    def _make_network(self) -> nn.Module:
        return policy_network(self)

    def _learn_once(self) -> None:
        self._started_world()
        first = self.num_timesteps
        rollout = self._collector.collect(self._key, first)
        advantages = rollout.advantages(self.discount, self.config.lambda_)
        batches = Batches(rollout, advantages, self.encoding, self.device)
        if self.config.normalise_advantages:
            batches.normalise_advantages()
        for epoch in range(self.config.epochs):
            for batch in self._batches(batches, first, epoch):
                self._update = self._descend(batch)
            limit = self.config.target_kl
            if limit is not None and self._report()["kl"] > 1.5 * limit:
                break
        self.num_timesteps += rollout.actions.size

    def _batches(self, batches: Batches, *path: int) -> Iterator[Batch]:
        order, size = order_of(self, *path), self.config.batch_size
        if self._collector.has_memory:
            return batches.sequences(size, self._stride, order)
        return batches.steps(size, order)

    def _descend(self, batch: Batch) -> "Update":
        """Take one gradient step."""
        config = self.config
        logits, values = self._pass(batch)
        log_probs = log_probabilities(logits, batch.masks)
        chosen = taken(log_probs, batch.actions)
        clip_range = self._scheduled(config.clip_range)
        surrogate = clipped_surrogate(chosen, batch.log_probs, batch.advantages, clip_range)
        error = value_loss(values, batch.returns)
        loss = surrogate.loss + config.value_weight * error
        entropy_weight = self._scheduled(config.entropy_weight)
        if entropy_weight:
            loss = loss - entropy_weight * entropy(log_probs)
        self._pass.backward(loss)
        self._descent(self.num_timesteps)
        return Update(
            surrogate.loss.detach(),
            surrogate.ratio.detach(),
            error.detach(),
            log_probs.detach(),
            clip_range,
        )

    def _report(self) -> dict[str, float]:
        """Tell what the last minibatch was like."""
        update = self._update
        if update is None:
            return {}
        with torch.no_grad():
            ratio = update.ratio
            return {
                "policy_loss": float(update.policy_loss),
                "value_loss": float(update.value_loss),
                "entropy": float(entropy(update.log_probs)),
                "kl": float((ratio - 1 - ratio.log()).mean()),
                "clipped": float(((ratio - 1).abs() > update.clip_range).float().mean()),
            }

    def _more_state(self) -> dict[str, Array]:
        return state_arrays(self._collector.state)

    def _restore_more(self, state: dict[str, Array]) -> None:
        self._collector.state = state_from(state, self._collector.state)


class Update(NamedTuple):
    """What a gradient step was like, for the report."""

    policy_loss: Tensor
    ratio: Tensor
    value_loss: Tensor
    log_probs: Tensor
    clip_range: float
