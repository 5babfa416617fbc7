"""Multi-head attention on PyTorch's fused kernel. Chapter 8, eq. 8.11."""

from math import sqrt

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from rlkit.nets.attention.masks import masked_softmax


class MultiHeadAttention(nn.Module):
    """W_O [head_1; ...; head_M], head_m = att(W_Q^m X, W_K^m X, W_V^m X). Chapter 8, eq. 8.11.

    Vaswani et al. 2017. Batch first. Equal to `nn.MultiheadAttention` with the same weights, but
    with True for visible, and zeros instead of NaN where a query sees nothing.

    Args:
        model_size: The size of queries, keys, values and outputs.
        heads: The number of heads, which share the model size evenly.
        dropout: The probability of dropping a weight while training.

    Raises:
        ValueError: If the heads do not divide the model size.
    """

    def __init__(self, model_size: int, heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.head_size = head_size(model_size, heads)
        self.heads = heads
        self.dropout = dropout
        self.query = nn.Linear(model_size, model_size)
        self.key = nn.Linear(model_size, model_size)
        self.value = nn.Linear(model_size, model_size)
        self.output = nn.Linear(model_size, model_size)

    def forward(
        self, query: Tensor, key: Tensor, value: Tensor, visible: Tensor | None = None
    ) -> Tensor:
        """Return `(B, Q, model_size)`.

        Args:
            query: `(B, Q, model_size)`.
            key: `(B, N, model_size)`.
            value: `(B, N, model_size)`.
            visible: Broadcasts to `(B, Q, N)`, True where a key may be seen.
        """
        q, k, v = self.split(self.query(query)), self.split(self.key(key)), self.value(value)
        dropout = self.dropout if self.training else 0.0
        if visible is None:
            y = scaled_dot_product_attention(q, k, self.split(v), dropout_p=dropout)
        else:
            seen = visible.expand(query.shape[0], query.shape[1], key.shape[1]).unsqueeze(1)
            sighted = seen.any(dim=-1, keepdim=True)  # (B, 1, Q, 1)
            y = scaled_dot_product_attention(
                q, k, self.split(v), attn_mask=seen | ~sighted, dropout_p=dropout
            )
            y = y.masked_fill(~sighted, 0.0)
        merged: Tensor = self.output(merge(y))
        return merged

    def weights(
        self, query: Tensor, key: Tensor, value: Tensor, visible: Tensor | None = None
    ) -> Tensor:
        """Return the distributions `(B, heads, Q, N)` that `forward` takes its means with."""
        del value
        q, k = self.split(self.query(query)), self.split(self.key(key))
        scores = q @ k.transpose(-1, -2) / sqrt(self.head_size)
        if visible is not None:
            visible = visible.expand(query.shape[0], query.shape[1], key.shape[1]).unsqueeze(1)
        return masked_softmax(scores, visible)

    def split(self, x: Tensor) -> Tensor:
        """Split `(B, T, model_size)` into heads `(B, heads, T, head_size)`."""
        return x.reshape(*x.shape[:2], self.heads, self.head_size).transpose(1, 2)


def merge(x: Tensor) -> Tensor:
    """Join heads `(B, heads, T, head_size)` into `(B, T, model_size)`."""
    return x.transpose(1, 2).flatten(2)


def head_size(model_size: int, heads: int) -> int:
    """Return the share of a head.

    Raises:
        ValueError: If the heads do not divide the model size; the message has the widths nearby.
    """
    if heads < 1 or model_size < 1 or model_size % heads:
        below = max(model_size // max(heads, 1), 1) * heads
        raise ValueError(
            f"{heads} heads cannot share a model size of {model_size} evenly; take {below} or "
            f"{below + heads}, or another number of heads"
        )
    return model_size // heads


def self_attention(x: Tensor, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Return softmax(Q K' / sqrt(D)) V with Q = X W_Q, K = X W_K, V = X W_V. Eq. 8.16-8.22.

    Args:
        x: `(..., N, d)`.
        query: W_Q `(d, D)`.
        key: W_K `(d, D)`.
        value: W_V `(d, D_v)`.
    """
    scores = (x @ query) @ (x @ key).transpose(-1, -2) / sqrt(query.shape[-1])
    return torch.softmax(scores, dim=-1) @ (x @ value)
