"""How the pictures of the gallery are drawn."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rlkit.arrays import Floats
from rlkit.envs.gridworld.moves import FOUR

TIE = 1e-9
"""Actions whose values differ by less are drawn as equally good."""


def panels(width: float, height: float, rows: int = 1, columns: int = 1) -> tuple[Any, Any]:
    """Return a figure of `width` x `height` inches and its axes, `(rows * columns,)`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, np.ravel(figure.subplots(rows, columns))


def lines(axes: Any, xlabel: str, ylabel: str, title: str = "") -> None:
    """Prepare axes for curves."""
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def heat(axes: Any, values: ArrayLike, title: str, form: str = ".1f", **style: Any) -> Any:
    """Draw a table `(rows, columns)` as coloured cells with numbers; NaN stays empty."""
    from matplotlib.patheffects import withStroke

    table = np.asarray(values, dtype=np.float64)
    image = axes.imshow(table, **{"cmap": "viridis", **style})
    axes.set(title=title, xticks=[], yticks=[])
    for (i, k), value in np.ndenumerate(table):
        if np.isfinite(value):
            axes.text(
                k,
                i,
                f"{value:z{form}}",
                ha="center",
                va="center",
                color="white",
                fontsize=8,
                path_effects=[withStroke(linewidth=1.5, foreground="black")],
            )
    return image


def best(q: Floats) -> Any:
    """Return which actions are as good as the best, `(S, A)` bool."""
    return q >= q.max(axis=1, keepdims=True) - TIE


def arrows(
    axes: Any,
    chosen: ArrayLike,
    shape: tuple[int, int],
    skip: Sequence[int] = (),
    moves: Sequence[tuple[int, int]] = tuple(FOUR.values()),
) -> None:
    """Draw an arrow for each chosen action of each cell.

    Args:
        axes: Where.
        chosen: `(S, A)` bool, cells row by row.
        shape: (rows, columns).
        skip: Cells without arrows.
        moves: The (down, right) of each action.
    """
    from matplotlib.patheffects import withStroke

    for s, row in enumerate(np.asarray(chosen)):
        i, k = divmod(s, shape[1])
        for (down, right), drawn in zip(moves, row, strict=True):
            if drawn and s not in skip:
                axes.annotate(
                    "",
                    xy=(k + 0.49 * right, i + 0.49 * down),
                    xytext=(k + 0.29 * right, i + 0.16 * down),  # beside the number
                    arrowprops={
                        "arrowstyle": "-|>,head_length=0.3,head_width=0.15",
                        "color": "white",
                        "linewidth": 1.2,
                        "shrinkA": 0,
                        "shrinkB": 0,
                        "path_effects": [withStroke(linewidth=2.2, foreground="black")],
                    },
                )
