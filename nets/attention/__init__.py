"""Attention, and the Transformer as stacks and as a core. Chapter 8."""

from rlkit.nets.attention.blocks import (
    DecoderBlock,
    EncoderBlock,
    Gated,
    PositionwiseFFN,
    PostNorm,
    PreNorm,
    TransformerDecoder,
    TransformerEncoder,
)
from rlkit.nets.attention.core import MemoryAttention, Transformer
from rlkit.nets.attention.masks import causal_mask, masked_softmax, padding_mask
from rlkit.nets.attention.mechanisms import HardAttention, SoftAttention
from rlkit.nets.attention.multihead import MultiHeadAttention, self_attention
from rlkit.nets.attention.positions import LearnedPositions, SinusoidalPositions, sinusoids
from rlkit.nets.attention.recipe import noam_rate
from rlkit.nets.attention.scores import (
    AdditiveScore,
    BilinearScore,
    CosineScore,
    DotScore,
    ScaledDotScore,
)

__all__ = [
    "AdditiveScore",
    "BilinearScore",
    "CosineScore",
    "DecoderBlock",
    "DotScore",
    "EncoderBlock",
    "Gated",
    "HardAttention",
    "LearnedPositions",
    "MemoryAttention",
    "MultiHeadAttention",
    "PositionwiseFFN",
    "PostNorm",
    "PreNorm",
    "ScaledDotScore",
    "SinusoidalPositions",
    "SoftAttention",
    "Transformer",
    "TransformerDecoder",
    "TransformerEncoder",
    "causal_mask",
    "masked_softmax",
    "noam_rate",
    "padding_mask",
    "self_attention",
    "sinusoids",
]
