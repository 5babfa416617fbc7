"""Descending along the gradient of one flat tensor: checked, shortened if it is long, cleared."""

from typing import Any, Protocol

import numpy as np
import torch
from torch import nn
from torch.optim import Adam, Optimizer

from rlkit.agents.checking import NotFiniteError


class Descent(Protocol):
    """A way to take gradient steps."""

    def __call__(self, step: int) -> None:
        """Descend, and set the gradient to zero.

        Args:
            step: Of the environments; an error names it.

        Raises:
            NotFiniteError: If the gradient is not finite; the weights are as before.
        """
        ...


class TorchDescent:
    """By any optimizer.

    Args:
        optimizer: Works on `parameters` alone.
        parameters: Flat, with their gradient; both keep their place in memory.
        longest: Longer gradients are shortened to this; None leaves them.
    """

    def __init__(
        self, optimizer: Optimizer, parameters: nn.Parameter, longest: float | None
    ) -> None:
        self._optimizer, self._longest = optimizer, longest
        self._gradient: Any = parameters.grad

    def __call__(self, step: int) -> None:
        """Descend, and set the gradient to zero."""
        length = float(torch.linalg.vector_norm(self._gradient))
        scale = scale_of(length, self._longest, step)
        if scale < 1.0:
            self._gradient.mul_(scale)
        self._optimizer.step()
        self._gradient.zero_()


class AdamDescent:
    """By Adam on the CPU, compiled: most of a small network's step in `torch.optim` is bookkeeping.

    The moments are those of the optimizer, which are saved with it. See `TorchDescent` for the
    arguments.
    """

    def __init__(self, optimizer: Adam, parameters: nn.Parameter, longest: float | None) -> None:
        from rlkit.agents.deep.arithmetic.kernels import descend_by_adam

        self._descend, self._longest = descend_by_adam, longest
        self._optimizer, self._parameters = optimizer, parameters
        gradient: Any = parameters.grad
        self._weights, self._gradient = parameters.detach().numpy(), gradient.numpy()

    def __call__(self, step: int) -> None:
        """Descend, and set the gradient to zero."""
        length = float(np.dot(self._gradient, self._gradient)) ** 0.5
        scale = scale_of(length, self._longest, step)
        group, state = self._optimizer.param_groups[0], self._state()
        state["step"] += 1
        self._descend(
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


def make_descent(optimizer: Optimizer, parameters: nn.Parameter, longest: float | None) -> Descent:
    """Return the fastest way to descend; see `TorchDescent` for the arguments."""
    if type(optimizer) is Adam and parameters.device.type == "cpu":
        group = optimizer.param_groups[0]
        if not (group["amsgrad"] or group["weight_decay"]):
            return AdamDescent(optimizer, parameters, longest)
    return TorchDescent(optimizer, parameters, longest)


def scale_of(length: float, longest: float | None, step: int) -> float:
    """Return what to multiply a gradient by so that it is no longer than `longest`.

    Raises:
        NotFiniteError: If its length is not finite; the message names the step.
    """
    if not np.isfinite(length):
        raise NotFiniteError(
            f"the gradient is not finite at step {step}; a smaller learning rate may help"
        )
    return 1.0 if longest is None or length <= longest else longest / length
