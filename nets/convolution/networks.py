"""Convolutional networks for images: residual, Inception, and two common in deep RL. Chapter 5.

Images are `(N, D, M, N)`, networks give features `(N, output)`.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from rlkit.nets.core import count_features


class ResidualUnit(nn.Module):
    """ReLU(x + f(x)) with f = conv, ReLU, conv of equal width. Chapter 5, section 5.4.4.

    He et al. 2016. The last convolution starts at 0, so that f = 0 and the unit at first passes
    ReLU(x). Where the shapes differ, x goes through a 1 x 1 convolution.

    Args:
        in_channels: Maps of x.
        out_channels: Maps of the output.
        stride: Of the first convolution (and of the projection).
    """

    def __init__(self, in_channels: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride, padding=1),
            nn.ReLU(),
            zeroed(nn.Conv2d(out_channels, out_channels, 3, padding=1)),
        )
        self.shortcut = _shortcut(in_channels, out_channels, stride)
        self.activation = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Map `(N, in_channels, M, N)` to `(N, out_channels, ceil(M / stride), ...)`."""
        y: Tensor = self.activation(self.shortcut(x) + self.residual(x))
        return y


class Bottleneck(nn.Module):
    """A residual unit that narrows by 1 x 1 convolutions: 1 x 1, 3 x 3, 1 x 1. Section 5.4.4.

    He et al. 2016. The last convolution starts at 0.

    Args:
        in_channels: Maps of x.
        width: Maps between the two 1 x 1 convolutions.
        out_channels: Maps of the output.
        stride: Of the 3 x 3 convolution (and of the projection).
    """

    def __init__(self, in_channels: int, width: int, out_channels: int, stride: int = 1) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.Conv2d(in_channels, width, 1),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, stride, padding=1),
            nn.ReLU(),
            zeroed(nn.Conv2d(width, out_channels, 1)),
        )
        self.shortcut = _shortcut(in_channels, out_channels, stride)
        self.activation = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Map `(N, in_channels, M, N)` to `(N, out_channels, ceil(M / stride), ...)`."""
        y: Tensor = self.activation(self.shortcut(x) + self.residual(x))
        return y


class Inception(nn.Module):
    """The Inception v1 module: four paths of equal width, side by side. Section 5.4.3.

    1 x 1; 1 x 1 then 3 x 3; 1 x 1 then 5 x 5; 3 x 3 max pooling then 1 x 1. Szegedy et al. 2015.

    Args:
        in_channels: Maps of x.
        ones: Maps of the 1 x 1 path.
        threes: Maps before and after the 3 x 3 convolution.
        fives: Maps before and after the 5 x 5 convolution.
        pooled: Maps of the pooling path.
    """

    def __init__(
        self,
        in_channels: int,
        ones: int,
        threes: tuple[int, int],
        fives: tuple[int, int],
        pooled: int,
    ) -> None:
        super().__init__()
        self.paths = nn.ModuleList(
            [
                _convolution(in_channels, ones, 1),
                nn.Sequential(_convolution(in_channels, threes[0], 1), _convolution(*threes, 3)),
                nn.Sequential(_convolution(in_channels, fives[0], 1), _convolution(*fives, 5)),
                nn.Sequential(
                    nn.MaxPool2d(3, stride=1, padding=1), _convolution(in_channels, pooled, 1)
                ),
            ]
        )
        self.out_channels = ones + threes[1] + fives[1] + pooled

    def forward(self, x: Tensor) -> Tensor:
        """Map `(N, in_channels, M, N)` to `(N, out_channels, M, N)`."""
        return torch.cat([path(x) for path in self.paths], dim=1)


class ImageNetwork(nn.Module):
    """Convolutions that give `(N, size)`, then a layer of `features` rectified units.

    Args:
        body: Maps images `(N, *input_shape)` to `(N, size)`.
        input_shape: (maps, rows, columns).
        features: The width of the last layer.
    """

    def __init__(self, body: nn.Module, input_shape: tuple[int, ...], features: int) -> None:
        super().__init__()
        self.body = body
        self.head = nn.Sequential(nn.Linear(count_features(body, input_shape), features), nn.ReLU())

    def forward(self, x: Tensor) -> Tensor:
        """Map images `(N, *input_shape)` to `(N, features)`."""
        y: Tensor = self.head(self.body(x))
        return y


class NatureCNN(ImageNetwork):
    """The network of DQN: 32 maps 8/4, 64 maps 4/2, 64 maps 3/1, 512 units. Mnih et al. 2015.

    Chapter 5, section 5.2.4. Needs images of at least 36 x 36.

    Args:
        input_shape: (maps, rows, columns).
        features: The width of the last layer.

    Raises:
        ValueError: If the images are too small.
    """

    def __init__(self, input_shape: tuple[int, ...], features: int = 512) -> None:
        check_image("NatureCNN", input_shape, least=36)
        body = [
            *(nn.Conv2d(input_shape[0], 32, 8, 4), nn.ReLU()),
            *(nn.Conv2d(32, 64, 4, 2), nn.ReLU()),
            *(nn.Conv2d(64, 64, 3, 1), nn.ReLU()),
            nn.Flatten(),
        ]
        super().__init__(nn.Sequential(*body), input_shape, features)


class ImpalaCNN(ImageNetwork):
    """Three stages of convolution, 3/2 max pooling and two residual blocks. Espeholt et al. 2018.

    Chapter 5, section 5.4.4. Any image size will do.

    Args:
        input_shape: (maps, rows, columns).
        widths: Maps of each stage.
        features: The width of the last layer.
    """

    def __init__(
        self,
        input_shape: tuple[int, ...],
        widths: Sequence[int] = (16, 32, 32),
        features: int = 256,
    ) -> None:
        check_image("ImpalaCNN", input_shape, least=1)
        body: list[nn.Module] = []
        for before, after in zip((input_shape[0], *widths), widths, strict=False):
            body += [
                nn.Conv2d(before, after, 3, padding=1),
                nn.MaxPool2d(3, stride=2, padding=1),
                PreActivationUnit(after),
                PreActivationUnit(after),
            ]
        body += [nn.ReLU(), nn.Flatten()]
        super().__init__(nn.Sequential(*body), input_shape, features)


class PreActivationUnit(nn.Module):
    """x + f(x) with f = ReLU, conv, ReLU, conv: IMPALA's residual block. He et al. 2016b."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.residual = nn.Sequential(
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3, padding=1),
            nn.ReLU(),
            zeroed(nn.Conv2d(channels, channels, 3, padding=1)),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return a tensor of the shape of x."""
        y: Tensor = x + self.residual(x)
        return y


class ResidualCNN(ImageNetwork):
    """Stages of bottlenecks that halve the image, then the mean of each map. Section 5.4.4.

    Args:
        input_shape: (maps, rows, columns).
        widths: Maps inside the bottlenecks of each stage; the stage gives four times as many.
        blocks: Bottlenecks a stage.
        features: The width of the last layer.
    """

    def __init__(
        self,
        input_shape: tuple[int, ...],
        widths: Sequence[int] = (16, 32),
        blocks: int = 2,
        features: int = 256,
    ) -> None:
        check_image("ResidualCNN", input_shape, least=1)
        channels = widths[0]
        body: list[nn.Module] = [_convolution(input_shape[0], channels, 3)]
        for width in widths:
            for block in range(blocks):
                body.append(Bottleneck(channels, width, 4 * width, stride=1 if block else 2))
                channels = 4 * width
        body += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
        super().__init__(nn.Sequential(*body), input_shape, features)


class InceptionCNN(ImageNetwork):
    """A convolution and two Inception modules, then the mean of each map. Section 5.4.3.

    Args:
        input_shape: (maps, rows, columns).
        width: Maps of the first convolution; the modules give 2 and 4 times as many.
        features: The width of the last layer.
    """

    def __init__(self, input_shape: tuple[int, ...], width: int = 32, features: int = 256) -> None:
        check_image("InceptionCNN", input_shape, least=1)
        half, quarter = width // 2, width // 4
        first = Inception(width, half, (half, width), (quarter, half - quarter), half)
        second = Inception(
            first.out_channels, width, (width, 2 * width), (half, width // 2), width // 2
        )
        body = [
            _convolution(input_shape[0], width, 3),
            nn.MaxPool2d(3, stride=2, padding=1),
            first,
            nn.MaxPool2d(3, stride=2, padding=1),
            second,
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        ]
        super().__init__(nn.Sequential(*body), input_shape, features)


def zeroed(layer: nn.Conv2d) -> nn.Conv2d:
    """Return the layer with weights and biases of 0."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


def check_image(network: str, shape: tuple[int, ...], least: int) -> None:
    """Raise a ValueError unless `shape` is (maps, rows, columns) of at least `least` pixels."""
    if len(shape) != 3 or min(shape[1:]) < least or shape[0] < 1:
        raise ValueError(
            f"{network} reads images (maps, rows, columns) of at least {least} x {least}; got "
            f"the shape {tuple(shape)}. ImpalaCNN reads images of any size, MLP flat vectors"
        )


def _convolution(before: int, after: int, size: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(before, after, size, padding=size // 2), nn.ReLU())


def _shortcut(before: int, after: int, stride: int) -> nn.Module:
    same = before == after and stride == 1
    return nn.Identity() if same else nn.Conv2d(before, after, 1, stride)
