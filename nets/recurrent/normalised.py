"""Recurrent cells with layer normalisation, which keeps their sums in range at every step.

Chapter 7, eq. 7.53-7.54; Ba, Kiros & Hinton 2016. Batch normalisation does not fit a recurrent
network: its statistics would differ from step to step.
"""

import torch
from torch import Tensor, nn

from rlkit.nets.core import State
from rlkit.nets.recurrent.cells import Cell


class LayerNormSRNCell(Cell):
    """z_t = U h_(t-1) + W x_t, h_t = tanh(LN(z_t)). Chapter 7, eq. 7.53-7.54.

    W has no bias: the normalisation would remove it, and has its own.
    """

    names = ("",)

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, bias=False)
        self.norm = nn.LayerNorm(hidden_size)

    def advance(self, z: Tensor, state: State) -> tuple[State, tuple[Tensor, ...]]:
        """Return (h_t,) and no gates."""
        return (torch.tanh(self.norm(z + self.from_hidden(state[0]))),), ()


class LayerNormLSTMCell(Cell):
    """An LSTM with LN(W x) + LN(U h) + b in its gates and LN(c_t) in its output.

    Ba et al. 2016, eq. 20-22. LN(W x) is computed for the whole sequence at once.

    Args:
        input_size: e, the size of x_t.
        hidden_size: d, the size of h_t.
        forget_bias: b_f at the start.
    """

    names = ("input", "forget", "candidate", "output")
    state_parts = 2

    def __init__(self, input_size: int, hidden_size: int, forget_bias: float = 1.0) -> None:
        super().__init__(input_size, hidden_size, bias=False)
        self.norm_input = nn.LayerNorm(4 * hidden_size)  # its bias is b
        self.norm_hidden = nn.LayerNorm(4 * hidden_size, bias=False)
        self.norm_cell = nn.LayerNorm(hidden_size)
        nn.init.constant_(self.norm_input.bias.chunk(4)[1], forget_bias)

    def project(self, x: Tensor) -> Tensor:
        """Return LN(W x) + b for a whole sequence, `(T, B, 4 d)`."""
        z: Tensor = self.norm_input(self.from_input(x))
        return z

    def advance(self, z: Tensor, state: State) -> tuple[State, tuple[Tensor, ...]]:
        """Return (h_t, c_t) and the gates i, f, c~, o."""
        h, c = state
        i, f, g, o = (z + self.norm_hidden(self.from_hidden(h))).chunk(4, dim=-1)
        i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        c = f * c + i * g
        return (o * torch.tanh(self.norm_cell(c)), c), (i, f, g, o)


class LayerNormGRUCell(Cell):
    """A GRU with LN(W x) and LN(U h) in its gates. Ba et al. 2016, eq. 26-28."""

    names = ("reset", "update", "candidate")
    carries_h = True

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, bias=False)
        self.norm_gates = nn.LayerNorm(2 * hidden_size, bias=False)
        self.norm_candidate = nn.LayerNorm(hidden_size, bias=False)
        self.norm_input_gates = nn.LayerNorm(2 * hidden_size)
        self.norm_input_candidate = nn.LayerNorm(hidden_size)

    def project(self, x: Tensor) -> Tensor:
        """Return LN(W x) + b for a whole sequence, `(T, B, 3 d)`."""
        gates, candidate = self._split(self.from_input(x))
        return torch.cat(
            [self.norm_input_gates(gates), self.norm_input_candidate(candidate)], dim=-1
        )

    def advance(self, z: Tensor, state: State) -> tuple[State, tuple[Tensor, ...]]:
        """Return (h_t,) and r, z, h~."""
        (h,) = state
        hidden_gates, hidden_candidate = self._split(self.from_hidden(h))
        gates, candidate = self._split(z)
        r, update = torch.sigmoid(gates + self.norm_gates(hidden_gates)).chunk(2, dim=-1)
        candidate = torch.tanh(candidate + r * self.norm_candidate(hidden_candidate))
        return (torch.lerp(candidate, h, update),), (r, update, candidate)

    def _split(self, z: Tensor) -> tuple[Tensor, Tensor]:
        gates, candidate = z.split([2 * self.hidden_size, self.hidden_size], dim=-1)
        return gates, candidate
