"""The parameters of a network in one buffer, where it computes, and with how many threads."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch
from threadpoolctl import ThreadpoolController
from torch import nn

LARGE = 1_000_000
"""Parameters from which on a network is worth a GPU: below, launching kernels takes longer."""


def flatten(network: nn.Module) -> nn.Parameter:
    """Move all parameters of a network, and their gradients, into one tensor each.

    The network's parameters become views, so an optimizer step, a norm or a copy is one operation
    on one tensor, and NumPy can read the weights in place. Do not move the network to another
    device afterwards; set gradients to zero by `flat.grad.zero_()`.

    Returns:
        The flat parameter, with its gradient.
    """
    parameters = list(network.parameters())
    flat = nn.Parameter(torch.cat([p.detach().reshape(-1) for p in parameters]))
    gradient = torch.zeros_like(flat)
    start = 0
    for p in parameters:
        end = start + p.numel()
        p.data = flat.data[start:end].view(p.shape)
        p.grad = gradient[start:end].view(p.shape)
        start = end
    flat.grad = gradient
    return flat


def choose_device(name: str, network: nn.Module) -> torch.device:
    """Return the device for a network; "auto" takes a GPU for large ones, where there is one.

    Raises:
        ValueError: If the device is not there.
    """
    if name == "auto":
        size = sum(p.numel() for p in network.parameters())
        name = "cuda" if size >= LARGE and torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise ValueError(f"the device {name!r} is not there ({reason}); use 'auto'") from None
    return device


@contextmanager
def threads(count: int) -> Iterator[None]:
    """Let torch, NumPy and numba compute with so many threads meanwhile.

    How many share a sum decides its last bits, so training would depend on the machine's cores.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        with _linear_algebra().limit(limits=count, user_api="blas"):
            yield
    finally:
        torch.set_num_threads(before)


@cache
def _linear_algebra() -> ThreadpoolController:
    """Return the control of NumPy's library and of SciPy's, which numba calls."""
    from scipy.linalg import cython_blas  # noqa: F401 - found only once loaded

    return ThreadpoolController()
