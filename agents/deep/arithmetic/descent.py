"""Descending along the gradient of one flat tensor: checked, shortened if it is long, cleared."""

from typing import Any, Protocol

import numpy as np
import torch
from torch import nn
from torch.optim import Optimizer

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
