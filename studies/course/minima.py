"""A flat and a sharp minimum of equal depth: what a shift costs, and which holds large steps."""

import torch
from torch import Tensor

F64 = torch.float64
FLAT, SHARP = -2.0, 2.0
CURVATURES = {FLAT: 0.5, SHARP: 50.0}


def landscape(x: Tensor) -> Tensor:
    """Return the lower of two parabolas, with minima of 0 at -2 (flat) and 2 (sharp)."""
    flat, sharp = (c / 2 * (x - at) ** 2 for at, c in CURVATURES.items())
    return torch.minimum(flat, sharp)


def mean_loss(at: float, spread: float) -> float:
    """Return the mean loss when the parameter is off by N(0, spread^2), by quadrature."""
    z = torch.linspace(-8, 8, 20_001, dtype=F64)
    density = torch.exp(-(z**2) / 2) / (2 * torch.pi) ** 0.5
    return float(torch.trapezoid(landscape(at + spread * z) * density, z))


def share_that_leaves(rate: float, runs: int = 200, steps: int = 1000, seed: int = 0) -> float:
    """Return which share of descents that begin in the sharp minimum ends in the flat one.

    On paper a minimum of curvature c holds descent only at rates below 2 / c: the steps of a larger
    one overshoot by more and more.

    Args:
        rate: Learning rate.
        runs: Starts at the sharp minimum, off by N(0, .01^2).
        steps: Of descent.
        seed: Of the starts.
    """
    generator = torch.Generator().manual_seed(seed)
    x = SHARP + 0.01 * torch.randn(runs, generator=generator, dtype=F64)
    for _ in range(steps):
        x.requires_grad_()
        (gradient,) = torch.autograd.grad(landscape(x).sum(), x)
        x = x.detach() - rate * gradient
    return float(((x - FLAT).abs() < 0.1).double().mean())
