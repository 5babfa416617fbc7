"""The one protocol of every network an agent may use: `initial_state`, `step`, `unroll`.

A core reads sequences of observations, time first, and carries a state from one call to the next.
Where `reset[t, b]` is 1, `x[t, b]` opens an episode: the state of row b is forgotten before it is
read. A network without memory is a core whose state is empty, so every agent takes every core.
"""

from abc import ABC, abstractmethod
from math import prod

import torch
from torch import Tensor, nn

State = tuple[Tensor, ...]
"""What a core carries: tensors whose first dimension is the batch; empty without memory."""


class Core(nn.Module, ABC):
    """A network with (possibly empty) memory: y_t = f(x_t, state). Chapter 6, eq. 6.4.

    Args:
        input_shape: The shape of one observation, without time and batch.
        output_size: The number of features y holds for each observation.

    Raises:
        ValueError: If a shape holds anything but positive integers.
    """

    forgets = True
    """Whether a reset leaves nothing of the state; else the state before it must be known to repeat
    what follows, as with noise that is drawn anew for each episode."""

    def __init__(self, input_shape: tuple[int, ...], output_size: int) -> None:
        super().__init__()
        if prod(input_shape, start=1) < 1 or output_size < 1:
            raise ValueError(
                f"sizes are positive; got input shape {input_shape}, output size {output_size}"
            )
        self.input_shape = tuple(input_shape)
        self.output_size = output_size

    @abstractmethod
    def initial_state(self, batch: int) -> State:
        """Return the state of `batch` rows before their first observation."""

    @abstractmethod
    def unroll(self, x: Tensor, state: State, reset: Tensor) -> tuple[Tensor, State]:
        """Read a sequence.

        Args:
            x: `(T, B, *input_shape)`.
            state: What an earlier call returned, or `initial_state(B)`.
            reset: `(T, B)`, non-zero where x opens an episode.

        Returns:
            y `(T, B, output_size)` and the state after the last observation.

        Raises:
            ValueError: If a shape does not fit; the message states both.
        """

    def step(self, x: Tensor, state: State, reset: Tensor) -> tuple[Tensor, State]:
        """Read one observation a row: x `(B, *input_shape)`, reset `(B,)` to y `(B, output_size)`.

        Repeated, it gives what `unroll` gives.
        """
        y, state = self.unroll(x.unsqueeze(0), state, reset.unsqueeze(0))
        return y.squeeze(0), state

    def forward(self, x: Tensor, state: State, reset: Tensor) -> tuple[Tensor, State]:
        """Return `unroll(x, state, reset)`; calling the core runs PyTorch's hooks."""
        return self.unroll(x, state, reset)

    def check(self, x: Tensor, state: State, reset: Tensor) -> None:
        """Raise a ValueError unless the three fit each other and this core."""
        wanted = ", ".join(["T", "B", *map(str, self.input_shape)])
        if x.shape[2:] != self.input_shape or x.dim() != 2 + len(self.input_shape):
            raise ValueError(
                f"x must have the shape ({wanted}), or without T in step; got {tuple(x.shape)}"
            )
        if not x.shape[0] or not x.shape[1]:
            raise ValueError(f"x holds no observation: its shape is {tuple(x.shape)}")
        if reset.shape != x.shape[:2]:
            raise ValueError(
                f"reset must have the shape (T, B) = {tuple(x.shape[:2])}; got {tuple(reset.shape)}"
            )
        rows = [tuple(part.shape) for part in state if part.shape[0] != x.shape[1]]
        if rows:
            raise ValueError(f"the state must hold {x.shape[1]} rows; got parts of shape {rows}")


class Feedforward(Core):
    """A network without memory as a core: the same function of every observation (eq. 4.32).

    Args:
        network: Maps `(N, *input_shape)` to `(N, features)`; tried once to learn the number.
        input_shape: The shape of one observation.
    """

    def __init__(self, network: nn.Module, input_shape: tuple[int, ...]) -> None:
        super().__init__(input_shape, count_features(network, input_shape))
        self.network = network

    def initial_state(self, batch: int) -> State:
        """Return the empty state."""
        del batch
        return ()

    def unroll(self, x: Tensor, state: State, reset: Tensor) -> tuple[Tensor, State]:
        """Apply the network to every observation."""
        self.check(x, state, reset)
        return over_time(self.network, x), ()


class Encoded(Core):
    """A core that reads what a network without memory makes of each observation. Eq. 6.70.

    Args:
        encoder: Maps `(N, *input_shape)` to `(N, features)`, for instance a CNN.
        core: A core with `input_shape == (features,)`.
        input_shape: The shape of one observation.
    """

    def __init__(self, encoder: nn.Module, core: Core, input_shape: tuple[int, ...]) -> None:
        super().__init__(input_shape, core.output_size)
        features = count_features(encoder, input_shape)
        if core.input_shape != (features,):
            raise ValueError(
                f"the encoder gives {features} features, but the core reads {core.input_shape}"
            )
        self.encoder = encoder
        self.core = core
        self.forgets = core.forgets

    def initial_state(self, batch: int) -> State:
        """Return the initial state of the inner core."""
        return self.core.initial_state(batch)

    def unroll(self, x: Tensor, state: State, reset: Tensor) -> tuple[Tensor, State]:
        """Encode every observation at once, then read the sequence."""
        self.check(x, state, reset)
        return self.core.unroll(over_time(self.encoder, x), state, reset)


def over_time(network: nn.Module, x: Tensor) -> Tensor:
    """Apply a network on `(N, ...)` to `(T, B, ...)`."""
    y: Tensor = network(x.flatten(0, 1))
    return y.reshape(*x.shape[:2], *y.shape[1:])


def count_features(network: nn.Module, input_shape: tuple[int, ...]) -> int:
    """Return the number of features a network gives, by a dry run on zeros.

    Raises:
        ValueError: If the network cannot read the shape, or gives no `(N, features)`.
    """
    x = zeros(network, 1, *input_shape)
    training = network.training
    try:
        with torch.no_grad():
            y: Tensor = network.eval()(x)
    except RuntimeError as error:
        raise ValueError(
            f"{type(network).__name__} cannot read observations of shape {tuple(input_shape)}: "
            f"{error}"
        ) from error
    finally:
        network.train(training)
    if y.dim() != 2:
        raise ValueError(
            f"{type(network).__name__} must give (N, features); for observations of shape "
            f"{tuple(input_shape)} it gave {tuple(y.shape)}"
        )
    return y.shape[1]


def zeros(network: nn.Module, *shape: int) -> Tensor:
    """Return zeros of the dtype and on the device of a network's first parameter."""
    return next(network.parameters(), torch.empty(0)).new_zeros(shape)
