"""Learning curves as pictures."""

from pathlib import Path
from typing import Any

import numpy as np

from rlkit.arrays import Floats
from rlkit.statistics import mean_curve

Curves = dict[str, tuple[Any, Any]]
"""Name to (steps `(n,)`, values `(n,)` or `(seeds, n)`)."""


def draw_curve(
    path: Path, curves: Curves, optimum: float | None, label: str = "return", title: str = ""
) -> Path:
    """Draw value against steps for each named curve.

    Args:
        path: Where the picture goes.
        curves: What to draw; several seeds show the 95 % interval of their mean.
        optimum: A line for the best possible value.
        label: What the values are.
        title: Stands above the picture.
    """
    figure = new_figure((8, 4.5))
    axes = figure.add_subplot()
    plot_curves(axes, curves, optimum)
    axes.set_ylabel(label)
    axes.set_title(title, loc="left", fontsize="medium")
    figure.legend(frameon=False, loc="outside lower center", ncols=3)
    figure.savefig(path, dpi=120)
    return path


def new_figure(size: tuple[float, float]) -> Any:
    """Return an empty figure of a size in inches, which leaves matplotlib's global state alone."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def plot_curves(axes: Any, curves: Curves, optimum: float | None = None) -> None:
    """Plot curves against steps into axes; several seeds with the interval of their mean."""
    from matplotlib.ticker import EngFormatter

    for name, (steps, values) in curves.items():
        table: Floats = np.atleast_2d(np.asarray(values, dtype=np.float64))
        table = np.where(np.isfinite(table).all(axis=0), table, np.nan)  # leaves a gap
        band = mean_curve(table)
        (line,) = axes.plot(steps, band.mean, linewidth=2, label=name)
        if len(table) > 1:
            axes.fill_between(
                steps, band.low, band.high, color=line.get_color(), alpha=0.2, linewidth=0
            )
    if optimum is not None:
        axes.axhline(optimum, color="black", linestyle="--", linewidth=1, label="optimum")
    axes.set_xlabel("steps")
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
