"""Cores by name: "mlp", "cnn", "lstm", "gru", "transformer", ... or a factory of one's own."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from rlkit.names import unknown
from rlkit.nets.core import Core

CoreFactory = Callable[..., Core]
"""Called with the shape of one observation and settings as keywords; returns a core."""

SHIPPED = (
    "mlp lenet transformer gtrxl variational-lstm cnn impala residual-cnn inception srn lstm gru "
    "logistic-srn linear-residual-srn residual-srn layer-norm-srn no-forget-lstm coupled-lstm "
    "peephole-lstm layer-norm-lstm textbook-gru layer-norm-gru"
)
"""The names of our own cores, between spaces; `rlkit.nets.shipped` has what makes them."""


def _shipped(name: str, input_shape: tuple[int, ...], **settings: Any) -> Core:
    """Make one of our own cores; what makes them is imported now."""
    from rlkit.nets.shipped import CORES

    return CORES[name](input_shape, **settings)


_FACTORIES: dict[str, CoreFactory] = {name: partial(_shipped, name) for name in SHIPPED.split()}


def register_core(name: str, factory: CoreFactory) -> None:
    """Make `make_core(name, ...)` call `factory(input_shape, **settings)`.

    Raises:
        ValueError: If the name is taken.
    """
    if name in _FACTORIES:
        raise ValueError(f"the core {name!r} is registered already; choose another name")
    _FACTORIES[name] = factory


def core_names() -> list[str]:
    """Return the names that `make_core` knows, sorted."""
    return sorted(_FACTORIES)


def make_core(
    core: str | CoreFactory,
    input_shape: tuple[int, ...],
    *,
    seed: int | None = None,
    **settings: Any,
) -> Core:
    """Return a new core.

    Args:
        core: A registered name, or a factory.
        input_shape: The shape of one observation.
        seed: Of the initial weights; None draws them from PyTorch's global generator.
        settings: Keyword arguments of the factory, such as `hidden_size`.

    Raises:
        KeyError: For an unknown name; the message has the nearest.
        ValueError: If the core cannot read the shape; the message states both.
    """
    if isinstance(core, str) and core not in _FACTORIES:
        raise KeyError(unknown("core", core, _FACTORIES))
    factory = _FACTORIES[core] if isinstance(core, str) else core
    with torch.random.fork_rng(devices=[], enabled=seed is not None):
        if seed is not None:
            torch.manual_seed(seed)
        return factory(tuple(input_shape), **settings)
