"""The pictures of the page of questions. Each function returns a figure."""

from typing import Any

import numpy as np
import torch

from studies.course import attention, signals, surfaces
from studies.course.style import BLUE, COLOURS, GREEN, GREY, ORANGE, RED, panels


def self_attention() -> Any:
    """Draw the structure of self-attention with the numbers of the worked example."""
    figure, drawn = panels(4, 2.7, 3.2, ratios=(2, 3, 3, 2))
    steps = attention.worked_example()
    titles = {
        "X": "tokens X,\nX = Q = K = V here",
        "scores": "scores QK',\nrow: query, column: key",
        "weights": "weights, softmax\nof each row",
        "H": "outputs,\nweights times V",
    }
    for axes, (name, title) in zip(drawn, titles.items(), strict=True):
        matrix = steps[name]
        axes.imshow(matrix, cmap="Blues", vmin=0, vmax=2.6, aspect="equal")
        for (i, j), value in np.ndenumerate(matrix.numpy()):
            text = f"{value:.3f}" if value != round(value) else f"{value:.0f}"
            axes.annotate(text, (j, i), ha="center", va="center", fontsize=11)
        axes.set(xticks=[], yticks=range(3), title=title)
        axes.set_yticklabels([f"token {i + 1}" for i in range(3)], fontsize=8)
        axes.title.set_fontsize(10)
        for side in axes.spines.values():
            side.set_visible(False)
    return figure


def attention_structure() -> Any:
    """Draw the data flow of self-attention as boxes and arrows."""
    figure, (axes,) = panels(1, 9.5, 3.2)
    axes.set(xlim=(0, 12.3), ylim=(0, 4.4))
    axes.axis("off")
    boxes = {
        "X": (0.9, 2.2, "tokens\nX", GREY),
        "Q": (3.1, 3.7, "queries\nQ = X W_Q", BLUE),
        "K": (3.1, 2.2, "keys\nK = X W_K", BLUE),
        "V": (3.1, 0.7, "values\nV = X W_V", BLUE),
        "S": (5.9, 2.95, "scores\nQ K' / √d", ORANGE),
        "A": (8.4, 2.95, "weights\nsoftmax by row", ORANGE),
        "H": (10.9, 1.8, "outputs\nH = A V", GREEN),
    }
    drawn = {
        name: axes.text(
            x, y, text, ha="center", va="center", fontsize=10, color="white",
            bbox={"boxstyle": "round,pad=0.5", "fc": colour, "ec": "none"},
        )
        for name, (x, y, text, colour) in boxes.items()
    }  # fmt: skip
    figure.canvas.draw()  # boxes know their size from here on
    for start, end in ("XQ", "XK", "XV", "QS", "KS", "SA", "AH", "VH"):
        ends = {"patchA": drawn[start].get_bbox_patch(), "patchB": drawn[end].get_bbox_patch()}
        style = {"arrowstyle": "-|>", "color": "#374151", "shrinkA": 2, "shrinkB": 3, "lw": 1.4}
        axes.annotate("", boxes[end][:2], boxes[start][:2], arrowprops=style | ends)
    return figure


def momentum() -> Any:
    """Draw where each method takes its gradient, and both in a narrow valley."""
    figure, (step, valley, losses) = panels(3, 4.6, 4.1)
    _draw_step(step)
    surface, rate = surfaces.BOWL, 0.03
    left, right, bottom, top = surface.window
    x, y = torch.meshgrid(
        torch.linspace(left, right, 200), torch.linspace(bottom, top, 200), indexing="xy"
    )
    valley.contour(x, y, surface.height(x, y).sqrt(), 16, colors=GREY, linewidths=0.5)
    labels = {
        "sgd": "gradient descent",
        "textbook-momentum": "momentum",
        "textbook-nesterov": "Nesterov",
    }
    for colour, (name, label) in zip((GREEN, BLUE, RED), labels.items(), strict=True):
        path = surfaces.descend(surface, name, rate, 100)
        valley.plot(*path[:60].T, ".-", color=colour, lw=1.3, ms=3, label=label)
        heights = torch.stack([surface.at(point) for point in path])
        losses.semilogy(heights.clamp(min=1e-16), color=colour, lw=1.6, label=label)
    valley.set(xlim=(left, right), ylim=(bottom, top), title=f"x²/2 + 10 y², rate {rate}, 60 steps")
    valley.legend(fontsize=8, loc="lower right")
    losses.set(xlabel="step", ylabel="loss", title="loss")
    losses.grid(alpha=0.25)
    return figure


def memories() -> Any:
    """Draw the gradient through time of recurrent networks before training."""
    figure, (axes,) = panels(1, 7.4, 4.2)
    for colour, (name, norms) in zip(COLOURS, signals.memories().items(), strict=False):
        axes.semilogy(np.arange(1, len(norms) + 1), norms, color=colour, lw=2, label=name)
    axes.set(xlabel="step t", ylabel="|dy_T / dx_t|, T = 100")
    axes.grid(alpha=0.25)
    axes.legend(fontsize=9, loc="lower right")
    return figure


def _draw_step(axes: Any) -> None:
    """Draw one step of momentum and one of Nesterov from the same point."""
    theta, move = np.array([0.0, 0.0]), np.array([2.0, 0.9])
    ahead = theta + 0.9 * move
    here, there = np.array([0.3, -1.1]), np.array([-0.35, -1.25])  # - alpha g at either point

    def arrow(start: Any, step: Any, colour: str, style: str = "-") -> None:
        axes.annotate(
            "", start + step, start,
            arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2, "ls": style}
            | {"shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip

    arrow(theta, 0.9 * move, GREY)
    arrow(theta, here, BLUE, ":")
    arrow(ahead, here, BLUE)
    arrow(ahead, there, RED)
    for point, name, offset in (
        (theta, "θ", (-0.15, 0.12)),
        (ahead, "θ + ρΔ", (0.05, 0.12)),
        (ahead + here, "momentum", (-0.1, -0.28)),
        (ahead + there, "Nesterov", (-0.5, -0.28)),
    ):
        axes.plot(*point, "o", color="black", ms=5)
        axes.annotate(name, point + np.array(offset), fontsize=10)
    axes.annotate("ρΔ", (0.7, 0.55), color=GREY, fontsize=10)
    axes.annotate("-αg(θ)", (0.25, -1.15), color=BLUE, fontsize=10)
    axes.annotate("-αg(θ)", (2.05, 0.15), color=BLUE, fontsize=10)
    axes.annotate("-αg(θ + ρΔ)", (0.5, 0.0), color=RED, fontsize=10)
    axes.set(xlim=(-0.6, 3.1), ylim=(-1.6, 1.3), title="where the gradient is taken")
    axes.axis("off")


DRAWINGS = {
    "exam-attention-structure": attention_structure,
    "exam-attention": self_attention,
    "exam-momentum": momentum,
    "exam-memories": memories,
}
"""Of the page of questions, by the name of the file."""
