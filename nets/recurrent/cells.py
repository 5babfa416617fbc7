"""Recurrent cells that PyTorch lacks: logistic and residual SRN, LSTM variants, the chapter's GRU.

Chapter 6. A cell splits into `project`, what depends on the inputs alone and is computed for the
whole sequence in one product, and `advance`, the step in time. Parameters are counted as the
chapter counts them: one bias a gate. `Cells` stacks cells into a recurrent layer.
"""

import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import cast

import torch
from torch import Tensor, nn

from rlkit.nets.core import State


class Cell(nn.Module, ABC):
    """One recurrent unit; the first part of its state is h_t, its output. Chapter 6, eq. 6.4.

    Weights start orthogonal a gate, biases at 0.

    Args:
        input_size: e, the size of x_t.
        hidden_size: d, the size of h_t.
        bias: Whether W x has a bias b.
    """

    names: tuple[str, ...]
    """The blocks of W and U in order; "" where there is no gate."""
    state_parts = 1
    carries_h = False
    """Whether h_t contains h_(t-1) itself, and not only what U reads of it."""

    def __init__(self, input_size: int, hidden_size: int, *, bias: bool = True) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.from_input = nn.Linear(input_size, len(self.names) * hidden_size, bias=bias)
        self.from_hidden = nn.Linear(hidden_size, len(self.names) * hidden_size, bias=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights, each gate's block orthogonal, and set the biases to 0."""
        for linear in (self.from_input, self.from_hidden):
            for block in linear.weight.split(self.hidden_size):
                nn.init.orthogonal_(block)
        if self.from_input.bias is not None:
            nn.init.zeros_(self.from_input.bias)

    def project(self, x: Tensor) -> Tensor:
        """Return W x + b for a whole sequence, `(T, B, gates d)`."""
        z: Tensor = self.from_input(x)
        return z

    @abstractmethod
    def advance(self, z: Tensor, state: State) -> tuple[State, tuple[Tensor, ...]]:
        """Return the next state, and the values of the gates in the order of `names`.

        Args:
            z: One step of `project`, `(B, gates d)`.
            state: Parts of shape `(B, d)`.
        """

    def bias(self, name: str) -> Tensor:
        """Return the block of b that belongs to a gate, `(d,)`."""
        return self.from_input.bias.chunk(len(self.names))[self.names.index(name)]


class Cells(nn.Module):
    """Stacked cells as a recurrent layer: layer l reads h of layer l - 1. Chapter 6, eq. 6.70.

    Args:
        cells: From the first layer to the last; of one hidden size and one kind of state.

    Raises:
        ValueError: If the sizes do not fit.
    """

    def __init__(self, *cells: Cell) -> None:
        super().__init__()
        sizes = [(cell.input_size, cell.hidden_size, cell.state_parts) for cell in cells]
        fits = all(e == d for (_, d, _), (e, _, _) in itertools.pairwise(sizes))
        if not cells or not fits or len({size[1:] for size in sizes}) > 1:
            raise ValueError(
                "stacked cells share one hidden size and one kind of state, and each reads the "
                f"one below; got (input, hidden, parts of state) {sizes}"
            )
        self.cells = nn.ModuleList(cells)
        self.input_size, self.output_size, parts = (sizes[0][0], *sizes[0][1:])
        self.state_shapes: tuple[tuple[int, ...], ...] = ((len(cells), self.output_size),) * parts

    def forward(self, x: Tensor, state: State, mask: Tensor | None = None) -> tuple[Tensor, State]:
        """Read a stretch without resets: x `(T, B, e)`, state parts `(B, layers, d)`.

        Args:
            x: Inputs.
            state: Before the first step.
            mask: `(B, layers, d)`, a factor of what U reads of h_(t-1) at every step.
        """
        last = []
        for layer, cell in enumerate(self.cells):
            factor = None if mask is None else mask[:, layer]
            x, after = _run(cast(Cell, cell), x, tuple(part[:, layer] for part in state), factor)
            last.append(after)
        return x, tuple(torch.stack(parts, dim=1) for parts in zip(*last, strict=True))


def _run(cell: Cell, x: Tensor, state: State, mask: Tensor | None) -> tuple[Tensor, State]:
    outputs = []
    for z in cell.project(x).unbind():
        read = state if mask is None else (state[0] * mask, *state[1:])
        state, _ = cell.advance(z, read)
        outputs.append(state[0])
    return torch.stack(outputs), state


class SRNCell(Cell):
    """h_t = f(U h_(t-1) + W x_t + b) with any f, such as the logistic. Chapter 6, eq. 6.5-6.7.

    Args:
        input_size: e, the size of x_t.
        hidden_size: d, the size of h_t.
        nonlinearity: f.
    """

    names = ("",)

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        nonlinearity: Callable[[Tensor], Tensor] = torch.sigmoid,
    ) -> None:
        super().__init__(input_size, hidden_size)
        self.nonlinearity = nonlinearity

    def advance(self, z: Tensor, state: State) -> tuple[State, tuple[Tensor, ...]]:
        """Return (h_t,) and no gates."""
        return (self.nonlinearity(z + self.from_hidden(state[0])),), ()


class LinearResidualCell(Cell):
    """h_t = h_(t-1) + g(x_t; theta), g = tanh(W x + b): dh_t/dh_(t-1) is I. Chapter 6, eq. 6.49.

    Its U is never used and is left out.
    """

    names = ("",)
    carries_h = True

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size)
        del self.from_hidden

    def advance(self, z: Tensor, state: State) -> tuple[State, tuple[Tensor, ...]]:
        """Return (h_t,) and no gates."""
        return (state[0] + torch.tanh(z),), ()


