"""What a convolution costs, without building it. Chapter 5, sections 5.1.2 and 5.2.2."""

from dataclasses import dataclass
from math import prod

Pair = int | tuple[int, int]


@dataclass(frozen=True)
class ConvolutionShape:
    """The size and the cost of a two-dimensional convolution. Chapter 5, section 5.2.2."""

    output: tuple[int, int, int]
    """(maps P, rows M', columns N')."""
    parameters: int
    """P D U V weights and P biases."""
    connections: int
    """Links into output units, biases included: parameters times M' N'."""
    macs: int
    """Multiply-accumulates of one forward pass: weights times M' N'."""


def conv2d_shape(
    input: tuple[int, int, int],  # noqa: A002 - PyTorch's word
    out_channels: int,
    kernel_size: Pair,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
) -> ConvolutionShape:
    """Return the output size and cost of `nn.Conv2d`. Chapter 5: M' = (M - K + 2 P) // S + 1.

    Args:
        input: (maps D, rows M, columns N).
        out_channels: The number P of output maps.
        kernel_size: K, or (rows U, columns V).
        stride: S, or one a direction.
        padding: Zeros added on each side, or one number a direction.
        dilation: Distance of neighbouring weights; the kernel spans (K - 1) dilation + 1.

    Raises:
        ValueError: If a number is out of range, or the kernel does not fit the padded input.
    """
    maps_rows_columns: tuple[int, ...] = input
    if len(maps_rows_columns) != 3 or min(input) < 1 or out_channels < 1:
        raise ValueError(
            "conv2d_shape takes an input (maps, rows, columns) and output maps, all positive; "
            f"got {input} and {out_channels}"
        )
    kernel = _pair("kernel_size", kernel_size, least=1)
    sizes = tuple(
        _extent(*numbers)
        for numbers in zip(
            input[1:],
            kernel,
            _pair("stride", stride, least=1),
            _pair("padding", padding, least=0),
            _pair("dilation", dilation, least=1),
            strict=True,
        )
    )
    weights = out_channels * input[0] * prod(kernel)
    positions = prod(sizes)
    return ConvolutionShape(
        output=(out_channels, *sizes),  # type: ignore[arg-type]
        parameters=weights + out_channels,
        connections=(weights + out_channels) * positions,
        macs=weights * positions,
    )


def _extent(size: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    span = (kernel - 1) * dilation + 1
    if span > size + 2 * padding:
        raise ValueError(
            f"a kernel that spans {span} does not fit an input of {size} with padding {padding} "
            f"({size + 2 * padding}); take a larger input, more padding or a smaller kernel"
        )
    return (size - span + 2 * padding) // stride + 1


def _pair(name: str, value: Pair, least: int) -> tuple[int, int]:
    pair: tuple[int, ...] = (value, value) if isinstance(value, int) else value
    if len(pair) != 2 or min(pair) < least:
        raise ValueError(f"{name} is an integer >= {least} or two of them; got {value!r}")
    return pair[0], pair[1]
