"""Losses and distributions of policy-gradient methods: pure functions of tensors."""

from typing import NamedTuple

import torch
from torch import Tensor

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
