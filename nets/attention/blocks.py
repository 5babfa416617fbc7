"""Transformer blocks, and encoder and decoder stacks. Section 15.6.3.

Batch first; masks are True for visible. Every block wraps its sub-layers in one of three residual
connections: `PostNorm` (the chapter's and the paper's), `PreNorm`, `Gated`.
"""

from collections.abc import Callable
from typing import ClassVar

import torch
from torch import Tensor, nn

from rlkit.nets.attention.masks import causal_mask
from rlkit.nets.attention.multihead import MultiHeadAttention

Sublayer = Callable[[Tensor], Tensor]


class PostNorm(nn.Module):
    """norm(x + f(x)). Section 15.6.3; Vaswani et al. 2017.

    Args:
        model_size: The size of x.
        dropout: The probability of dropping a unit of f(x) while training.
    """

    closing: ClassVar[type[nn.Module]] = nn.Identity
    """What follows the last block of a stack."""

    def __init__(self, model_size: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(model_size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, sublayer: Sublayer) -> Tensor:
        """Return a tensor of the shape of x."""
        y: Tensor = self.norm(x + self.dropout(sublayer(x)))
        return y


class PreNorm(nn.Module):
    """x + f(norm(x)): gradients pass every block unchanged. Xiong et al. 2020.

    Args:
        model_size: The size of x.
        dropout: The probability of dropping a unit of f(x) while training.
    """

    closing: ClassVar[type[nn.Module]] = nn.LayerNorm

    def __init__(self, model_size: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(model_size)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, sublayer: Sublayer) -> Tensor:
        """Return a tensor of the shape of x."""
        y: Tensor = x + self.dropout(sublayer(self.norm(x)))
        return y


class Gated(nn.Module):
    """gate(x, ReLU(f(norm(x)))): GTrXL's gated residual. Parisotto et al. 2020, section 3.2.

    r = sigma(W_r y + U_r x), z = sigma(W_z y + U_z x - b), h = tanh(W_g y + U_g (r x)),
    g = (1 - z) x + z h. With b > 0 a block starts near the identity: the policy can learn to
    react before it learns to remember.

    Args:
        model_size: The size of x.
        dropout: The probability of dropping a unit of f(x) while training.
        bias: b.
    """

    closing: ClassVar[type[nn.Module]] = nn.Identity

    def __init__(self, model_size: int, dropout: float = 0.0, bias: float = 2.0) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(model_size)
        self.dropout = nn.Dropout(dropout)
        self.from_y = nn.Linear(model_size, 3 * model_size, bias=False)  # W_r, W_z, W_g
        self.from_x = nn.Linear(model_size, 2 * model_size, bias=False)  # U_r, U_z
        self.from_kept = nn.Linear(model_size, model_size, bias=False)  # U_g
        self.bias = nn.Parameter(torch.full((model_size,), bias))

    def forward(self, x: Tensor, sublayer: Sublayer) -> Tensor:
        """Return a tensor of the shape of x."""
        return self.gate(x, self.dropout(sublayer(self.norm(x))).relu())

    def gate(self, x: Tensor, y: Tensor) -> Tensor:
        """Return g(x, y)."""
        reset_y, update_y, candidate_y = self.from_y(y).chunk(3, dim=-1)
        reset_x, update_x = self.from_x(x).chunk(2, dim=-1)
        r = torch.sigmoid(reset_y + reset_x)
        z = torch.sigmoid(update_y + update_x - self.bias)
        candidate = torch.tanh(candidate_y + self.from_kept(r * x))
        return torch.lerp(x, candidate, z)


Residual = type[PostNorm] | type[PreNorm] | type[Gated]


class PositionwiseFFN(nn.Module):
    """W_2 ReLU(W_1 z + b_1) + b_2 for every token. Section 15.6.3.

    Args:
        model_size: The size of a token.
        hidden_size: The size of the hidden layer; 2048 for 512 in the paper.
        dropout: The probability of dropping a hidden unit while training.
    """

    def __init__(self, model_size: int, hidden_size: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.inner = nn.Linear(model_size, hidden_size)
        self.outer = nn.Linear(hidden_size, model_size)
        self.activation = nn.ReLU()
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the shape of x."""
        y: Tensor = self.outer(self.dropout(self.activation(self.inner(x))))
        return y


class EncoderBlock(nn.Module):
    """Self-attention and a feed-forward network. Section 15.6.3.

    Args:
        model_size: The size of a token.
        heads: The number of heads.
        hidden_size: The width of the feed-forward network.
        dropout: The probability of dropping a unit while training.
        residual: How each sub-layer is wrapped.
    """

    def __init__(
        self,
        model_size: int,
        heads: int,
        hidden_size: int,
        dropout: float = 0.0,
        residual: Residual = PostNorm,
    ) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(model_size, heads, dropout)
        self.ffn = PositionwiseFFN(model_size, hidden_size, dropout)
        self.attending = residual(model_size, dropout)
        self.feeding = residual(model_size, dropout)

    def forward(self, x: Tensor, visible: Tensor | None = None) -> Tensor:
        """Map tokens `(B, T, model_size)` to the same shape; `visible` as in attention."""
        x = self.attending(x, lambda z: self.attention(z, z, z, visible))
        y: Tensor = self.feeding(x, self.ffn)
        return y


class DecoderBlock(nn.Module):
    """Masked self-attention, attention to the encoder, feed-forward. Section 15.6.3.

    Args:
        model_size: The size of a token.
        heads: The number of heads.
        hidden_size: The width of the feed-forward network.
        dropout: The probability of dropping a unit while training.
        residual: How each sub-layer is wrapped.
    """

    def __init__(
        self,
        model_size: int,
        heads: int,
        hidden_size: int,
        dropout: float = 0.0,
        residual: Residual = PostNorm,
    ) -> None:
        super().__init__()
        self.attention = MultiHeadAttention(model_size, heads, dropout)
        self.cross = MultiHeadAttention(model_size, heads, dropout)
        self.ffn = PositionwiseFFN(model_size, hidden_size, dropout)
        self.attending = residual(model_size, dropout)
        self.crossing = residual(model_size, dropout)
        self.feeding = residual(model_size, dropout)

    def forward(self, x: Tensor, source: Tensor, visible: Tensor | None = None) -> Tensor:
        """Map target tokens `(B, T, model_size)` to the same shape.

        Args:
            x: The target, of which each token sees itself and those before.
            source: The encoder's output, `(B, S, model_size)`.
            visible: Broadcasts to `(B, T, S)`, True where a token of the source may be seen.
        """
        causal = causal_mask(x.shape[1], x.shape[1], x.device)
        x = self.attending(x, lambda z: self.attention(z, z, z, causal))
        x = self.crossing(x, lambda z: self.cross(z, source, source, visible))
        y: Tensor = self.feeding(x, self.ffn)
        return y


class TransformerEncoder(nn.Module):
    """A stack of encoder blocks. Section 15.6.3; the defaults are the paper's.

    Unlike `nn.Transformer` it ends with a LayerNorm only where the blocks are pre-norm.

    Args:
        model_size: The size of a token.
        heads: The number of heads.
        layers: The number of blocks.
        hidden_size: The width of the feed-forward networks.
        dropout: The probability of dropping a unit while training.
        residual: How each sub-layer is wrapped.
    """

    def __init__(
        self,
        model_size: int = 512,
        heads: int = 8,
        layers: int = 6,
        hidden_size: int = 2048,
        dropout: float = 0.1,
        residual: Residual = PostNorm,
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            EncoderBlock(model_size, heads, hidden_size, dropout, residual) for _ in range(layers)
        )
        self.closing = residual.closing(model_size)

    def forward(self, x: Tensor, visible: Tensor | None = None) -> Tensor:
        """Map tokens `(B, T, model_size)`, with positions, to the same shape."""
        for block in self.blocks:
            x = block(x, visible)
        y: Tensor = self.closing(x)
        return y


class TransformerDecoder(nn.Module):
    """A stack of decoder blocks. Section 15.6.3; the defaults are the paper's.

    Args:
        model_size: The size of a token.
        heads: The number of heads.
        layers: The number of blocks.
        hidden_size: The width of the feed-forward networks.
        dropout: The probability of dropping a unit while training.
        residual: How each sub-layer is wrapped.
    """

    def __init__(
        self,
        model_size: int = 512,
        heads: int = 8,
        layers: int = 6,
        hidden_size: int = 2048,
        dropout: float = 0.1,
        residual: Residual = PostNorm,
    ) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            DecoderBlock(model_size, heads, hidden_size, dropout, residual) for _ in range(layers)
        )
        self.closing = residual.closing(model_size)

    def forward(self, x: Tensor, source: Tensor, visible: Tensor | None = None) -> Tensor:
        """Map target tokens `(B, T, model_size)` to the same shape; see `DecoderBlock`."""
        for block in self.blocks:
            x = block(x, source, visible)
        y: Tensor = self.closing(x)
        return y
