"""How weights start. Chapter 7, section 7.3.

PyTorch's own layers start with U(-1/sqrt(M), 1/sqrt(M)) for weights and biases, which is neither
Xavier's nor He's law: behind twenty ReLU layers nothing is left of a signal.
"""

from collections.abc import Callable
from math import sqrt

import torch
from torch import Tensor, nn

from rlkit.names import unknown

__all__ = ["gain", "gaussian_", "initialise", "uniform_"]

GAINS = {"linear": 1.0, "tanh": 1.0, "logistic": 4.0, "relu": sqrt(2.0)}
"""Factor of the standard deviation for the activation behind a layer. Section 7.3.

`nn.init.calculate_gain` has 5/3 for tanh and 1 for the logistic. The chapter of 2019 has the two
factors swapped; the logistic's slope at 0 is 1/4, so its weights must be 4 times as large.
"""


def gain(activation: str) -> float:
    """Return the factor of the standard deviation for an activation.

    Raises:
        KeyError: For an unknown activation; the message has the nearest.
    """
    if activation not in GAINS:
        raise KeyError(unknown("activation", activation, GAINS))
    return GAINS[activation]


@torch.no_grad()
def gaussian_(weight: Tensor, std: float = 0.01, generator: torch.Generator | None = None) -> None:
    """Draw from N(0, std^2). Section 7.3."""
    nn.init.normal_(weight, std=_positive(std), generator=generator)


@torch.no_grad()
def uniform_(weight: Tensor, std: float = 0.01, generator: torch.Generator | None = None) -> None:
    """Draw from U(-r, r) with r = sqrt(3) std, of that standard deviation. Section 7.3."""
    r = sqrt(3.0) * _positive(std)
    nn.init.uniform_(weight, -r, r, generator=generator)


Scheme = Callable[[Tensor, str, torch.Generator], object]

SCHEMES: dict[str, Scheme] = {
    "gaussian": lambda w, _, g: gaussian_(w, generator=g),
    "uniform": lambda w, _, g: uniform_(w, generator=g),
    "xavier-uniform": lambda w, a, g: nn.init.xavier_uniform_(w, gain(a), generator=g),
    "xavier-normal": lambda w, a, g: nn.init.xavier_normal_(w, gain(a), generator=g),
    "he-uniform": lambda w, _, g: nn.init.kaiming_uniform_(w, nonlinearity="relu", generator=g),
    "he-normal": lambda w, _, g: nn.init.kaiming_normal_(w, nonlinearity="relu", generator=g),
    "orthogonal": lambda w, a, g: nn.init.orthogonal_(w, gain(a), generator=g),
}
"""Laws by name. Xavier: variance 2 gain^2 / (M_in + M_out); He: 2 / M_in. Section 7.3."""

LAYERS = (nn.Linear, nn.Conv1d, nn.Conv2d)


def initialise(
    network: nn.Module,
    scheme: str,
    activation: str = "relu",
    *,
    bias: float = 0.0,
    seed: int = 0,
) -> None:
    """Draw the weights of all linear and convolutional layers anew. Chapter 7, section 7.3.

    Args:
        network: Changed in place.
        scheme: One of `SCHEMES`.
        activation: One of `GAINS`, the function behind the layers; Xavier and orthogonal use it.
        bias: What every bias is set to; the chapter has 0, or .01 for ReLU.
        seed: Of a generator of its own.

    Raises:
        KeyError: For an unknown scheme or activation; the message has the nearest.
        ValueError: If the network has no such layer.
    """
    if scheme not in SCHEMES:
        raise KeyError(unknown("initialiser", scheme, SCHEMES))
    gain(activation)
    layers = [part for part in network.modules() if isinstance(part, LAYERS)]
    if not layers:
        raise ValueError(f"{type(network).__name__} has no linear or convolutional layer")
    generator = torch.Generator(layers[0].weight.device).manual_seed(seed)
    for layer in layers:
        SCHEMES[scheme](layer.weight, activation, generator)
        if layer.bias is not None:
            nn.init.constant_(layer.bias, bias)


def _positive(std: float) -> float:
    if not 0 < std < float("inf"):
        raise ValueError(f"a standard deviation is positive and finite; got {std}")
    return std
