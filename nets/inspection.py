"""Looking inside networks: attention, gates, gradients through time, dead units. As arrays.

`rlkit.nets.drawing` draws what these functions return.
"""

from collections.abc import Callable
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from rlkit.nets.attention import MemoryAttention, MultiHeadAttention, SoftAttention
from rlkit.nets.core import Core, State
from rlkit.nets.recurrent import GRU, LSTM, Cell, Cells, Recurrent
from rlkit.nets.recurrent.core import forget

__all__ = ["attention_maps", "dead_units", "gate_traces", "gradient_through_time"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def attention_maps(network: nn.Module, *inputs: Any) -> dict[str, Floats]:
    """Return the attention distributions of one forward pass. Chapter 8, eq. 8.1.

    Args:
        network: Holds `MultiHeadAttention`, `MemoryAttention` or `SoftAttention`.
        inputs: Of its forward pass; for a core x, state and reset.

    Returns:
        For each attention by its name, `(B, heads, queries, keys)` or, for `SoftAttention`,
        `(B, queries, keys)`; the calls of a decoder stand one after the other as queries. For the
        Transformer core the keys are the memory's, oldest first, then those of the sequence.

    Raises:
        ValueError: If the network attends to nothing.
    """
    seen: dict[str, list[Tensor]] = {}

    def watch(name: str) -> Callable[..., None]:
        def hook(part: Any, args: tuple[Any, ...], kw: dict[str, Any], output: Any) -> None:
            soft = isinstance(part, SoftAttention)
            weights = output[1] if soft else part.weights(*args, **kw)
            seen.setdefault(name, []).append(weights.detach())

        return hook

    kinds = (MultiHeadAttention, MemoryAttention, SoftAttention)
    hooks = [
        part.register_forward_hook(watch(name), with_kwargs=True)
        for name, part in network.named_modules()
        if isinstance(part, kinds)
    ]
    _run(network, hooks, inputs)
    if not seen:
        raise ValueError(f"{type(network).__name__} attended to nothing in this pass")
    return {name: _array(torch.cat(calls, dim=-2)) for name, calls in seen.items()}


def gate_traces(core: Recurrent, x: Tensor, state: State, reset: Tensor) -> dict[str, Floats]:
    """Return the value of every gate at every step. Chapter 6, eq. 6.51-6.56 and 6.66-6.69.

    Args:
        core: With an `LSTM`, `GRU` or `Cells` that have gates.
        x: `(T, B, e)`.
        state: Before the first step.
        reset: `(T, B)`, non-zero where x opens an episode.

    Returns:
        "input", "forget", "output", "candidate", or "reset", "update", "candidate", as the layer
        has them: each `(T, B, layers, d)`.

    Raises:
        ValueError: If the layer has no gates.
    """
    core.check(x, state, reset)
    names, read = _gate_reader(core.layer)
    rows = []
    with torch.no_grad():
        for x_t, reset_t in zip(x, reset.bool(), strict=True):
            state = forget(state, reset_t)
            _, after = core.layer(x_t.unsqueeze(0), state)
            below = [x_t, *after[0].unbind(dim=1)[:-1]]  # what each layer reads
            gates = [
                torch.stack(read(layer, z, tuple(part[:, layer] for part in state)))
                for layer, z in enumerate(below)
            ]
            rows.append(torch.stack(gates, dim=2))  # (gates, B, layers, d)
            state = after
    values = _array(torch.stack(rows, dim=1))  # (gates, T, B, layers, d)
    return dict(zip(names, values, strict=True))


Reader = Callable[[int, Tensor, State], tuple[Tensor, ...]]


def _gate_reader(layer: Any) -> tuple[tuple[str, ...], Reader]:
    """Return the names of a layer's gates, and a function of (layer index, input, state)."""
    if isinstance(layer, LSTM):

        def read_lstm(index: int, x: Tensor, state: State) -> tuple[Tensor, ...]:
            from_x, from_h = _kernel_sums(layer.kernel, index, x, state[0])
            i, f, g, o = (from_x + from_h).chunk(4, dim=1)
            return torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)

        return ("input", "forget", "candidate", "output"), read_lstm
    if isinstance(layer, GRU):

        def read_gru(index: int, x: Tensor, state: State) -> tuple[Tensor, ...]:
            from_x, from_h = _kernel_sums(layer.kernel, index, x, state[0])
            (r, z, n), (r_h, z_h, n_h) = from_x.chunk(3, dim=1), from_h.chunk(3, dim=1)
            opening = torch.sigmoid(r + r_h)
            return opening, torch.sigmoid(z + z_h), torch.tanh(n + opening * n_h)

        return ("reset", "update", "candidate"), read_gru
    if isinstance(layer, Cells) and len(cast(Cell, layer.cells[0]).names) > 1:

        def read_cell(index: int, x: Tensor, state: State) -> tuple[Tensor, ...]:
            cell = cast(Cell, layer.cells[index])
            return cell.advance(cell.project(x.unsqueeze(0))[0], state)[1]

        return cast(Cell, layer.cells[0]).names, read_cell
    raise ValueError(f"{type(layer).__name__} has no gates; an LSTM or a GRU has")


