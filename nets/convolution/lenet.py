"""LeNet-5 as LeCun et al. (1998) and chapter 5, section 5.4.1, state it: 60,000 parameters."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rlkit.nets.convolution.layers import TableConv2d, TrainablePooling

LENET_TABLE: tuple[tuple[int, ...], ...] = (
    *((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (0, 4, 5), (0, 1, 5)),
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (0, 3, 4, 5), (0, 1, 4, 5), (0, 1, 2, 5)),
    *((0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
    (0, 1, 2, 3, 4, 5),
)
"""Which maps of S2 each map of C3 reads. Chapter 5, figure 5.11."""


class LeNet5(nn.Module):
    """LeNet-5: C1, S2, C3, S4, C5, F6 and an output layer. Chapter 5, section 5.4.1.

    The activations are tanh scaled to 1.7159 tanh(2 x / 3) (LeCun et al. 1998, appendix A).

    Args:
        output: Reads the 84 units of F6: the fixed codes of the original if left out;
            `nn.Linear(84, n)` for other classes, `nn.Identity()` for features.
        in_channels: The number of maps of the 32 x 32 images; 1 in the original.
    """

    def __init__(self, output: nn.Module | None = None, in_channels: int = 1) -> None:
        super().__init__()
        self.activation = ScaledTanh()
        self.C1 = nn.Conv2d(in_channels, 6, 5)
        self.S2 = TrainablePooling(6, activation=self.activation)
        self.C3 = TableConv2d(LENET_TABLE, 6, 5)
        self.S4 = TrainablePooling(16, activation=self.activation)
        self.C5 = nn.Conv2d(16, 120, 5)
        self.F6 = nn.Linear(120, 84)
        self.output = output or FixedCodes()

    def forward(self, x: Tensor) -> Tensor:
        """Map images `(N, in_channels, 32, 32)` to `(N, 10)`, or what `output` gives.

        Raises:
            ValueError: If the images have another shape.
        """
        channels = self.C1.in_channels
        if x.dim() != 4 or x.shape[1:] != (channels, 32, 32):
            raise ValueError(
                f"LeNet-5 reads images (N, {channels}, 32, 32); got {tuple(x.shape)}. "
                "Pad or resize them"
            )
        f = self.activation
        x = self.S2(f(self.C1(x)))  # (N, 6, 14, 14)
        x = self.S4(f(self.C3(x)))  # (N, 16, 5, 5)
        x = f(self.C5(x)).flatten(1)  # (N, 120)
        y: Tensor = self.output(f(self.F6(x)))
        return y


class ScaledTanh(nn.Module):
    """1.7159 tanh(2 x / 3), which keeps targets of +-1 out of saturation. LeCun et al. 1998."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the activation, of the shape of x."""
        return 1.7159 * torch.tanh(x * (2 / 3))


class FixedCodes(nn.Module):
    """LeNet-5's output: minus the squared distance of F6 to a fixed code of +-1 a class.

    Euclidean radial basis units without parameters (LeCun et al. 1998, section II-B). The codes
    are pictures of the digits, 7 x 12 pixels, here in the shapes of a seven-segment display.
    """

    codes: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("codes", torch.stack([_picture(digit) for digit in range(10)]))

    def forward(self, x: Tensor) -> Tensor:
        """Map `(N, 84)` to logits `(N, 10)`."""
        return -(x.unsqueeze(1) - self.codes).square().sum(dim=2)

    def connections(self, outputs: Sequence[int]) -> int:
        """Return the links into the output units: 84 each."""
        return outputs[0] * self.codes.shape[1]

    def macs(self, outputs: Sequence[int]) -> int:
        """Return the multiply-accumulates of one forward pass."""
        return self.connections(outputs)


# Segments a ... g of a display: top, upper and lower right, bottom, lower and upper left, middle.
_LIT = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgcde", "abc", "abcdefg", "abcdfg")
_SEGMENTS = {
    "a": (slice(0, 2), slice(0, 7)),
    "b": (slice(0, 6), slice(5, 7)),
    "c": (slice(6, 12), slice(5, 7)),
    "d": (slice(10, 12), slice(0, 7)),
    "e": (slice(6, 12), slice(0, 2)),
    "f": (slice(0, 6), slice(0, 2)),
    "g": (slice(5, 7), slice(0, 7)),
}


def _picture(digit: int) -> Tensor:
    picture = torch.full((12, 7), -1.0)
    for segment in _LIT[digit]:
        picture[_SEGMENTS[segment]] = 1.0
    return picture.flatten()
