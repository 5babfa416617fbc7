"""What the plots of the calibration share."""

from collections.abc import Sequence
from typing import Any

from rlkit.statistics import Estimate


def panels(labels: Sequence[str]) -> tuple[Any, Any]:
    """Return a figure and its axes side by side, one for each label of a vertical axis."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4), layout="constrained")
    FigureCanvasAgg(figure)
    drawn = figure.subplots(1, len(labels))
    for axes, label in zip(drawn, labels, strict=True):
        axes.set_ylabel(label)
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    return figure, drawn


def spread(estimates: list[Estimate]) -> tuple[list[float], list[list[float]]]:
    """Return means, and the distances to the ends of their intervals `(2, n)`."""
    below = [estimate.mean - estimate.low for estimate in estimates]
    above = [estimate.high - estimate.mean for estimate in estimates]
    return [estimate.mean for estimate in estimates], [below, above]


def with_error(axes: Any, x: Any, estimates: list[Estimate], **style: Any) -> None:
    """Draw estimates with their intervals."""
    means, ends = spread(estimates)
    axes.errorbar(x, means, ends, capsize=3, **style)
