"""Learning curves as pictures."""

from pathlib import Path
from typing import Any

import numpy as np

from rlkit.arrays import Floats


def draw_curve(
    path: Path, curves: dict[str, tuple[Any, Any]], optimum: float | None, label: str = "return"
) -> Path:
    """Draw value against steps for each named curve.

    Args:
        path: Where the picture goes.
        curves: Name to (steps `(n,)`, values `(n,)` or `(seeds, n)`); several seeds show their
            spread.
        optimum: A line for the best possible value.
        label: What the values are.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import EngFormatter

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for name, (steps, values) in curves.items():
        table: Floats = np.atleast_2d(np.asarray(values, dtype=np.float64))
        (line,) = axes.plot(steps, table.mean(axis=0), linewidth=2, label=name)
        if len(table) > 1:
            low, high = table.min(axis=0), table.max(axis=0)
            axes.fill_between(steps, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
    if optimum is not None:
        axes.axhline(optimum, color="black", linestyle="--", linewidth=1, label="optimum")
    axes.set(xlabel="steps", ylabel=label)
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right")
    figure.savefig(path, dpi=120)
    return path
