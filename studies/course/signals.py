"""How signals and gradients fare through deep networks, and through time."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from rlkit.nets import LSTM, SRN, Core, Recurrent, gradient_through_time, initialise
from rlkit.nets.inspection import Floats

DEPTH, WIDTH, BATCH = 20, 256, 256
STARTS: dict[str, tuple[str | None, str, Callable[[], nn.Module]]] = {
    "ReLU, PyTorch's default": (None, "relu", nn.ReLU),
    "ReLU, Gaussian .01": ("gaussian", "relu", nn.ReLU),
    "ReLU, He": ("he-normal", "relu", nn.ReLU),
    "ReLU, orthogonal": ("orthogonal", "relu", nn.ReLU),
    "tanh, Xavier": ("xavier-normal", "tanh", nn.Tanh),
    "logistic, Xavier x4": ("xavier-normal", "logistic", nn.Sigmoid),
    "logistic, Xavier x1": ("xavier-normal", "linear", nn.Sigmoid),
}
"""Scheme, activation whose factor it takes, activation of the network."""


def flow(start: str, seed: int = 0) -> tuple[Floats, Floats]:
    """Return how much of signal and gradient is left behind each layer of a deep network.

    Args:
        start: One of `STARTS`.
        seed: Of inputs and weights.

    Returns:
        Standard deviations over examples of the activations, and norms of the loss gradient with
        respect to them relative to the last layer's; each `(DEPTH,)`.
    """
    scheme, activation, function = STARTS[start]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        layers = [nn.Sequential(nn.Linear(WIDTH, WIDTH), function()) for _ in range(DEPTH)]
        network = nn.Sequential(*layers).double()
        x = torch.randn(BATCH, WIDTH, dtype=torch.float64)
        direction = torch.randn(WIDTH, dtype=torch.float64)
    if scheme:
        initialise(network, scheme, activation, seed=seed)
    outputs: list[Tensor] = []
    for layer in layers:
        x = layer(x)
        x.retain_grad()
        outputs.append(x)
    (outputs[-1] @ direction).sum().backward()
    spread = [float(y.detach().std(dim=0).mean()) for y in outputs]
    norms = [float(y.grad.norm()) for y in outputs if y.grad is not None]
    return np.array(spread), np.array(norms) / norms[-1]


def memories(length: int = 100, seed: int = 0) -> dict[str, Floats]:
    """Return |dy_T / dx_t| for t = 1 ... T of recurrent networks before training, `(T,)` each."""
    found = {}
    for name, build in MEMORIES.items():
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            core = build().double()
            x = torch.randn(length, 4, 4, dtype=torch.float64)
        reset = torch.zeros(length, 4)
        found[name] = gradient_through_time(core, x, core.initial_state(4), reset).mean(axis=1)
    return found


def _plain_srn() -> Core:
    core = Recurrent(SRN(4, 32))
    for parameter in core.parameters():
        nn.init.uniform_(parameter, -(32**-0.5), 32**-0.5)
    return core


def _exploding_srn() -> Core:
    core = Recurrent(SRN(4, 32, nonlinearity="relu"))
    for name, parameter in core.named_parameters():
        if "weight_hh" in name:
            parameter.data *= 2
    return core


MEMORIES: dict[str, Callable[[], Core]] = {
    "SRN, PyTorch's default weights": _plain_srn,
    "SRN, ReLU, orthogonal x2": _exploding_srn,
    "LSTM, forget bias 0": lambda: Recurrent(LSTM(4, 32, forget_bias=0.0)),
    "LSTM, forget bias 1": lambda: Recurrent(LSTM(4, 32, forget_bias=1.0)),
    "LSTM, forget bias 3": lambda: Recurrent(LSTM(4, 32, forget_bias=3.0)),
}
