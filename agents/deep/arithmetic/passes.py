"""Forward and backward passes of a policy and its values: by torch, or compiled for small MLPs."""

from typing import Protocol

import torch
from torch import Tensor

from rlkit.agents.deep.arithmetic.choice import is_small
from rlkit.agents.deep.arithmetic.modes import counting
from rlkit.agents.deep.experience.batches import Batch
from rlkit.agents.deep.policy_networks import ActorCriticNetwork, Critic


class Pass(Protocol):
    """One way through a network and back."""

    def __call__(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return logits `(n, A)` and values `(n,)` of the steps that are learned from."""
        ...

    def backward(self, loss: Tensor) -> None:
        """Add the gradient of a loss of both to a gradient of the network that is zero."""
        ...


class TorchPass:
    """Any network.

    Args:
        network: The network.
    """

    def __init__(self, network: ActorCriticNetwork) -> None:
        self._network = network

    def __call__(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return logits `(n, A)` and values `(n,)` of the steps that are learned from."""
        with counting(self._network):
            logits, values, _ = self._network(batch.x, batch.state, batch.reset)
        logits, values = logits.flatten(0, 1), values.flatten(0, 1)
        if batch.places is None:
            return logits, values
        return logits[batch.places], values[batch.places]

    def backward(self, loss: Tensor) -> None:
        """Add the gradient of a loss of both to the network's."""
        loss.backward()


def make_pass(network: ActorCriticNetwork, device: torch.device, rows: int) -> Pass:
    """Return the fastest way through a network and back.

    Args:
        network: The network.
        device: Where it is.
        rows: Steps that are learned from at once.
    """
    critic_layers, actor_layers = Critic(network).dense(), network.dense()
    if network.critic is None or actor_layers is None or critic_layers is None:
        return TorchPass(network)
    if not is_small(actor_layers[0] + critic_layers[0], device, rows):
        return TorchPass(network)
    from rlkit.agents.deep.arithmetic.compiled import DensePass

    return DensePass(actor_layers, critic_layers)
