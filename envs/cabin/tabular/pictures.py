"""A picture of a policy of the exact cabin: what it does and what that is worth."""

from pathlib import Path
from typing import Any

import numpy as np

from rlkit.envs.cabin.tabular.config import ROADS
from rlkit.envs.cabin.tabular.states import CabinState

KNOWLEDGE = (
    ("-", "-"),
    ("uq", "-"),
    ("sq", "-"),
    ("C", "-"),
    ("sq", "uq"),
    ("sq", "sq"),
    ("C", "C"),
    ("!C", "-"),
    ("!C", "C"),
)
"""Rows of the picture: what is known of *what* and *value*."""


def draw_behaviour(planner: Any, path: Path) -> Path:
    """Draw act and value for some knowledge on every road, window closed and open.

    Args:
        planner: A solved planner of a two-slot exact cabin.
        path: Where the picture goes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    cabin = planner.env.unwrapped.cabin
    solution = planner.solution or planner.solve()
    figure = Figure(figsize=(13, 5.6), layout="constrained")
    FigureCanvasAgg(figure)
    limits = {"vmin": -5.0, "vmax": 20.0}
    images = []
    for axes, window in zip(figure.subplots(1, 2), ("closed", "open"), strict=True):
        places = np.array(
            [
                [cabin.states.index(CabinState(slots, window, road, "low", 3)) for road in ROADS]
                for slots in KNOWLEDGE
            ]
        )
        images.append(axes.imshow(solution.values[places], cmap="viridis", aspect="auto", **limits))
        for row, line in enumerate(places):
            for column, place in enumerate(line):
                act = cabin.actions[solution.policy.table[place]]
                bright = solution.values[place] > 11
                axes.text(
                    column,
                    row,
                    act.replace(" ", "\n"),
                    ha="center",
                    va="center",
                    fontsize=8,
                    color="black" if bright else "white",
                )
        axes.set_title(f"window {window}")
        axes.set_xticks(range(len(ROADS)), ROADS)
        axes.set_yticks(range(len(KNOWLEDGE)), [" , ".join(slots) for slots in KNOWLEDGE])
        axes.set_xlabel("road: city or motorway; keep, following, manoeuvre")
    figure.axes[0].set_ylabel("known of what, value (! guarded, C confirmed)")
    figure.colorbar(images[0], ax=figure.axes, label="optimal value")
    figure.savefig(path, dpi=110)
    return path
