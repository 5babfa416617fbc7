"""Pictures of what `rlkit.nets.inspection` finds. Each function returns a matplotlib figure."""

from typing import TYPE_CHECKING, Any

import numpy as np

from rlkit.nets.inspection import Bools, Floats

__all__ = ["draw_attention", "draw_dead_units", "draw_gates", "draw_gradient"]

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_attention(weights: Floats, row: int = 0) -> "Figure":
    """Draw one panel a head: queries downwards, keys to the right, weights from 0 to 1.

    Args:
        weights: One entry of `attention_maps`.
        row: Of the batch.
    """
    heads = weights[row] if weights.ndim == 4 else weights[row][None]
    figure, panels = _panels(1, len(heads))
    for head, axes in enumerate(panels[0]):
        axes.imshow(heads[head], vmin=0, vmax=1, aspect="auto", cmap="viridis")
        axes.set(title=f"head {head}", xlabel="key", ylabel="query")
    return figure


def draw_gates(traces: dict[str, Floats], row: int = 0, layer: int = 0) -> "Figure":
    """Draw one panel a gate: units downwards, steps to the right.

    Args:
        traces: What `gate_traces` returns.
        row: Of the batch.
        layer: Of the stack.
    """
    figure, panels = _panels(len(traces), 1)
    for (name, values), (axes,) in zip(traces.items(), panels, strict=True):
        low = -1 if name == "candidate" else 0
        axes.imshow(values[:, row, layer].T, vmin=low, vmax=1, aspect="auto", cmap="coolwarm")
        axes.set(title=name, xlabel="step", ylabel="unit")
    return figure


def draw_gradient(norms: Floats) -> "Figure":
    """Draw the norms over time, one line a row of the batch, on a logarithmic scale.

    Args:
        norms: What `gradient_through_time` returns.
    """
    figure, panels = _panels(1, 1)
    axes = panels[0][0]
    smallest = np.finfo(np.float64).tiny  # a gradient of 0 has no logarithm
    axes.semilogy(np.maximum(norms, smallest))
    axes.set(xlabel="step t", ylabel="|dy_T / dx_t|")
    return figure


def draw_dead_units(dead: dict[str, Bools]) -> "Figure":
    """Draw the share of dead units of each layer.

    Args:
        dead: What `dead_units` returns.
    """
    figure, panels = _panels(1, 1)
    axes = panels[0][0]
    shares = [float(units.mean()) for units in dead.values()]
    axes.barh(list(dead), shares)
    axes.set(xlim=(0, 1), xlabel="share of dead units")
    return figure


def _panels(rows: int, columns: int) -> "tuple[Figure, Any]":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4 * columns, 3 * rows), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False)
