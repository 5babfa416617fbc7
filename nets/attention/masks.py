"""Masks of attention in one polarity: True means visible, as PyTorch's fused kernel has it.

(`nn.MultiheadAttention` and `nn.Transformer` have it the other way round for booleans.) Masks
broadcast to (batch, queries, keys), so they combine with `&`. A query that sees nothing gets
zeros, never NaN. Section 15.6.3.
"""

import torch
from torch import Tensor


def padding_mask(lengths: Tensor, size: int) -> Tensor:
    """Return which keys are no padding, `(B, 1, size)`: the first `lengths[b]` of row b.

    Raises:
        ValueError: If a length is negative or above `size`.
    """
    if lengths.dim() != 1 or (lengths < 0).any() or (lengths > size).any():
        raise ValueError(f"lengths has the shape (B,) and values 0 ... {size}; got {lengths}")
    return torch.arange(size, device=lengths.device) < lengths[:, None, None]


def causal_mask(queries: int, keys: int, device: torch.device | None = None) -> Tensor:
    """Return which keys are not in the future, `(queries, keys)`; the last query sees every key.

    Aligned at the lower right, so that queries may follow cached keys: `is_causal=True` of
    PyTorch is aligned at the upper left, where one query sees only the oldest of its keys.

    Raises:
        ValueError: If there are fewer keys than queries: each query has a key of its own.
    """
    if keys < queries:
        raise ValueError(f"{queries} queries need as many keys of their own; got {keys} keys")
    return torch.ones(queries, keys, dtype=torch.bool, device=device).tril(keys - queries)


def masked_softmax(scores: Tensor, visible: Tensor | None) -> Tensor:
    """Return the attention distribution over the last dimension. Chapter 8, eq. 8.1.

    Args:
        scores: `(..., keys)`.
        visible: Broadcasts to the scores; None sees all. Where nothing is visible the weights
            and their gradients are 0.
    """
    if visible is None:
        return scores.softmax(dim=-1)
    hidden = ~visible
    weights = scores.masked_fill(hidden, torch.finfo(scores.dtype).min).softmax(dim=-1)
    return weights.masked_fill(hidden, 0.0)
