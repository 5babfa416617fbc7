"""Moments: what an optimizer remembers of the gradients it has seen. Chapter 7, section 7.2.

The first moment M_t = phi(g_1 ... g_t) is the direction of a step, the second moment
G_t = psi(g_1^2 ... g_t^2) its scale. Any moment may stand in either place; each works on lists of
tensors, one a parameter.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

Tensors = list[Tensor]


class Moment(Protocol):
    """A function of all values so far, from a buffer and the newest. Chapter 7, section 7.2."""

    @property
    def remembers(self) -> bool:
        """Whether it needs a buffer."""
        ...

    def update(self, buffers: Tensors, values: Tensors, step: int) -> Tensors:
        """Take in the newest values and return the moment.

        Args:
            buffers: What it remembers, changed in place; empty where it remembers nothing.
            values: Gradients, or their squares.
            step: t, from 1.
        """
        ...


@dataclass(frozen=True)
class Latest:
    """The newest value alone, M_t = g_t: gradient descent. Section 7.2."""

    remembers = False

    def update(self, buffers: Tensors, values: Tensors, step: int) -> Tensors:
        """Return the values."""
        del buffers, step
        return values


@dataclass(frozen=True)
class Sum:
    """sum_tau rho^(t - tau) v_tau: Adagrad's G_t with rho 1, momentum below. Section 7.2.

    Raises:
        ValueError: If rho lies outside [0, 1].
    """

    rho: float = 1.0
    """How much of the last sum is kept, in [0, 1]."""
    remembers = True

    def __post_init__(self) -> None:
        if not 0 <= self.rho <= 1:
            raise ValueError(f"rho of a sum must lie in [0, 1], got {self.rho}")

    def update(self, buffers: Tensors, values: Tensors, step: int) -> Tensors:
        """Return the sums, which are the buffers."""
        del step
        if self.rho != 1:
            torch._foreach_mul_(buffers, self.rho)
        torch._foreach_add_(buffers, values)
        return buffers


@dataclass(frozen=True)
class Average:
    """The moving average beta m_(t-1) + (1 - beta) v_t. Section 7.2.

    Raises:
        ValueError: If beta lies outside [0, 1).
    """

    beta: float
    """Decay rate, in [0, 1)."""
    corrected: bool = False
    """Whether it is divided by 1 - beta^t, which takes away the bias towards the start at 0."""
    remembers = True

    def __post_init__(self) -> None:
        if not 0 <= self.beta < 1:
            raise ValueError(f"beta of an average must lie in [0, 1), got {self.beta}")

    def update(self, buffers: Tensors, values: Tensors, step: int) -> Tensors:
        """Return the averages: the buffers, or new tensors where corrected."""
        torch._foreach_lerp_(buffers, values, 1 - self.beta)
        if not self.corrected:
            return buffers
        return list(torch._foreach_div(buffers, 1 - self.beta**step))
