"""Recurrent layers as cores: state that is forgotten where an episode opens. Chapter 6."""

import itertools
from typing import Protocol

import torch
from torch import Tensor, nn

from rlkit.nets.core import Core, State, zeros


class RecurrentLayer(Protocol):
    """What `Recurrent` needs of a layer: it reads stretches without resets. Chapter 6, eq. 6.4."""

    input_size: int
    output_size: int
    state_shapes: tuple[tuple[int, ...], ...]
    """The shape of each part of the state, without the batch."""

    def __call__(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """Map x `(T, B, input_size)` and a state to y `(T, B, output_size)` and the next state."""
        ...


class Recurrent(Core):
    """A recurrent layer as a core. Chapter 6, eq. 6.5 and 6.51-6.69.

    `unroll` cuts the sequence at the columns where some row opens an episode and runs the layer
    once a piece, which for the fused layers is one kernel call: never slower than a loop over
    steps, and one single call where no episode opens (Kostrikov 2018).

    Args:
        layer: For instance `LSTM(16, 128)` or `Cells(LayerNormLSTMCell(16, 128))`.
    """

    def __init__(self, layer: RecurrentLayer) -> None:
        super().__init__((layer.input_size,), layer.output_size)
        if not isinstance(layer, nn.Module):
            raise TypeError(f"a recurrent layer is an nn.Module; got {type(layer).__name__}")
        self.layer = layer

    def initial_state(self, batch: int) -> State:
        """Return zeros, `(B, layers, hidden_size)` a part."""
        return tuple(zeros(self, batch, *shape) for shape in self.layer.state_shapes)

    def unroll(self, x: Tensor, state: State, reset: Tensor) -> tuple[Tensor, State]:
        """Read a sequence, piece by piece between resets."""
        self.check(x, state, reset)
        opens = reset.bool()
        pieces = []
        for start, end in stretches(opens):
            y, state = self.layer(x[start:end], forget(state, opens[start]))
            pieces.append(y)
        return pieces[0] if len(pieces) == 1 else torch.cat(pieces), state


def stretches(opens: Tensor) -> list[tuple[int, int]]:
    """Return the pieces [start, end) of a sequence in which only the first step opens episodes.

    Args:
        opens: `(T, B)` bool.
    """
    cuts = [0, *(t for t in opens.any(dim=1).nonzero().flatten().tolist() if t), len(opens)]
    return list(itertools.pairwise(cuts))


def forget(state: State, reset: Tensor) -> State:
    """Return the state with zeros in the rows where `reset` `(B,)` is true."""
    return tuple(part.masked_fill(reset.view(-1, *[1] * (part.dim() - 1)), 0.0) for part in state)
