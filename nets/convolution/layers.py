"""Convolutional layers that PyTorch lacks: trainable pooling, connection tables, unshared weights.

Chapter 5. Layers with an unusual number of connections say so in `connections`, for `summary`.
"""

from collections.abc import Sequence
from math import prod, sqrt

import torch
from torch import Tensor, nn
from torch.nn import functional


class TrainablePooling(nn.Module):
    """Y^d = f(w^d mean(Y^d) + b^d), LeNet-5's sub-sampling. Chapter 5, eq. 5.24.

    Args:
        channels: The number of maps; 2 parameters each.
        size: The side of the square region whose mean is taken, and the stride.
        activation: f.
    """

    def __init__(self, channels: int, size: int = 2, activation: nn.Module | None = None) -> None:
        super().__init__()
        self.size = size
        self.weight = nn.Parameter(torch.ones(channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))
        self.activation = activation or nn.Tanh()

    def forward(self, x: Tensor) -> Tensor:
        """Map `(N, channels, M, N)` to `(N, channels, M // size, N // size)`."""
        y: Tensor = self.activation(self.weight * functional.avg_pool2d(x, self.size) + self.bias)
        return y

    def connections(self, outputs: Sequence[int]) -> int:
        """Return the links into `outputs` units: a region and a bias each."""
        return prod(outputs) * (self.size**2 + 1)

    def macs(self, outputs: Sequence[int]) -> int:
        """Return the multiply-accumulates: a region each."""
        return prod(outputs) * self.size**2


class TableConv2d(nn.Module):
    """A convolution whose output map p reads only the input maps of its row in a table.

    Y^p = f(sum over d with T_pd = 1 of W^pd (*) X^d + b^p). Chapter 5, section 5.4.1 (LeNet-5).
    Only the weights of existing links are stored: K U V + P parameters for K links.

    Args:
        table: For each output map the input maps it reads.
        in_channels: The number D of input maps.
        kernel_size: The side of the square kernel.

    Raises:
        ValueError: If a row is empty, or names a map that is not there or twice.
    """

    source: Tensor
    target: Tensor

    def __init__(self, table: Sequence[Sequence[int]], in_channels: int, kernel_size: int) -> None:
        super().__init__()
        for row in table:
            if not row or len(set(row)) < len(row) or not set(row) <= set(range(in_channels)):
                raise ValueError(
                    f"a row of the table names each input map 0 ... {in_channels - 1} at most "
                    f"once, and one at least; got {tuple(row)}"
                )
        links = [(p, d) for p, row in enumerate(table) for d in row]
        self.dense_shape = (len(table), in_channels, kernel_size, kernel_size)
        self.register_buffer("target", torch.tensor([p for p, _ in links]))
        self.register_buffer("source", torch.tensor([d for _, d in links]))
        self.weight = nn.Parameter(torch.empty(len(links), kernel_size, kernel_size))
        self.bias = nn.Parameter(torch.zeros(len(table)))
        fan_in = len(links) / len(table) * kernel_size**2
        nn.init.uniform_(self.weight, -1 / sqrt(fan_in), 1 / sqrt(fan_in))

    def forward(self, x: Tensor) -> Tensor:
        """Map `(N, D, M, N)` to `(N, P, M - K + 1, N - K + 1)`."""
        return functional.conv2d(x, self.dense_weight(), self.bias)

    def dense_weight(self) -> Tensor:
        """Return the weights `(P, D, K, K)`, 0 where there is no link."""
        dense = self.weight.new_zeros(self.dense_shape)
        return dense.index_put((self.target, self.source), self.weight)

    def connections(self, outputs: Sequence[int]) -> int:
        """Return the links into `outputs` units (maps, rows, columns), biases included."""
        return (self.weight.numel() + self.bias.numel()) * prod(outputs[1:])

    def macs(self, outputs: Sequence[int]) -> int:
        """Return the multiply-accumulates of one forward pass."""
        return self.weight.numel() * prod(outputs[1:])


class LocallyConnected2d(nn.Module):
    """A convolution that shares no weight between positions. Chapter 5, section 5.2.1.

    Args:
        input_shape: (maps D, rows M, columns N); fixed, because every position has its kernel.
        out_channels: The number P of output maps.
        kernel_size: The side of the square kernel.
    """

    def __init__(
        self, input_shape: tuple[int, int, int], out_channels: int, kernel_size: int
    ) -> None:
        super().__init__()
        D, M, N = input_shape
        self.kernel_size = kernel_size
        self.size = (M - kernel_size + 1, N - kernel_size + 1)
        if min(self.size) < 1:
            raise ValueError(f"a kernel of {kernel_size} does not fit an input of {(M, N)}")
        fan_in = D * kernel_size**2
        self.weight = nn.Parameter(torch.empty(prod(self.size), out_channels, fan_in))
        self.bias = nn.Parameter(torch.zeros(prod(self.size), out_channels))
        nn.init.uniform_(self.weight, -1 / sqrt(fan_in), 1 / sqrt(fan_in))

    def forward(self, x: Tensor) -> Tensor:
        """Map `(N, D, M, N)` to `(N, P, M - K + 1, N - K + 1)`."""
        patches = functional.unfold(x, self.kernel_size)  # (N, D K K, positions)
        y = torch.einsum("nfs,spf->nsp", patches, self.weight) + self.bias
        return y.transpose(1, 2).reshape(len(x), -1, *self.size)

    def connections(self, outputs: Sequence[int]) -> int:
        """Return the links into the output units, biases included: all the parameters."""
        del outputs
        return self.weight.numel() + self.bias.numel()

    def macs(self, outputs: Sequence[int]) -> int:
        """Return the multiply-accumulates of one forward pass."""
        del outputs
        return self.weight.numel()


def convolve2d(x: Tensor, kernel: Tensor) -> Tensor:
    """Return the true convolution, which flips the kernel. Chapter 5, eq. 5.6.

    `nn.Conv2d` is the cross-correlation of eq. 5.7.

    Args:
        x: `(N, D, M, N)`.
        kernel: `(P, D, U, V)`.
    """
    return functional.conv2d(x, kernel.flip(-1, -2))
