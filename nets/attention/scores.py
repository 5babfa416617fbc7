"""Score functions s(x, q) of attention. Chapter 8, eq. 8.2-8.5.

A score maps queries `(..., Q, query_size)` and keys `(..., N, key_size)` to `(..., Q, N)`.
"""

from math import sqrt

import torch
from torch import Tensor, nn
from torch.nn import functional


class AdditiveScore(nn.Module):
    """s(x, q) = v . tanh(W x + U q). Chapter 8, eq. 8.2; Bahdanau et al. 2015.

    Args:
        query_size: The size of q.
        key_size: The size of x.
        hidden_size: The size of v.
    """

    def __init__(self, query_size: int, key_size: int, hidden_size: int = 64) -> None:
        super().__init__()
        self.from_key = nn.Linear(key_size, hidden_size, bias=False)
        self.from_query = nn.Linear(query_size, hidden_size, bias=False)
        self.weight = nn.Linear(hidden_size, 1, bias=False)

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        """Return the scores `(..., Q, N)`."""
        pairs = self.from_query(query).unsqueeze(-2) + self.from_key(key).unsqueeze(-3)
        scores: Tensor = self.weight(torch.tanh(pairs))  # (..., Q, N, 1)
        return scores.squeeze(-1)


class DotScore(nn.Module):
    """s(x, q) = x . q. Chapter 8, eq. 8.3."""

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        """Return the scores `(..., Q, N)`."""
        return _checked(query, key) @ key.transpose(-1, -2)


class ScaledDotScore(nn.Module):
    """s(x, q) = x . q / sqrt(D), of variance 1 where x and q have it. Chapter 8, eq. 8.4."""

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        """Return the scores `(..., Q, N)`."""
        return _checked(query, key) @ key.transpose(-1, -2) / sqrt(query.shape[-1])


class BilinearScore(nn.Module):
    """s(x, q) = x . W q, which tells queries from keys. Chapter 8, eq. 8.5; Luong et al. 2015.

    Args:
        query_size: The size of q.
        key_size: The size of x.
    """

    def __init__(self, query_size: int, key_size: int) -> None:
        super().__init__()
        self.linear = nn.Linear(query_size, key_size, bias=False)

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        """Return the scores `(..., Q, N)`."""
        projected: Tensor = self.linear(query)
        return projected @ key.transpose(-1, -2)


class CosineScore(nn.Module):
    """s(x, q) = x . q / (|x| |q| temperature). Course notes, section 7.1.3.

    Args:
        temperature: A cosine lies in [-1, 1], too flat for a softmax over many keys.
    """

    def __init__(self, temperature: float = 0.1) -> None:
        super().__init__()
        self.temperature = temperature

    def forward(self, query: Tensor, key: Tensor) -> Tensor:
        """Return the scores `(..., Q, N)`; a vector of zeros has the cosine 0."""
        unit_query = functional.normalize(_checked(query, key), dim=-1)
        unit_key = functional.normalize(key, dim=-1)
        return unit_query @ unit_key.transpose(-1, -2) / self.temperature


def _checked(query: Tensor, key: Tensor) -> Tensor:
    if query.shape[-1] != key.shape[-1]:
        raise ValueError(
            f"this score compares vectors of one size; got queries of {query.shape[-1]} and keys "
            f"of {key.shape[-1]}. BilinearScore and AdditiveScore take two sizes"
        )
    return query
