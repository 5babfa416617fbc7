"""Penalties, decay, dropout, early stopping, augmentation. Chapter 7, section 7.7."""

from rlkit.nets.regularisers.augmentation import RandomShift
from rlkit.nets.regularisers.dropout import TextbookDropout, VariationalDropout, monte_carlo
from rlkit.nets.regularisers.penalties import (
    StructuralRisk,
    decay_before,
    decay_groups,
    elastic_net_penalty,
    l1_penalty,
    l2_penalty,
    soft_threshold,
    soft_threshold_after,
)
from rlkit.nets.regularisers.stopping import EarlyStopping

__all__ = [
    "EarlyStopping",
    "RandomShift",
    "StructuralRisk",
    "TextbookDropout",
    "VariationalDropout",
    "decay_before",
    "decay_groups",
    "elastic_net_penalty",
    "l1_penalty",
    "l2_penalty",
    "monte_carlo",
    "soft_threshold",
    "soft_threshold_after",
]
