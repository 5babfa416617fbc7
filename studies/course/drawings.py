"""The pictures of the page on optimisation. Each function returns a figure."""

from typing import Any

import numpy as np
import torch

from studies.course import fits, minima, signals, surfaces
from studies.course.style import BLUE, COLOURS, GREEN, GREY, ORANGE, RED, panels


def trajectories() -> Any:
    """Draw each optimizer's path on each surface."""
    figure, drawn = panels(len(surfaces.SURFACES), 4.6, 4.9)
    for axes, surface in zip(drawn, surfaces.SURFACES, strict=True):
        _contours(axes, surface)
        for colour, (name, label) in zip(COLOURS, surfaces.OPTIMIZERS.items(), strict=False):
            rate, path = surfaces.best_path(surface, name)
            axes.plot(
                *path.T, color=colour, lw=1.5, marker=".", ms=2.5, label=f"{label}, rate {rate:g}"
            )
        axes.plot(*surface.start, "o", color="black", ms=6)
        axes.plot(*surface.minimum, "*", color="black", ms=13, mec="white")
        axes.set_title(surface.name, fontsize=10)
        axes.legend(
            fontsize=7.5, loc="upper center", bbox_to_anchor=(0.5, -0.07), ncols=2, frameon=False
        )
    return figure


def saddle() -> Any:
    """Draw the saddle with and without noise, and how rare minima are."""
    figure, (plane, leaving, rare) = panels(3)
    x, y = torch.meshgrid(
        torch.linspace(-0.6, 1.2, 120), torch.linspace(-1.4, 1.4, 120), indexing="xy"
    )
    plane.contourf(x, y, surfaces.saddle_height(x, y), 24, cmap="Greys", alpha=0.6)
    noisy = surfaces.noisy_escapes()
    groups = (
        (BLUE, f"with noise .05 ({len(noisy)} runs)", noisy),
        (RED, "without noise", [surfaces.leave_saddle(0.0)]),
    )
    for colour, label, paths in groups:
        for run, path in enumerate(paths):
            plane.plot(*path.T, color=colour, lw=1.6, label=None if run else label)
            leaving.plot(path[:, 1].abs(), color=colour, lw=1.4)
    plane.plot(0, 0, "x", color="black", ms=8, mew=2)
    plane.set(xlabel="x", ylabel="y", title="descent into a saddle at (0, 0)")
    plane.legend(fontsize=8, loc="upper right")
    leaving.set(xlabel="step", ylabel="|y|", title="noise grows along the falling direction")
    dimensions = range(1, 9)
    shares = [surfaces.share_of_minima(d, 20_000) for d in dimensions]
    rare.bar(dimensions, shares, color=GREEN)
    rare.set(
        yscale="log",
        ylim=(1e-5, 1),
        xlabel="dimension",
        title="random stationary points that are minima",
    )
    for d, share in zip(dimensions, shares, strict=True):
        rare.annotate(
            f"{share:.2g}" if share else "0",
            (d, max(1.15 * share, 1.2e-5)),
            ha="center",
            fontsize=8,
        )
    return figure


def flat_and_sharp() -> Any:
    """Draw the landscape, what shifts cost, and which rates each minimum holds."""
    figure, (ground, shifted, holding) = panels(3)
    x = torch.linspace(-5, 3.2, 800, dtype=torch.float64)
    ground.plot(x, minima.landscape(x), color="black", lw=1.6)
    for at, colour, name in ((minima.FLAT, BLUE, "flat"), (minima.SHARP, RED, "sharp")):
        near = minima.landscape(x) < 1
        near &= (x - at).abs() < 1.9
        ground.plot(x[near], minima.landscape(x)[near], color=colour, lw=4)
        ground.annotate(
            f"{name}\ncurvature {minima.CURVATURES[at]:g}", (at, -0.42), ha="center", fontsize=9
        )
        spreads = np.linspace(0.01, 0.5, 30)
        losses = [minima.mean_loss(at, float(spread)) for spread in spreads]
        shifted.plot(spreads, losses, color=colour, lw=2, label=name)
    ground.set(
        xlabel="parameter", ylabel="loss", ylim=(-0.55, 3), title="two minima of equal depth"
    )
    shifted.set(
        xlabel="standard deviation of the shift", ylabel="mean loss", title="what a shift costs"
    )
    shifted.legend()
    rates = np.geomspace(0.005, 0.5, 41)
    leaves = [minima.share_that_leaves(float(rate), runs=50) for rate in rates]
    holding.semilogx(rates, leaves, ".-", color=GREEN)
    holding.axvline(2 / minima.CURVATURES[minima.SHARP], color=GREY, ls="--", lw=1)
    holding.annotate("2 / curvature", (0.048, 0.5), fontsize=9, color=GREY)
    holding.set(
        xlabel="learning rate",
        ylabel="share that ends in the flat one",
        title="descents begun in the sharp one",
    )
    return figure


