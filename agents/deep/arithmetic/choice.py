"""Which arithmetic is the fastest: torch, or the compiled one for small MLPs on the CPU."""

import torch
from torch import nn
from torch.optim import Adam, Optimizer

from rlkit.agents.deep.arithmetic.descent import Descent, TorchDescent
from rlkit.agents.deep.arithmetic.scoring import Scorer, TorchScorer
from rlkit.agents.deep.networks import ScoringNetwork

LARGEST_DENSE = 2**23
"""Multiplications of a forward pass, all rows together, from which on torch may be the faster."""


def make_scorer(
    network: ScoringNetwork,
    device: torch.device,
    rows: int,
) -> Scorer:
    """Return the fastest scorer for a network.

    Args:
        network: The network.
        device: Where it is.
        rows: Observations that are scored at once.
    """
    dense = network.dense()
    if dense is None or not is_small(dense[0], device, rows):
        return TorchScorer(network, device)
    from rlkit.agents.deep.arithmetic.compiled import DenseScorer

    return DenseScorer(*dense)


def is_small(layers: list[nn.Linear], device: torch.device, rows: int) -> bool:
    """Return whether an MLP is faster without torch for so many rows at once."""
    return (
        device.type == "cpu"
        and rows * sum(layer.weight.numel() for layer in layers) <= LARGEST_DENSE
    )


def make_descent(optimizer: Optimizer, parameters: nn.Parameter, longest: float | None) -> Descent:
    """Return the fastest way to descend; see `TorchDescent` for the arguments."""
    if type(optimizer) is Adam and parameters.device.type == "cpu":
        group = optimizer.param_groups[0]
        if not (group["amsgrad"] or group["weight_decay"]):
            from rlkit.agents.deep.arithmetic.compiled import AdamDescent

            return AdamDescent(optimizer, parameters, longest)
    return TorchDescent(optimizer, parameters, longest)
