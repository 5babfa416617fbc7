"""Small MLPs on the CPU without torch: scoring, gradients and Adam, on torch's own memory."""

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Adam

from rlkit.agents.deep.arithmetic.dense import dense_arrays
from rlkit.agents.deep.arithmetic.descent import scale_of
from rlkit.agents.deep.arithmetic.kernels import (
    dense_forward,
    dense_gradient,
    dense_pass,
    descend_by_adam,
    q_gradient,
)
from rlkit.agents.deep.experience.batches import Batch
from rlkit.arrays import Array, Bools, Ints
from rlkit.nets.core import State


class DenseScorer:
    """The forward pass of an MLP on the very memory of its torch parameters, without torch.

    Args:
        layers: Its linear layers on the CPU; their parameters must keep their place in memory.
        rectified: Whether ReLU stands between them; else tanh.
    """

    def __init__(self, layers: list[nn.Linear], rectified: bool) -> None:
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
        return dense_forward(rows, self._layers, self._rectified), state


class DenseTDGradient:
    """The gradient of an MLP's TD loss; see `TorchTDGradient`.

    Args:
        layers: Of the learning network; they and their gradients keep their place in memory.
        rectified: Whether ReLU stands between them; else tanh.
        error_clip: See `td_loss`.
    """

    def __init__(self, layers: list[nn.Linear], rectified: bool, error_clip: float | None) -> None:
        self._layers, self._gradients = dense_arrays(layers)
        self._rectified, self._clip = rectified, error_clip or np.inf

    def __call__(self, x: Array, actions: Ints, targets: Array, weights: Array | None) -> Array:
        """Write the gradient of the loss of a batch; return its errors, `(N,)`."""
        rows = x.reshape(len(x), -1)
        counted = np.ones(len(x), np.float32) if weights is None else weights
        places = self._layers, self._gradients
        errors: Array = q_gradient(
            rows, actions, targets, counted, *places, self._rectified, self._clip
        )
        return errors


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
        self._rectified = rectified
        self._layers, self._gradients = dense_arrays(layers)

    def __call__(self, x: Array) -> Tensor:
        self._x = x
        output, self._hidden = dense_pass(x, self._layers, self._rectified)
        self._output = torch.from_numpy(output).requires_grad_()
        return self._output

    def backward(self) -> None:
        slopes = self._output.grad
        if slopes is not None:  # a loss may be one of the other network alone
            arguments = self._x, self._hidden, self._layers, self._gradients, self._rectified
            dense_gradient(slopes.numpy(), *arguments)


class AdamDescent:
    """By Adam on the CPU, compiled: most of a small network's step in `torch.optim` is bookkeeping.

    The moments are those of the optimizer, which are saved with it. See `TorchDescent` for the
    arguments.
    """

    def __init__(self, optimizer: Adam, parameters: nn.Parameter, longest: float | None) -> None:
        self._longest = longest
        self._optimizer, self._parameters = optimizer, parameters
        gradient: Any = parameters.grad
        self._weights, self._gradient = parameters.detach().numpy(), gradient.numpy()

    def __call__(self, step: int) -> None:
        """Descend, and set the gradient to zero."""
        length = float(np.dot(self._gradient, self._gradient)) ** 0.5
        scale = scale_of(length, self._longest, step)
        group, state = self._optimizer.param_groups[0], self._state()
        state["step"] += 1
        descend_by_adam(
            self._weights,
            self._gradient,
            state["exp_avg"].numpy(),
            state["exp_avg_sq"].numpy(),
            scale,
            (group["lr"], *group["betas"], group["eps"], state["step"].item()),
        )

    def _state(self) -> dict[str, Any]:
        """Return the optimizer's memory, which begins as PyTorch's own does."""
        state: dict[str, Any] = self._optimizer.state[self._parameters]
        if not state:
            state["step"] = torch.zeros(())
            state["exp_avg"] = torch.zeros_like(self._parameters)
            state["exp_avg_sq"] = torch.zeros_like(self._parameters)
        return state
