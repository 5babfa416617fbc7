"""Networks while they learn, when dropout drops, and while they are asked, when it does not."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def mode(network: nn.Module, *, training: bool) -> Iterator[None]:
    """Let a network be in training or in evaluation mode meanwhile."""
    before = network.training
    network.train(training)
    try:
        yield
    finally:
        network.train(before)


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
