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
IN_WORDS = {"-": "unknown", "uq": "unsure", "sq": "sure", "C": "confirmed"}
"""How well a slot is known that was heard, if at all, in quiet."""
KINDS = {"c": "city", "m": "motorway"}
PHASES = {"k": "keep", "f": "follow", "m": "manoeuvre"}


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
    for axes, window in zip(figure.subplots(1, 2, sharey=True), ("closed", "open"), strict=True):
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
        axes.set_xticks(
            range(len(ROADS)), [f"{KINDS[road[0]]}\n{PHASES[road[1]]}" for road in ROADS]
        )
        axes.set_yticks(range(len(KNOWLEDGE)), map(_in_words, KNOWLEDGE))
        axes.set_xlabel("road, and what the car is doing")
    figure.axes[0].set_ylabel("how well it is known what to do, and with which value")
    figure.colorbar(images[0], ax=figure.axes, label="optimal value")
    figure.savefig(path, dpi=110)
    return path


def _in_words(slots: tuple[str, str]) -> str:
    """Return what is known of *what* and *value* as a label."""
    what, value = slots
    guarded = "!" in what
    label = f"{IN_WORDS[what.removeprefix('!')]}, {IN_WORDS[value]}"
    return f"{label}\n(a guarded one)" if guarded else label
