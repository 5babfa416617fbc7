"""Scores of actions for observations as arrays: compiled for small MLPs, else by torch."""

from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from rlkit.agents.deep.arithmetic.flat import dense_arrays
from rlkit.agents.deep.networks import ScoringNetwork
from rlkit.arrays import Array, Bools
from rlkit.nets.core import State

LARGEST_DENSE = 2**23
"""Multiplications of a forward pass, all rows together, from which on torch may be the faster."""


class Scorer(Protocol):
    """Scores actions; a network without memory has the empty state."""

    def initial_state(self, batch: int) -> State:
        """Return the state of `batch` rows before their first observation."""
        ...

    def __call__(self, x: Array, state: State, opens: Bools) -> tuple[Array, State]:
        """Return float32 scores `(N, A)` and the next state.

        Args:
            x: Encoded observations, float32 `(N, *input_shape)`.
            state: What the previous call returned, or `initial_state(N)`.
            opens: `(N,)`, where an episode opens.
        """
        ...


class DenseScorer:
    """The forward pass of an MLP on the very memory of its torch parameters, without torch.

    Args:
        layers: Its linear layers on the CPU; their parameters must keep their place in memory.
        rectified: Whether ReLU stands between them; else tanh.
    """

    def __init__(self, layers: list[nn.Linear], rectified: bool) -> None:
        from rlkit.agents.deep.arithmetic.kernels import dense_forward

        self._forward = dense_forward
        self._layers, _ = dense_arrays(layers)
        self._rectified = rectified

    def initial_state(self, batch: int) -> State:
        """Return the empty state."""
        del batch
        return ()

    def __call__(self, x: Array, state: State, opens: Bools) -> tuple[Array, State]:
        """Return float32 scores `(N, A)` and the empty state."""
        del opens
        rows = np.ascontiguousarray(x, np.float32).reshape(len(x), -1)
        return self._forward(rows, self._layers, self._rectified), state


class TorchScorer:
    """Any network.

    Args:
        network: The network.
        device: Where it is.
    """

    def __init__(self, network: ScoringNetwork, device: torch.device) -> None:
        self._network, self._device = network, device

    def initial_state(self, batch: int) -> State:
        """Return the network's initial state."""
        return self._network.initial_state(batch)

    def __call__(self, x: Array, state: State, opens: Bools) -> tuple[Array, State]:
        """Return float32 scores `(N, A)` and the next state."""
        with torch.no_grad():
            one_step = self.tensor(x).unsqueeze(0), state, self.tensor(opens).unsqueeze(0)
            scores, after = self._network.scores(*one_step)
        return scores[0].cpu().numpy(), after

    def tensor(self, array: Any) -> Tensor:
        """Return an array as a tensor on the network's device."""
        return torch.from_numpy(array).to(self._device)


def make_scorer(
    network: ScoringNetwork,
    dense: tuple[list[nn.Linear], bool] | None,
    device: torch.device,
    rows: int,
) -> Scorer:
    """Return the fastest scorer for a network.

    Args:
        network: The network.
        dense: Its layers if it is an MLP, see `dense_layers`.
        device: Where it is.
        rows: Observations that are scored at once.
    """
    if dense is None or device.type != "cpu":
        return TorchScorer(network, device)
    return DenseScorer(*dense) if is_small(dense[0], rows) else TorchScorer(network, device)


def is_small(layers: list[nn.Linear], rows: int) -> bool:
    """Return whether an MLP is faster without torch for so many rows at once."""
    return rows * sum(layer.weight.numel() for layer in layers) <= LARGEST_DENSE
