"""Targets and losses of Q-learning with networks: pure functions of arrays and tensors."""

import numpy as np
from torch import Tensor
from torch.nn.functional import huber_loss, mse_loss

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
