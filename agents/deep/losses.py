"""Targets, losses and distributions of deep agents: pure functions of arrays and tensors."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import huber_loss, mse_loss

from rlkit.arrays import Array, Bools

IMPOSSIBLE = -1e8
"""The logit of an illegal action: its probability is exactly 0, and 0 times it is no NaN."""


def log_probabilities(logits: Tensor, masks: Tensor | None) -> Tensor:
    """Return log pi(a | s), `(n, A)`, with no probability for illegal actions.

    Args:
        logits: `(n, A)`.
        masks: `(n, A)` bool, True where legal; None if all is.
    """
    if masks is not None:
        logits = logits.masked_fill(~masks, IMPOSSIBLE)
    return torch.log_softmax(logits, dim=-1)


def taken(log_probs: Tensor, actions: Tensor) -> Tensor:
    """Return the entry of each row that its action names, `(n,)`."""
    return log_probs.gather(-1, actions.unsqueeze(-1)).squeeze(-1)


def entropies(log_probs: Tensor) -> Tensor:
    """Return the entropy of each row's distribution, `(n,)`; illegal actions add nothing."""
    return -(log_probs.exp() * log_probs).sum(dim=-1)


def entropy(log_probs: Tensor) -> Tensor:
    """Return the mean entropy of the rows' distributions."""
    return entropies(log_probs).mean()


def policy_gradient_loss(log_probs: Tensor, advantages: Tensor) -> Tensor:
    """Return -mean(A log pi(a | s)), whose gradient is minus the policy gradient.

    Sutton and Barto, eq. 13.11; NNDL eq. 14.56.
    """
    return -(log_probs * advantages).mean()


class Surrogate(NamedTuple):
    """PPO's loss of the policy, and what it tells of the step."""

    loss: Tensor
    ratio: Tensor


def clipped_surrogate(
    log_probs: Tensor, old_log_probs: Tensor, advantages: Tensor, clip_range: float
) -> Surrogate:
    """Return -mean min(r A, clip(r, 1 - c, 1 + c) A) with r = pi / pi_old (Schulman et al. 2017).

    Their eq. 7, to be minimised.
    """
    ratio = (log_probs - old_log_probs).exp()
    clipped = ratio.clamp(1 - clip_range, 1 + clip_range)
    loss = -torch.minimum(ratio * advantages, clipped * advantages).mean()
    return Surrogate(loss, ratio)


def value_loss(values: Tensor, targets: Tensor) -> Tensor:
    """Return the mean squared error of values `(n,)`."""
    return torch.nn.functional.mse_loss(values, targets)


def best_values(values: Array, judged_by: Array, masks: Bools | None) -> Array:
    """Return the value of the best legal action, `(...)`.

    Args:
        values: `(..., A)`, of the target network.
        judged_by: `(..., A)`, by which the action is chosen: `values` themselves in DQN (Mnih et
            al. 2015), those of the learning network in double DQN (van Hasselt et al. 2016).
        masks: `(..., A)`, True where legal; None if all is. A row that forbids everything counts
            as all legal: an episode is over there.
    """
    if masks is not None:
        none = ~masks.any(axis=-1, keepdims=True)
        judged_by = np.where(masks | none, judged_by, -np.inf)
    chosen = judged_by.argmax(axis=-1)
    return np.take_along_axis(values, chosen[..., None], axis=-1)[..., 0]


def td_loss(
    values: Tensor, targets: Tensor, weights: Tensor | None, error_clip: float | None
) -> Tensor:
    """Return the weighted mean of half the squared errors.

    With `error_clip` errors beyond it count linearly (Huber 1964), so no slope is steeper; then
    values tend to the median of noisy targets and not to their mean.

    Args:
        values: `(N,)`.
        targets: `(N,)`.
        weights: `(N,)`; None weighs equally.
        error_clip: Positive, or None.
    """
    if error_clip is None:
        losses = 0.5 * mse_loss(values, targets, reduction="none")
    else:
        losses = huber_loss(values, targets, reduction="none", delta=error_clip)
    return losses.mean() if weights is None else (weights * losses).mean()


def sequence_priority(errors: Array, counted: Bools, eta: float = 0.9) -> Array:
    """Return eta max |error| + (1 - eta) mean |error| of each sequence, `(N,)`.

    Kapturowski et al. 2019, sec. 2.3.

    Args:
        errors: `(T, N)`.
        counted: `(T, N)`, which of them count.
        eta: In [0, 1].
    """
    sizes = np.abs(errors) * counted
    mean = sizes.sum(axis=0) / np.maximum(counted.sum(axis=0), 1)
    return np.asarray(eta * sizes.max(axis=0) + (1 - eta) * mean)
