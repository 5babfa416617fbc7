"""Scores of actions for observations as arrays."""

from typing import Any, Protocol

import torch
from torch import Tensor

from rlkit.agents.deep.networks import ScoringNetwork
from rlkit.arrays import Array, Bools
from rlkit.nets.core import State


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
