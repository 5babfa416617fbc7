"""The Transformer as a core: memory of the last steps, and a step that computes one token.

Section 15.6.3; Transformer-XL (Dai et al. 2019); GTrXL (Parisotto et al. 2020).
"""

from typing import cast

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from rlkit.nets.attention.blocks import PositionwiseFFN, PreNorm, Residual
from rlkit.nets.attention.masks import masked_softmax
from rlkit.nets.attention.multihead import head_size, merge
from rlkit.nets.attention.positions import NoBias, NoPositions, RelativeBias, SinusoidalPositions
from rlkit.nets.core import Core, State, zeros


class MemoryAttention(nn.Module):
    """Self-attention of new tokens to themselves and to remembered keys and values.

    Chapter 8, eq. 8.16-8.22; Dai et al. 2019.

    Args:
        model_size: The size of a token.
        heads: The number of heads.
        bias: Maps queries and distances to queries and scores: `RelativeBias` or `NoBias`.
    """

    def __init__(self, model_size: int, heads: int, bias: nn.Module) -> None:
        super().__init__()
        self.heads = heads
        self.scale = head_size(model_size, heads) ** -0.5
        self.project = nn.Linear(model_size, 3 * model_size)
        self.output = nn.Linear(model_size, model_size)
        self.bias = bias

    def forward(
        self, x: Tensor, memory: Tensor, distance: Tensor, visible: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return `(B, T, model_size)` and memory and tokens together `(B, M + T, 2 model_size)`.

        Args:
            x: `(B, T, model_size)`.
            memory: Keys, then values of all heads, `(B, M, 2 model_size)`.
            distance: `(T, M + T)`, how far back each key lies.
            visible: `(B, 1, T, M + T)`, True where a key may be seen; each token sees itself.
        """
        query, bias, known = self._read(x, memory, distance)
        key, value = (self._split(part) for part in known.chunk(2, dim=2))
        mask = (bias * self.scale).masked_fill(~visible, -torch.inf)
        y = scaled_dot_product_attention(query, key, value, mask)
        return self.output(merge(y)), known

    def weights(self, x: Tensor, memory: Tensor, distance: Tensor, visible: Tensor) -> Tensor:
        """Return the distributions `(B, heads, T, M + T)` that `forward` takes its means with."""
        query, bias, known = self._read(x, memory, distance)
        key = self._split(known.chunk(2, dim=2)[0])
        scores = (query @ key.transpose(-1, -2) + bias) * self.scale
        return masked_softmax(scores, visible)

    def _read(self, x: Tensor, memory: Tensor, distance: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        query, new = self.project(x).split([x.shape[2], 2 * x.shape[2]], dim=2)
        query, bias = self.bias(self._split(query), distance)  # (B, heads, T, .)
        return query, bias, torch.cat([memory, new], dim=1)

    def _split(self, x: Tensor) -> Tensor:
        """Split `(B, N, model_size)` into heads `(B, heads, N, head_size)`."""
        return x.reshape(*x.shape[:2], self.heads, -1).transpose(1, 2)


class MemoryBlock(nn.Module):
    """An encoder block whose attention also sees a memory. Section 15.6.3.

    Args:
        attention: Sees tokens and memory.
        model_size: The size of a token.
        hidden_size: The width of the feed-forward network.
        residual: How each sub-layer is wrapped.
    """

    def __init__(
        self, attention: MemoryAttention, model_size: int, hidden_size: int, residual: Residual
    ) -> None:
        super().__init__()
        self.attention = attention
        self.ffn = PositionwiseFFN(model_size, hidden_size)
        self.attending = residual(model_size)
        self.feeding = residual(model_size)

    def forward(
        self, x: Tensor, memory: Tensor, distance: Tensor, visible: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return tokens, and memory and tokens together; the arguments are the attention's."""
        known = memory

        def attend(z: Tensor) -> Tensor:
            nonlocal known
            y, known = self.attention(z, memory, distance, visible)
            return cast(Tensor, y)

        x = self.attending(x, attend)
        return self.feeding(x, self.ffn), known


class Transformer(Core):
    """A causal Transformer that sees the current token and the last `memory` of the episode.

    Section 15.6.3; Dai et al. 2019; Parisotto et al. 2020. The state holds the keys and
    values of each layer, so a step computes one token; no gradient enters it. A query sees
    exactly the `memory` steps before it, in the same episode, whether they lie in the state or
    in the sequence, and always itself.

    Args:
        input_size: The size of an observation.
        model_size: The size of a token; the output size.
        layers: The number of blocks.
        heads: The number of heads.
        memory: How many steps back a token sees in each layer.
        hidden_size: The width of the feed-forward networks; 4 model sizes if left out.
        residual: `PreNorm`, `Gated` (GTrXL) or `PostNorm`.
        relative: Whether positions are distances in the scores (Transformer-XL), or sinusoids of
            the time since the episode began, added to the tokens.

    Raises:
        ValueError: If the heads do not divide the model size, or nothing is remembered.
    """

    def __init__(
        self,
        input_size: int,
        model_size: int = 64,
        layers: int = 2,
        heads: int = 4,
        memory: int = 64,
        hidden_size: int | None = None,
        residual: Residual = PreNorm,
        relative: bool = True,
    ) -> None:
        super().__init__((input_size,), model_size)
        if memory < 1 or layers < 1:
            raise ValueError(f"memory and layers are at least 1; got {memory} and {layers}")
        size = head_size(model_size, heads)
        self.memory = memory
        self.embed = nn.Linear(input_size, model_size)
        self.positions = NoPositions() if relative else SinusoidalPositions(model_size)
        self.blocks = nn.ModuleList(
            MemoryBlock(
                MemoryAttention(
                    model_size, heads, RelativeBias(heads, size, memory) if relative else NoBias()
                ),
                model_size,
                hidden_size or 4 * model_size,
                residual,
            )
            for _ in range(layers)
        )
        self.closing = residual.closing(model_size)

    def initial_state(self, batch: int) -> State:
        """Return zeros: keys and values `(B, M, 2 model_size)` a layer, and ages `(B,)`."""
        memory = zeros(self, batch, self.memory, 2 * self.output_size)
        age = torch.zeros(batch, dtype=torch.int64, device=memory.device)
        return (*[memory] * len(self.blocks), age)

    def unroll(self, x: Tensor, state: State, reset: Tensor) -> tuple[Tensor, State]:
        """Read a sequence at once, each token on the memory it would have had step by step."""
        self.check(x, state, reset)
        *memories, age = state
        ages = _ages(age, reset.bool()).T  # (B, T)
        distance = _distances(len(x), self.memory, x.device)  # (T, M + T)
        reach = ages.clamp(max=self.memory).unsqueeze(-1)
        visible = ((distance >= 0) & (distance <= reach)).unsqueeze(1)  # (B, 1, T, M + T)
        distance = distance.clamp(0, self.memory)
        tokens = self.positions(self.embed(x).transpose(0, 1), ages)  # (B, T, model_size)
        remembered = []
        for block, memory in zip(self.blocks, memories, strict=True):
            tokens, known = block(tokens, memory, distance, visible)
            remembered.append(known[:, -self.memory :].detach())
        return self.closing(tokens).transpose(0, 1), (*remembered, ages[:, -1] + 1)


def _ages(age: Tensor, reset: Tensor) -> Tensor:
    """Return how many steps of its episode lie before each token, `(T, B)`."""
    steps = torch.arange(len(reset), device=reset.device).unsqueeze(1)
    opened = torch.where(reset, steps, -1 - age).cummax(dim=0).values
    first = torch.where(opened < 0, -age, opened)
    return steps - first


def _distances(length: int, memory: int, device: torch.device) -> Tensor:
    """Return how many steps before token t the key j lies, `(T, M + T)`; the future is below 0."""
    steps = torch.arange(length, device=device)
    return steps.unsqueeze(1) - torch.arange(-memory, length, device=device)
