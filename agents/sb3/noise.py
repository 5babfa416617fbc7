"""The global random generators, of which Stable-Baselines3 draws, lent to one agent at a time."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


class Noise:
    """The state of the global generators that belongs to one agent.

    Two agents in one process would else draw from the same streams, and what one learns would
    depend on what the other did before.
    """

    def __init__(self) -> None:
        self._own: Any = None

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Let the global generators have this state meanwhile, and their own one afterwards."""
        before = _states()
        if self._own is not None:
            _set_states(self._own)
        try:
            yield
        finally:
            self._own = _states()
            _set_states(before)


def _states() -> tuple[Any, Any, Any, Any]:
    import torch

    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
    return random.getstate(), np.random.get_state(), torch.get_rng_state(), cuda  # noqa: NPY002


def _set_states(states: tuple[Any, Any, Any, Any]) -> None:
    import torch

    python, numpy, cpu, cuda = states
    random.setstate(python)
    np.random.set_state(numpy)  # noqa: NPY002
    torch.set_rng_state(cpu)
    if cuda:
        torch.cuda.set_rng_state_all(cuda)
