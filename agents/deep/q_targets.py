"""Targets and losses of Q-learning with networks: pure functions of arrays and tensors."""

import numpy as np
from torch import Tensor
from torch.nn.functional import smooth_l1_loss

from rlkit.arrays import Array, Bools


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


def td_loss(values: Tensor, targets: Tensor, weights: Tensor | None) -> Tensor:
    """Return the weighted mean Huber loss of errors, which clips each one's gradient to [-1, 1].

    Args:
        values: `(N,)`.
        targets: `(N,)`.
        weights: `(N,)`; None weighs equally.
    """
    if weights is None:
        return smooth_l1_loss(values, targets)
    return (weights * smooth_l1_loss(values, targets, reduction="none")).mean()


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