def signal_flow() -> Any:
    """Draw activations and gradients layer by layer, for each way to start."""
    figure, (forward, backward) = panels(2, 5.4, 4.2)
    layers = range(1, signals.DEPTH + 1)
    for colour, start in zip(COLOURS, signals.STARTS, strict=False):
        spread, gradient = signals.flow(start)
        forward.semilogy(layers, spread, ".-", color=colour, label=start)
        backward.semilogy(layers, gradient, ".-", color=colour)
    forward.set(xlabel="layer", title="spread of the activations over examples", ylim=(1e-21, 10))
    backward.set(xlabel="layer", title="gradient, relative to the last layer", ylim=(1e-19, 10))
    for axes in (forward, backward):
        axes.set_xticks([1, 5, 10, 15, 20])
        axes.grid(alpha=0.25)
    forward.legend(fontsize=8, loc="lower left")
    return figure


def sparsity() -> Any:
    """Draw the weights under growing penalties, and the zeros among them."""
    figure, drawn = panels(3)
    paths = fits.paths()
    for axes, (name, weights) in zip(drawn, paths.items(), strict=False):
        for j in range(len(fits.TRUE) - 1, -1, -1):
            matters = fits.TRUE[j] != 0
            axes.semilogx(
                fits.STRENGTHS,
                weights[:, j],
                ".-",
                color=BLUE if matters else ORANGE,
                alpha=1 if matters else 0.5,
                lw=2 if matters else 1,
                label=("true weight not 0" if matters else "true weight 0")
                if j in {0, 19}
                else None,
            )
        axes.set(xlabel="strength", ylabel="weight", title=name, ylim=(-2.4, 4.3))
        axes.legend(fontsize=8)
    for colour, (name, weights) in zip((GREEN, RED), paths.items(), strict=True):
        zeros = (weights == 0).sum(dim=1)
        drawn[2].semilogx(fits.STRENGTHS, zeros, "o-", color=colour, label=name)
    drawn[2].axhline(fits.TRUE.count(0.0), color=GREY, ls="--", lw=1)
    drawn[2].annotate("zeros in truth", (0.0105, 17.3), fontsize=8, color=GREY)
    drawn[2].set(
        xlabel="strength",
        ylabel="weights that are exactly 0",
        ylim=(-0.8, 21),
        yticks=range(0, 21, 5),
        title="sparsity",
    )
    drawn[2].legend(loc="center right")
    return figure


def classification_losses() -> Any:
    """Draw the gradients of both losses, and learning from a wrong, saturated start."""
    figure, (gradient, learning) = panels(2, 5.2, 3.9)
    z = torch.linspace(-10, 10, 401, dtype=torch.float64)
    for colour, (name, size) in zip((RED, BLUE), fits.gradients(z).items(), strict=True):
        gradient.semilogy(z, size, color=colour, lw=2, label=name)
    gradient.set(
        xlabel="score z, for a label of 1",
        ylabel="|dL / dz|",
        ylim=(1e-9, 3),
        title="size of the gradient",
    )
    gradient.legend()
    gradient.grid(alpha=0.25)
    for colour, loss in ((RED, "squared"), (BLUE, "cross-entropy")):
        for style, start in (("-", -5.0), ("--", -1.0)):
            shares = fits.learn_from_wrong(loss, start)
            learning.plot(
                shares, style, color=colour, lw=1.8, label=f"{loss}, weights from {start:g}"
            )
    learning.set(
        xlabel="batch step",
        ylabel="share right",
        title="learning from a wrong start",
        ylim=(0, 1.03),
    )
    learning.legend(fontsize=8, loc="center right")
    return figure


def _contours(axes: Any, surface: surfaces.Surface) -> None:
    left, right, bottom, top = surface.window
    x, y = torch.meshgrid(
        torch.linspace(left, right, 240), torch.linspace(bottom, top, 240), indexing="xy"
    )
    heights = (surface.height(x, y) + 1e-3).log()
    axes.contourf(x, y, heights, 28, cmap="Greys_r", alpha=0.55)
    axes.contour(x, y, heights, 14, colors="white", linewidths=0.5, alpha=0.8)
    axes.set(xlim=(left, right), ylim=(bottom, top))


DRAWINGS = {
    "optimizers": trajectories,
    "saddle": saddle,
    "minima": flat_and_sharp,
    "initialisation": signal_flow,
    "sparsity": sparsity,
    "losses": classification_losses,
}
"""Of the page on optimisation, by the name of the file."""