def _kernel_sums(kernel: nn.Module, index: int, x: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
    def parameter(name: str) -> Tensor:
        return kernel.get_parameter(f"{name}_l{index}")

    return (
        functional.linear(x, parameter("weight_ih"), parameter("bias_ih")),
        functional.linear(h, parameter("weight_hh"), parameter("bias_hh")),
    )


def gradient_through_time(core: Core, x: Tensor, state: State, reset: Tensor) -> Floats:
    """Return how much each input matters to the last output: |dy_T / dx_t|, `(T, B)`.

    The Frobenius norm of the Jacobian; in an SRN it falls as gamma^(T - t). Eq. 6.47-6.48.

    Args:
        core: Any.
        x: `(T, B, *input_shape)`.
        state: Before the first step.
        reset: `(T, B)`, non-zero where x opens an episode.
    """
    x = x.detach().clone().requires_grad_()
    y, _ = core.unroll(x, state, reset)
    squares = torch.zeros(x.shape[:2], dtype=torch.float64)
    for unit in y[-1].unbind(dim=1):  # rows do not mix, so one pass serves the whole batch
        (gradient,) = torch.autograd.grad(unit.sum(), x, retain_graph=True)
        squares += gradient.detach().double().square().flatten(2).sum(dim=2).cpu()
    return _array(squares.sqrt())


def dead_units(
    network: nn.Module,
    *inputs: Any,
    threshold: float = 0.0,
    kinds: tuple[type[nn.Module], ...] = (nn.ReLU, nn.LeakyReLU, nn.ELU, nn.GELU, nn.SiLU),
) -> dict[str, Bools]:
    """Return which units stay silent on a batch. Chapter 4, section 4.1.2.

    A unit's score is its mean absolute activation over that of its layer; it is dead where the
    score is at most `threshold` (Sokar et al. 2023 call it dormant, with 0.025 or 0.1).

    Args:
        network: Its activation functions are modules.
        inputs: Of its forward pass; for a core x, state and reset.
        threshold: 0 counts the units that never fire.
        kinds: The activation functions to look at.

    Returns:
        For each activation by its name, `(units,)`; a map of a convolution is one unit.

    Raises:
        ValueError: If there is no such activation.
    """
    means: dict[str, Tensor] = {}

    def watch(name: str) -> Callable[..., None]:
        def hook(_: nn.Module, args: tuple[Any, ...], output: Tensor) -> None:
            del args
            channel = 1 if output.dim() == 4 else output.dim() - 1
            mean = output.detach().abs().movedim(channel, 0).flatten(1).mean(dim=1)
            means[name] = means.get(name, torch.zeros_like(mean)) + mean

        return hook

    hooks = [
        part.register_forward_hook(watch(name))
        for name, part in network.named_modules()
        if isinstance(part, kinds)
    ]
    _run(network, hooks, inputs)
    if not means:
        names = ", ".join(kind.__name__ for kind in kinds)
        raise ValueError(f"{type(network).__name__} has no activations of the kinds {names}")
    floor = torch.finfo(torch.float32).tiny
    return {
        name: (mean <= threshold * mean.mean().clamp(min=floor)).cpu().numpy()
        for name, mean in means.items()
    }


def _run(network: nn.Module, hooks: list[Any], inputs: tuple[Any, ...]) -> None:
    """Run one forward pass in evaluation mode, then take the hooks away."""
    training = network.training
    try:
        with torch.no_grad():
            network.eval()(*inputs)
    finally:
        network.train(training)
        for hook in hooks:
            hook.remove()


def _array(x: Tensor) -> Floats:
    return cast(Floats, x.detach().double().cpu().numpy())
