"""Positions of tokens, which attention alone cannot tell. Section 15.6.3."""

from math import log

import torch
from torch import Tensor, nn


def sinusoids(positions: Tensor, size: int) -> Tensor:
    """Return p_t of shape `(*positions.shape, size)`. Section 15.6.3; Vaswani et al. 2017.

    p_(t, 2i) = sin(t / 10000^(2i/D)), p_(t, 2i+1) = cos(t / 10000^(2i/D)); for an odd D the last
    cosine is left out.

    Args:
        positions: Of any shape, integers or floats; floats give the dtype of the result.
        size: D.
    """
    dtype = positions.dtype if positions.is_floating_point() else torch.get_default_dtype()
    even = torch.arange(0, size, 2, device=positions.device, dtype=dtype)
    angles = positions.to(dtype).unsqueeze(-1) * torch.exp(even * (-log(10000.0) / size))
    pairs = torch.stack([angles.sin(), angles.cos()], dim=-1)
    return pairs.flatten(-2)[..., :size]


class SinusoidalPositions(nn.Module):
    """Adds p_t to each token. Section 15.6.3.

    Args:
        model_size: D.
    """

    def __init__(self, model_size: int) -> None:
        super().__init__()
        self.model_size = model_size

    def forward(self, x: Tensor, positions: Tensor) -> Tensor:
        """Return x + p, for x `(..., T, D)` at integer positions `(..., T)`."""
        return x + sinusoids(positions.to(x.dtype), self.model_size)


class LearnedPositions(nn.Module):
    """Adds a learned vector a position. Section 15.6.3; Gehring et al. 2017.

    Args:
        model_size: D.
        length: Positions 0 ... length - 1 have a vector.
    """

    def __init__(self, model_size: int, length: int) -> None:
        super().__init__()
        self.table = nn.Embedding(length, model_size)
        nn.init.normal_(self.table.weight, std=0.02)

    def forward(self, x: Tensor, positions: Tensor) -> Tensor:
        """Return x + p, for x `(..., T, D)` at integer positions `(..., T)`.

        Raises:
            ValueError: If a position has no vector.
        """
        if positions.numel() and int(positions.max()) >= self.table.num_embeddings:
            raise ValueError(
                f"positions 0 ... {self.table.num_embeddings - 1} are learned; got "
                f"{int(positions.max())}"
            )
        y: Tensor = x + self.table(positions)
        return y


class NoPositions(nn.Module):
    """Leaves the tokens as they are."""

    def forward(self, x: Tensor, positions: Tensor) -> Tensor:
        """Return x."""
        del positions
        return x


class RelativeBias(nn.Module):
    """The part of Transformer-XL's scores that knows distances. Dai et al. 2019, section 3.3.

    The score of a query for a key d steps back is (q + u) . k + (q + v) . W_R p_d.

    Args:
        heads: The number of heads.
        head_size: The size of q and k.
        longest: The largest distance.
    """

    distances: Tensor

    def __init__(self, heads: int, head_size: int, longest: int) -> None:
        super().__init__()
        size = heads * head_size
        self.content = nn.Parameter(torch.zeros(heads, 1, head_size))  # u
        self.position = nn.Parameter(torch.zeros(heads, 1, head_size))  # v
        self.project = nn.Linear(size, size, bias=False)  # W_R
        table = sinusoids(torch.arange(longest + 1), size)
        self.register_buffer("distances", table, persistent=False)

    def forward(self, query: Tensor, distance: Tensor) -> tuple[Tensor, Tensor]:
        """Return q + u and the scores of the distances `(B, heads, T, N)`.

        Args:
            query: q, `(B, heads, T, head_size)`.
            distance: `(T, N)`, from 0 to `longest`.
        """
        heads, _, size = self.content.shape
        table: Tensor = self.project(self.distances)  # (longest + 1, heads head_size)
        table = table.reshape(-1, heads, size).permute(1, 2, 0)  # (heads, head_size, longest + 1)
        by_distance = (query + self.position) @ table  # (B, heads, T, longest + 1)
        index = distance.expand(*query.shape[:2], *distance.shape)
        return query + self.content, by_distance.gather(-1, index)


class NoBias(nn.Module):
    """Scores without distances, for tokens that carry their positions."""

    def forward(self, query: Tensor, distance: Tensor) -> tuple[Tensor, Tensor]:
        """Return q and scores of 0 `(1, 1, T, N)`."""
        return query, query.new_zeros(1, 1, *distance.shape)
