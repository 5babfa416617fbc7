"""Soft, hard and key-value attention with any score. Chapter 8, section 8.1."""

import torch
from torch import Tensor, nn

from rlkit.nets.attention.masks import masked_softmax


class SoftAttention(nn.Module):
    """att((K, V), q) = sum_n alpha_n v_n = E[v_z], z ~ alpha. Chapter 8, eq. 8.6-8.10.

    With values it is key-value attention; without, the keys are the values.

    Args:
        score: Maps queries `(..., Q, .)` and keys `(..., N, .)` to scores `(..., Q, N)`.
    """

    def __init__(self, score: nn.Module) -> None:
        super().__init__()
        self.score = score

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor | None = None,
        visible: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Return the means `(..., Q, value_size)` and the distributions `(..., Q, N)`.

        Args:
            query: `(..., Q, query_size)`.
            key: `(..., N, key_size)`.
            value: `(..., N, value_size)`.
            visible: Broadcasts to `(..., Q, N)`, True where a key may be seen; a query that
                sees none gets zeros.
        """
        weights = masked_softmax(self.score(query, key), visible)
        return weights @ (key if value is None else value), weights


class HardAttention(nn.Module):
    """Attention to one key: a sample of alpha, or its most probable. Chapter 8, eq. 8.8.

    The choice has no gradient; the log-probability has, for REINFORCE (Xu et al. 2015).

    Args:
        score: Maps queries `(..., Q, .)` and keys `(..., N, .)` to scores `(..., Q, N)`.
    """

    def __init__(self, score: nn.Module) -> None:
        super().__init__()
        self.score = score

    def forward(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor | None = None,
        visible: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return the chosen values, their log-probabilities and the choices.

        Args:
            query: `(..., Q, query_size)`.
            key: `(..., N, key_size)`.
            value: `(..., N, value_size)`.
            visible: Broadcasts to `(..., Q, N)`, True where a key may be seen.
            generator: Samples the choice; None takes the most probable key.

        Returns:
            Values `(..., Q, value_size)`, log-probabilities `(..., Q)`, choices `(..., Q)`. A
            query that sees nothing gets zeros, the log-probability 0 and the choice -1.
        """
        weights = masked_softmax(self.score(query, key), visible)
        blind = weights.detach().sum(dim=-1, keepdim=True) == 0
        weights = weights.masked_fill(blind, 1.0)
        if generator is None:
            choice = weights.argmax(dim=-1, keepdim=True)
        else:
            rows = weights.detach().reshape(-1, weights.shape[-1])
            choice = torch.multinomial(rows, 1, generator=generator).view(*weights.shape[:-1], 1)
        log_prob = weights.gather(-1, choice).log().squeeze(-1)
        one_hot = torch.zeros_like(weights).scatter(-1, choice, 1.0).masked_fill(blind, 0.0)
        chosen = one_hot @ (key if value is None else value)
        return chosen, log_prob, choice.masked_fill(blind, -1).squeeze(-1)
