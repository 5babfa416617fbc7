"""A network layer by layer: outputs, parameters, connections, multiply-accumulates. Chapter 5."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from rlkit.nets.core import zeros
from rlkit.nets.multiplications import Multiplications

__all__ = ["LayerSummary", "Summary", "summary"]


@dataclass(frozen=True)
class LayerSummary:
    """One layer of a network, for one input. Chapter 5, section 5.4.1."""

    name: str
    kind: str
    output: tuple[int, ...]
    """The shape of its output, without the batch; empty where it is never called."""
    parameters: int
    connections: int | None
    """Links into its output units, biases included; None where they are not defined."""
    macs: int | None
    """Multiply-accumulates of products and convolutions in one forward pass, all passes through the
    layer together, for one of the batch; None where there are none."""

    @property
    def neurons(self) -> int:
        """The number of output units."""
        return prod(self.output)


@dataclass(frozen=True)
class Summary:
    """What has parameters, connections or products; `str` draws the table. Section 5.4.1."""

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

    Every parameter that is trained counts once, with the module that holds it, whether that is
    called or only its weight is used; multiply-accumulates add up over all passes through a layer.

    Args:
        module: Reads one tensor `(N, ...)`.
        input: A batch, or the shape of one observation, for which zeros are taken.
    """
    x = input if isinstance(input, Tensor) else zeros(module, 1, *input)
    counted, outputs = _passed(module, x)
    own, seen = {}, set[int]()
    for name, part in _parts(module).items():
        held = [p for p in part.parameters(recurse=_speaks(part)) if p.requires_grad]
        own[name] = sum(p.numel() for p in held if id(p) not in seen)
        seen.update(map(id, held))
    layers = (
        _layer(name, part, own[name], outputs.get(name), counted.of.get(name, 0) // len(x))
        for name, part in _parts(module).items()
    )
    # In the order in which the passes end; what is never called goes last.
    order = {name: place for place, name in enumerate(outputs)}
    known = [layer for layer in layers if layer.parameters or layer.macs is not None]
    return Summary(tuple(sorted(known, key=lambda layer: order.get(layer.name, len(order)))))


def _parts(module: nn.Module) -> dict[str, nn.Module]:
    """Return the modules by name, without what is inside those that say their own costs."""
    whole = dict(module.named_modules())
    speaking = [f"{name}." for name, part in whole.items() if name and _speaks(part)]
    return {name: part for name, part in whole.items() if not name.startswith(tuple(speaking))}


def _speaks(part: nn.Module) -> bool:
    """Return whether a module says its own connections and multiply-accumulates."""
    return hasattr(part, "connections") and hasattr(part, "macs")


def _passed(module: nn.Module, x: Tensor) -> tuple[Multiplications, dict[str, tuple[int, ...]]]:
    """Run a network; return its multiply-accumulates, and the shape of each module's output."""
    counted, outputs = Multiplications(module), dict[str, tuple[int, ...]]()

    def before(name: str, *_: Any) -> None:
        counted.enter(name)

    def after(name: str, part: nn.Module, _: Any, y: Any) -> None:
        counted.leave()
        output = y[0] if isinstance(y, tuple) else y
        outputs[name] = tuple(output.shape)
        if _speaks(part):
            macs = part.macs(tuple(output.shape[1:]))  # type: ignore[operator]
            said[name] = said.get(name, 0) + macs * len(x)

    said: dict[str, int] = {}
    hooks = []
    for name, part in _parts(module).items():
        hooks.append(part.register_forward_pre_hook(partial(before, name)))
        hooks.append(part.register_forward_hook(partial(after, name)))
    training, fast = module.training, torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)  # which is one operation, and says nothing
    try:
        with torch.no_grad(), counted:
            module.eval()(x)
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
        module.train(training)
        for hook in hooks:
            hook.remove()
    counted.of.update(said)
    return counted, {**outputs, **{k: v for k, v in counted.shapes.items() if k not in outputs}}


def _layer(
    name: str, part: nn.Module, parameters: int, shape: tuple[int, ...] | None, macs: int
) -> LayerSummary:
    outputs = () if shape is None else shape[1:]
    connections = None if shape is None else _connections(part, outputs)
    known = macs if macs or connections is not None else None
    return LayerSummary(name, type(part).__name__, outputs, parameters, connections, known)


def _connections(part: nn.Module, outputs: tuple[int, ...]) -> int | None:
    """Return connections of a layer that says them itself, or is in the table below."""
    if _speaks(part):
        return int(part.connections(outputs))  # type: ignore[operator]
    for kind, count in _CONNECTIONS.items():
        if isinstance(part, kind):
            return count(part, outputs)
    return None


def _convolution(part: Any, outputs: tuple[int, ...]) -> int:
    return int(part.weight.numel()) * prod(outputs[1:]) + _biases(part, outputs)


def _linear(part: Any, outputs: tuple[int, ...]) -> int:
    return int(part.in_features) * prod(outputs) + _biases(part, outputs)


def _biases(part: Any, outputs: tuple[int, ...]) -> int:
    return prod(outputs) if part.bias is not None else 0


def _pooling(part: Any, outputs: tuple[int, ...]) -> int:
    size = part.kernel_size
    return prod(outputs) * (prod(size) if isinstance(size, tuple) else size**2)


_CONNECTIONS: dict[type[nn.Module], Callable[[Any, tuple[int, ...]], int]] = {
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
