"""Networks while they learn, when dropout drops, and while they are asked, when it does not.

Layers that count, such as batch norm's running means, count the batches that are learned from, and
those alone: acting, often in one environment, is no batch.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def mode(network: nn.Module, *, training: bool) -> Iterator[None]:
    """Let a network be in training or in evaluation mode meanwhile, but for layers that count."""
    before = network.training
    _switch(network, training)
    try:
        yield
    finally:
        _switch(network, before)


@contextmanager
def counting(network: nn.Module) -> Iterator[None]:
    """Let the layers of a network that count do so meanwhile: it reads what it learns from."""
    layers = _counters(network)
    for layer in layers:
        layer.train()
    try:
        yield
    finally:
        for layer in layers:
            layer.eval()


def _switch(network: nn.Module, training: bool) -> None:
    network.train(training)
    for layer in _counters(network):
        layer.eval()


def _counters(network: nn.Module) -> list[nn.Module]:
    """Return the normalisers of a network that keep running means."""
    return [layer for layer in network.modules() if hasattr(layer, "num_batches_tracked")]


def noise_of(device: torch.device) -> torch.Generator:
    """Return the generator that dropout draws from on a device; it can be given no other."""
    if device.type == "cpu":
        return torch.default_generator
    return torch.cuda.default_generators[torch.empty(0, device=device).device.index]


@contextmanager
def borrowed(generator: torch.Generator) -> Iterator[torch.Generator]:
    """Lend a generator, and bring it back to the state in which it was found."""
    before = generator.get_state()
    try:
        yield generator
    finally:
        generator.set_state(before)
