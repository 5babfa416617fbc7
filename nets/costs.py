"""A network layer by layer: outputs, parameters, connections, multiply-accumulates. Chapter 5."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from rlkit.nets.core import zeros


@dataclass(frozen=True)
class LayerSummary:
    """One layer of a network, for one input. Chapter 5, section 5.4.1."""

    name: str
    kind: str
    output: tuple[int, ...]
    """The shape of its output, without the batch."""
    parameters: int
    connections: int | None
    """Links into its output units, biases included; None where they are not defined."""
    macs: int | None
    """Multiply-accumulates of one forward pass."""

    @property
    def neurons(self) -> int:
        """The number of output units."""
        return prod(self.output)


@dataclass(frozen=True)
class Summary:
    """The layers that have parameters or connections; `str` draws the table. Section 5.4.1."""

    layers: tuple[LayerSummary, ...]

    @property
    def parameters(self) -> int:
        """The sum over the layers."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def connections(self) -> int:
        """The sum over the layers where they are defined."""
        return sum(layer.connections or 0 for layer in self.layers)

    @property
    def macs(self) -> int:
        """The sum over the layers where they are defined."""
        return sum(layer.macs or 0 for layer in self.layers)

    def __str__(self) -> str:
        head = ("layer", "kind", "output", "neurons", "parameters", "connections", "MACs")
        rows = [head, *(_row(layer) for layer in self.layers)]
        totals = (self.parameters, self.connections, self.macs)
        rows.append(("sum", "", "", "", *(f"{total:,}" for total in totals)))
        widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
        lines = [
            "  ".join(
                cell.ljust(width) if column < 3 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        return "\n".join(lines)


def summary(module: nn.Module, input: Tensor | tuple[int, ...]) -> Summary:  # noqa: A002
    """Run a network once, without gradients, and return what each of its layers costs.

    Args:
        module: Reads one tensor `(N, ...)`.
        input: A batch, or the shape of one observation, for which zeros are taken.
    """
    x = input if isinstance(input, Tensor) else zeros(module, 1, *input)
    layers: dict[str, LayerSummary] = {}
    hooks = [
        part.register_forward_hook(partial(_record, layers, name))
        for name, part in module.named_modules()
        if not any(True for _ in part.children()) or hasattr(part, "connections")
    ]
    training = module.training
    try:
        with torch.no_grad():
            module.eval()(x)
    finally:
        module.train(training)
        for hook in hooks:
            hook.remove()
    return Summary(tuple(layers.values()))


def _record(
    layers: dict[str, LayerSummary], name: str, part: nn.Module, _: tuple[Any, ...], y: Any
) -> None:
    output = y[0] if isinstance(y, tuple) else y
    parameters = sum(p.numel() for p in part.parameters() if p.requires_grad)
    costs = _costs(part, output)
    if not parameters and costs is None:
        return
    connections, macs = costs or (None, None)
    layers[name] = LayerSummary(
        name, type(part).__name__, tuple(output.shape[1:]), parameters, connections, macs
    )


def _costs(part: nn.Module, y: Tensor) -> tuple[int, int] | None:
    """Return connections and MACs of a layer that says them itself, or is in the table below."""
    outputs = tuple(y.shape[1:])
    if hasattr(part, "connections") and hasattr(part, "macs"):
        return part.connections(outputs), part.macs(outputs)  # type: ignore[operator]
    for kind, cost in _COSTS.items():
        if isinstance(part, kind):
            return cost(part, outputs)
    return None


def _convolution(part: Any, outputs: tuple[int, ...]) -> tuple[int, int]:
    positions = prod(outputs[1:])
    macs = part.weight.numel() * positions
    return macs + (prod(outputs) if part.bias is not None else 0), macs


def _linear(part: Any, outputs: tuple[int, ...]) -> tuple[int, int]:
    macs = part.in_features * prod(outputs)
    return macs + (prod(outputs) if part.bias is not None else 0), macs


def _pooling(part: Any, outputs: tuple[int, ...]) -> tuple[int, int]:
    size = part.kernel_size
    region = prod(size) if isinstance(size, tuple) else size**2
    return region * prod(outputs), 0


_COSTS: dict[type[nn.Module], Callable[[Any, tuple[int, ...]], tuple[int, int]]] = {
    nn.Conv1d: _convolution,
    nn.Conv2d: _convolution,
    nn.Linear: _linear,
    nn.MaxPool2d: _pooling,
    nn.AvgPool2d: _pooling,
}


def _row(layer: LayerSummary) -> tuple[str, ...]:
    numbers = (layer.neurons, layer.parameters, layer.connections, layer.macs)
    cells = ("-" if number is None else f"{number:,}" for number in numbers)
    return (layer.name, layer.kind, "x".join(map(str, layer.output)), *cells)