class ResidualCell(Cell):
    """h_t = h_(t-1) + g(x_t, h_(t-1); theta), g = tanh(U h + W x + b). Chapter 6, eq. 6.50."""

    names = ("",)
    carries_h = True

    def advance(self, z: Tensor, state: State) -> tuple[State, tuple[Tensor, ...]]:
        """Return (h_t,) and no gates."""
        (h,) = state
        return (h + torch.tanh(z + self.from_hidden(h)),), ()


class LSTMCell(Cell):
    """The LSTM of the chapter, step by step: `LSTM` is the fused one. Chapter 6, eq. 6.51-6.59.

    Args:
        input_size: e, the size of x_t.
        hidden_size: d, the size of h_t.
        forget_bias: b_f at the start.
    """

    names = ("input", "forget", "candidate", "output")
    state_parts = 2

    def __init__(self, input_size: int, hidden_size: int, forget_bias: float = 1.0) -> None:
        super().__init__(input_size, hidden_size)
        nn.init.constant_(self.bias("forget"), forget_bias)

    def advance(self, z: Tensor, state: State) -> tuple[State, tuple[Tensor, ...]]:
        """Return (h_t, c_t) and the gates i, f, c~, o."""
        h, c = state
        z = z + self.from_hidden(h)
        i, f, g, o = z.chunk(4, dim=-1)
        i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        c = f * c + i * g
        return (o * torch.tanh(c), c), (i, f, g, o)


class NoForgetLSTMCell(Cell):
    """The LSTM of 1997, without a forget gate: c_t = c_(t-1) + i_t c~_t. Chapter 6, eq. 6.60."""

    names = ("input", "candidate", "output")
    state_parts = 2

    def advance(self, z: Tensor, state: State) -> tuple[State, tuple[Tensor, ...]]:
        """Return (h_t, c_t) and the gates i, c~, o."""
        h, c = state
        z = z + self.from_hidden(h)
        i, g, o = z.chunk(3, dim=-1)
        i, g, o = torch.sigmoid(i), torch.tanh(g), torch.sigmoid(o)
        c = c + i * g
        return (o * torch.tanh(c), c), (i, g, o)


class CoupledLSTMCell(Cell):
    """An LSTM that forgets as much as it takes in, f_t = 1 - i_t. Chapter 6, eq. 6.64-6.65.

    Greff et al. 2017.
    """

    names = ("input", "candidate", "output")
    state_parts = 2

    def advance(self, z: Tensor, state: State) -> tuple[State, tuple[Tensor, ...]]:
        """Return (h_t, c_t) and the gates i, c~, o."""
        h, c = state
        z = z + self.from_hidden(h)
        i, g, o = z.chunk(3, dim=-1)
        i, g, o = torch.sigmoid(i), torch.tanh(g), torch.sigmoid(o)
        c = torch.lerp(c, g, i)
        return (o * torch.tanh(c), c), (i, g, o)


class PeepholeLSTMCell(Cell):
    """An LSTM whose gates see the cell: + V_i c_(t-1), + V_f c_(t-1), + V_o c_t with diagonal V.

    Chapter 6, eq. 6.61-6.63; Gers et al. 2002.

    Args:
        input_size: e, the size of x_t.
        hidden_size: d, the size of h_t.
        forget_bias: b_f at the start.
    """

    names = ("input", "forget", "candidate", "output")
    state_parts = 2

    def __init__(self, input_size: int, hidden_size: int, forget_bias: float = 1.0) -> None:
        super().__init__(input_size, hidden_size)
        self.peephole_input = nn.Parameter(torch.zeros(hidden_size))
        self.peephole_forget = nn.Parameter(torch.zeros(hidden_size))
        self.peephole_output = nn.Parameter(torch.zeros(hidden_size))
        nn.init.constant_(self.bias("forget"), forget_bias)

    def advance(self, z: Tensor, state: State) -> tuple[State, tuple[Tensor, ...]]:
        """Return (h_t, c_t) and the gates i, f, c~, o."""
        h, c = state
        z = z + self.from_hidden(h)
        i, f, g, o = z.chunk(4, dim=-1)
        i = torch.sigmoid(i + self.peephole_input * c)
        f = torch.sigmoid(f + self.peephole_forget * c)
        g = torch.tanh(g)
        c = f * c + i * g
        o = torch.sigmoid(o + self.peephole_output * c)
        return (o * torch.tanh(c), c), (i, f, g, o)


class TextbookGRUCell(Cell):
    """The chapter's GRU: the reset gate stands before the product, h~ = tanh(W x + U (r h) + b).

    Chapter 6, eq. 6.66-6.69; Cho et al. 2014. `nn.GRU` applies it after; both agree where r = 1.
    """

    names = ("reset", "update", "candidate")
    carries_h = True

    def advance(self, z: Tensor, state: State) -> tuple[State, tuple[Tensor, ...]]:
        """Return (h_t,) and r, z, h~."""
        (h,) = state
        d = self.hidden_size
        U = self.from_hidden.weight
        r, update = torch.sigmoid(z[:, : 2 * d] + h @ U[: 2 * d].T).chunk(2, dim=-1)
        candidate = torch.tanh(torch.addmm(z[:, 2 * d :], r * h, U[2 * d :].T))
        return (torch.lerp(candidate, h, update),), (r, update, candidate)
