"""Feed-forward networks and the activation functions that PyTorch lacks. Chapter 4."""

import itertools
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

__all__ = ["MLP", "HardLogistic", "Maxout", "Swish"]


class MLP(nn.Module):
    """A multi-layer perceptron, a^l = f(W^l a^(l-1) + b^l). Chapter 4, eq. 4.29-4.30.

    Args:
        input_size: The number of inputs.
        hidden: The width of each hidden layer.
        output_size: The width of a last, linear layer; None ends with the last hidden layer.
        activation: Makes the activation of each hidden layer.

    Raises:
        ValueError: If there is no layer, or a width is not positive.
    """

    def __init__(
        self,
        input_size: int,
        hidden: Sequence[int] = (64, 64),
        output_size: int | None = None,
        activation: Callable[[], nn.Module] = nn.Tanh,
    ) -> None:
        super().__init__()
        widths = [input_size, *hidden]
        if min([*widths, output_size or 1]) < 1 or (not hidden and output_size is None):
            raise ValueError(
                f"an MLP needs a layer, of positive widths; got {input_size} inputs, hidden "
                f"{tuple(hidden)}, output {output_size}"
            )
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(widths):
            layers += [nn.Linear(before, after), activation()]
        if output_size is not None:
            layers.append(nn.Linear(widths[-1], output_size))
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(..., input_size)` to `(..., the last width)`."""
        y: Tensor = self.layers(x)
        return y


class HardLogistic(nn.Module):
    """max(min(0.25 x + 0.5, 1), 0). Chapter 4, eq. 4.11; `nn.Hardsigmoid` has slope 1/6."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the activation, of the shape of x."""
        return (0.25 * x + 0.5).clamp(0.0, 1.0)


class Swish(nn.Module):
    """x sigma(beta x) with a learned beta. Chapter 4, eq. 4.26; Ramachandran et al. 2017.

    Beta 0 gives x / 2, beta 1 `nn.SiLU`, and a large beta the ReLU.

    Args:
        beta: The initial value.
    """

    def __init__(self, beta: float = 1.0) -> None:
        super().__init__()
        self.beta = nn.Parameter(torch.tensor(beta))

    def forward(self, x: Tensor) -> Tensor:
        """Return the activation, of the shape of x."""
        return x * torch.sigmoid(self.beta * x)


class Maxout(nn.Module):
    """max_k (w_k x + b_k) for each unit. Chapter 4, eq. 4.27-4.28; Goodfellow et al. 2013.

    Args:
        input_size: The number of inputs.
        output_size: The number of units.
        pieces: The number K of linear pieces a unit takes the largest of.
    """

    def __init__(self, input_size: int, output_size: int, pieces: int = 2) -> None:
        super().__init__()
        self.pieces = pieces
        self.linear = nn.Linear(input_size, pieces * output_size)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(..., input_size)` to `(..., output_size)`."""
        z: Tensor = self.linear(x)
        return z.reshape(*z.shape[:-1], self.pieces, -1).amax(dim=-2)
