"""Forward and backward passes of a policy and its values: by torch, or compiled for small MLPs."""

from typing import Protocol

import torch
from torch import Tensor, nn

from rlkit.agents.deep.arithmetic.flat import dense_arrays
from rlkit.agents.deep.arithmetic.modes import counting
from rlkit.agents.deep.arithmetic.scoring import is_small
from rlkit.agents.deep.experience.batches import Batch
from rlkit.agents.deep.policy_networks import ActorCriticNetwork, Critic
from rlkit.arrays import Array


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


class DensePass:
    """Two MLPs on the CPU; torch sees only their outputs, and the loss of those.

    Args:
        actor: The linear layers of the policy, and whether ReLU stands between them; else tanh.
            The layers and their gradients must keep their place in memory.
        critic: Those of the values.
    """

    def __init__(
        self, actor: tuple[list[nn.Linear], bool], critic: tuple[list[nn.Linear], bool]
    ) -> None:
        self._actor, self._critic = _DenseNetwork(*actor), _DenseNetwork(*critic)

    def __call__(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return logits `(n, A)` and values `(n,)`."""
        x = batch.x[0].flatten(1).numpy()
        return self._actor(x), self._critic(x)[:, 0]

    def backward(self, loss: Tensor) -> None:
        """Write the gradient of a loss of both to the network's."""
        loss.backward()
        self._actor.backward()
        self._critic.backward()


class _DenseNetwork:
    """One MLP; torch's graph begins at its output."""

    def __init__(self, layers: list[nn.Linear], rectified: bool) -> None:
        from rlkit.agents.deep.arithmetic.kernels import dense_gradient, dense_pass

        self._pass, self._gradient, self._rectified = dense_pass, dense_gradient, rectified
        self._layers, self._gradients = dense_arrays(layers)

    def __call__(self, x: Array) -> Tensor:
        self._x = x
        output, self._hidden = self._pass(x, self._layers, self._rectified)
        self._output = torch.from_numpy(output).requires_grad_()
        return self._output

    def backward(self) -> None:
        slopes = self._output.grad
        if slopes is not None:  # a loss may be one of the other network alone
            arguments = self._x, self._hidden, self._layers, self._gradients, self._rectified
            self._gradient(slopes.numpy(), *arguments)


def make_pass(network: ActorCriticNetwork, device: torch.device, rows: int) -> Pass:
    """Return the fastest way through a network and back.

    Args:
        network: The network.
        device: Where it is.
        rows: Steps that are learned from at once.
    """
    critic = Critic(network)
    actor_layers = network.dense()
    critic_layers = critic.dense()
    shared = network.critic is None
    if device.type != "cpu" or shared or actor_layers is None or critic_layers is None:
        return TorchPass(network)
    if not is_small(actor_layers[0] + critic_layers[0], rows):
        return TorchPass(network)
    return DensePass(actor_layers, critic_layers)
