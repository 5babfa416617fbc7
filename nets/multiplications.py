"""Counting the multiply-accumulates of a forward pass where PyTorch does them."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode


class Multiplications(TorchDispatchMode):
    """Counts the multiply-accumulates of products and convolutions while it is entered.

    An operation counts for the module whose weight it reads; one that reads none, such as the
    product of queries and keys, for the innermost module that is being called. So a layer counts
    as often as it is passed, also where its weight is used and it is not called.

    Args:
        network: Its modules are told apart.

    Attributes:
        of: Multiply-accumulates by the name of the module.
        shapes: The shape of what the last of these operations gave, by the name of its module.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.of: dict[str, int] = {}
        self.shapes: dict[str, tuple[int, ...]] = {}
        self._called = [""]
        self._owned = [
            (range(p.data_ptr(), p.data_ptr() + p.nbytes), name)  # a part of a weight counts, too
            for name, part in network.named_modules()
            for p in part.parameters(recurse=False)
        ]

    def enter(self, name: str) -> None:
        """Take note that a module is called."""
        self._called.append(name)

    def leave(self) -> None:
        """Take note that the innermost call is over."""
        self._called.pop()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        del types
        result = func(*args, **(kwargs or {}))
        count = _COUNTS.get(func.overloadpacket)
        if count is not None:
            output = result[0] if isinstance(result, tuple) else result
            name = self._reader(args)
            self.of[name] = self.of.get(name, 0) + count(output, *args)
            self.shapes[name] = tuple(output.shape)
        return result

    def _reader(self, args: tuple[Any, ...]) -> str:
        """Return the module for which an operation on some tensors counts."""
        calling = self._called[-1]
        places = [one.data_ptr() for one in args if isinstance(one, Tensor)]
        owners = [name for place in places for memory, name in self._owned if place in memory]
        return calling if not owners or calling in owners else owners[-1]


def _product(_: Tensor, a: Tensor, b: Tensor, *__: Any) -> int:
    """Count (..., n, k) times (..., k, m), or times (k,)."""
    return a.numel() * (b.shape[-1] if b.dim() > 1 else 1)


def _sum_and_product(y: Tensor, _: Tensor, a: Tensor, b: Tensor, *__: Any) -> int:
    return _product(y, a, b)


def _convolution(y: Tensor, x: Tensor, weight: Tensor, *rest: Any) -> int:
    """Count the weights of each place; `rest` is bias, stride, padding, dilation, transposed."""
    transposed = len(rest) > 4 and rest[4]
    return (x if transposed else y).numel() * weight[0].numel()


def _recurrence(_: Tensor, x: Tensor, from_input: Tensor, from_hidden: Tensor, *__: Any) -> int:
    return x.shape[0] * x.shape[1] * (from_input.numel() + from_hidden.numel())


def _attention(_: Tensor, q: Tensor, k: Tensor, v: Tensor, *__: Any) -> int:
    """Count the products of queries `(..., L, E)` and keys, and of the weights and values."""
    return q[..., 0].numel() * k.shape[-2] * (q.shape[-1] + v.shape[-1])


_ATEN = torch.ops.aten
_COUNTS: dict[Any, Callable[..., int]] = {
    _ATEN.mm: _product,
    _ATEN.bmm: _product,
    _ATEN.mv: _product,
    _ATEN.dot: _product,
    _ATEN.addmm: _sum_and_product,
    _ATEN.baddbmm: _sum_and_product,
    _ATEN.addmv: _sum_and_product,
    _ATEN.convolution: _convolution,
    _ATEN.mkldnn_rnn_layer: _recurrence,
    _ATEN._scaled_dot_product_flash_attention_for_cpu: _attention,
}
