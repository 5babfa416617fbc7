"""Recurrent layers on PyTorch's fused kernels: SRN, LSTM, GRU. Chapter 6.

A recurrent layer maps x `(T, B, input_size)` and a state to y `(T, B, hidden_size)` and the next
state, tensors of shape `(B, layers, hidden_size)`. It knows nothing of episodes: `Recurrent`
calls it on stretches without resets.
"""

import torch
from torch import Tensor, nn

from rlkit.nets.core import State


class FusedLayer(nn.Module):
    """A recurrent layer around one of PyTorch's kernels.

    Weights start orthogonal a gate, biases at 0: the usual choice of recurrent agents (CleanRL,
    PufferLib) instead of PyTorch's U(-1/sqrt(d), 1/sqrt(d)).

    Args:
        kernel: `nn.RNN`, `nn.LSTM` or `nn.GRU`, time first, in one direction.
        state_parts: How many tensors its state has.
    """

    def __init__(self, kernel: nn.RNNBase, state_parts: int) -> None:
        super().__init__()
        self.kernel = kernel
        self.input_size = kernel.input_size
        self.output_size = kernel.hidden_size
        self.state_shapes: tuple[tuple[int, ...], ...] = (
            (kernel.num_layers, kernel.hidden_size),
        ) * state_parts
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new weights, each gate's block orthogonal, and set the biases to 0."""
        for name, parameter in self.kernel.named_parameters():
            if name.startswith("bias"):
                nn.init.zeros_(parameter)
            else:
                for block in parameter.split(self.output_size):
                    nn.init.orthogonal_(block)

    def forward(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """Read a stretch without resets."""
        carried = tuple(part.transpose(0, 1).contiguous() for part in state)
        y, after = self.kernel(x, carried if len(carried) > 1 else carried[0])
        parts = after if isinstance(after, tuple) else (after,)
        return y, tuple(part.transpose(0, 1) for part in parts)


class SRN(FusedLayer):
    """The simple recurrent network, h_t = f(U h_(t-1) + W x_t + b). Chapter 6, eq. 6.5-6.7.

    PyTorch's kernel has two biases, so d (d + e + 2) parameters where the chapter counts
    d (d + e + 1). A logistic f is `SRNCell(nonlinearity=torch.sigmoid)`.

    Args:
        input_size: e, the size of x_t.
        hidden_size: d, the size of h_t.
        layers: Stacked layers (eq. 6.70).
        nonlinearity: f, "tanh" or "relu".
    """

    def __init__(
        self, input_size: int, hidden_size: int = 128, layers: int = 1, nonlinearity: str = "tanh"
    ) -> None:
        super().__init__(
            nn.RNN(input_size, hidden_size, layers, nonlinearity=nonlinearity), state_parts=1
        )


class LSTM(FusedLayer):
    """Long short-term memory, c_t = f_t c_(t-1) + i_t c~_t, h_t = o_t tanh(c_t). Eq. 6.51-6.59.

    Hochreiter & Schmidhuber 1997; Gers et al. 2000. The state is (h, c), each
    `(B, layers, hidden_size)`. Gates stand in PyTorch's order i, f, g, o.

    Args:
        input_size: e, the size of x_t.
        hidden_size: d, the size of h_t and c_t.
        layers: Stacked layers (eq. 6.70).
        forget_bias: b_f at the start, 1 or 2 in the chapter (section 6.6.1), so that memories
            last before training; PyTorch's own layers have 0 on average.
    """

    def __init__(
        self, input_size: int, hidden_size: int = 128, layers: int = 1, forget_bias: float = 1.0
    ) -> None:
        self.forget_bias = forget_bias
        super().__init__(nn.LSTM(input_size, hidden_size, layers), state_parts=2)

    def reset_parameters(self) -> None:
        """Draw new weights and set every layer's forget bias."""
        super().reset_parameters()
        with torch.no_grad():
            for name, parameter in self.kernel.named_parameters():
                if name.startswith("bias_ih"):
                    parameter.chunk(4)[1].fill_(self.forget_bias)


def remember_up_to(layer: LSTM, longest: int) -> None:
    """Draw the gates' biases for memories of 1 to `longest` steps. Tallec & Ollivier 2018, eq. 16.

    b_f = log(u), b_i = -b_f with u uniform in [1, longest - 1], a span for each unit: more than
    the chapter's forget bias (section 6.6.1), because a unit that keeps must also take in little.

    Raises:
        ValueError: If `longest` is below 3.
    """
    if longest < 3:
        raise ValueError(f"the longest span is at least 3 steps; got {longest}")
    with torch.no_grad():
        for name, parameter in layer.kernel.named_parameters():
            if name.startswith("bias_ih"):
                i, f, _, _ = parameter.chunk(4)
                spans = torch.empty_like(f).uniform_(1.0, longest - 1.0).log()
                f.copy_(spans)
                i.copy_(-spans)


class GRU(FusedLayer):
    """The gated recurrent unit as PyTorch has it. Chapter 6, eq. 6.66-6.69; Cho et al. 2014.

    h_t = z_t h_(t-1) + (1 - z_t) h~_t with the chapter's z, but the reset gate stands after the
    matrix product, h~ = tanh(W x + b + r (U h + b')). The chapter's form is `TextbookGRUCell`;
    their weights are not exchangeable.

    Args:
        input_size: e, the size of x_t.
        hidden_size: d, the size of h_t.
        layers: Stacked layers (eq. 6.70).
    """

    def __init__(self, input_size: int, hidden_size: int = 128, layers: int = 1) -> None:
        super().__init__(nn.GRU(input_size, hidden_size, layers), state_parts=1)
