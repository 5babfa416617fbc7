"""The page on optimisation: pictures, and the figures behind them."""

import torch

from studies.course import fits, minima, signals, surfaces
from studies.course.style import fill, table


def render() -> str:
    """Return the page."""
    sizes = fits.gradients(torch.tensor([-10.0], dtype=torch.float64))
    leaves = [surfaces.steps_to_leave(path) for path in surfaces.noisy_escapes()]
    limit = 2 / minima.CURVATURES[minima.SHARP]
    return fill(
        "optimisation.md",
        grid=", ".join(f"{rate:g}" for rate in surfaces.GRID),
        steps=surfaces.STEPS,
        heights=_heights(),
        still=surfaces.leave_saddle(0.0)[-1].norm(),
        leaves=f"{min(filter(None, leaves))} to {max(filter(None, leaves))}",
        runs=len(leaves),
        minima_2=surfaces.share_of_minima(2, 20_000),
        minima_5=surfaces.share_of_minima(5, 20_000),
        flat=minima.mean_loss(minima.FLAT, 0.2),
        sharp=minima.mean_loss(minima.SHARP, 0.2),
        limit=limit,
        below=0.95 * limit,
        above=1.05 * limit,
        stay=minima.share_that_leaves(0.95 * limit),
        leave=minima.share_that_leaves(1.05 * limit),
        depth=signals.DEPTH,
        width=signals.WIDTH,
        flow=_flow(),
        zeros=_zeros(),
        squared=float(sizes["squared loss"]),
        entropy=float(sizes["cross-entropy"]),
        squared_right=fits.learn_from_wrong("squared", -5.0)[-1],
        entropy_right=fits.learn_from_wrong("cross-entropy", -5.0)[-1],
    )


def _heights() -> str:
    rows = []
    for name, label in surfaces.OPTIMIZERS.items():
        row = [label]
        for surface in surfaces.SURFACES:
            rate, path = surfaces.best_path(surface, name)
            row.append(f"{float(surface.at(path[-1])):.0e} (rate {rate:g})")
        rows.append(row)
    return table(["optimizer", *(surface.name for surface in surfaces.SURFACES)], rows)


def _flow() -> str:
    rows = []
    for start in signals.STARTS:
        spread, gradient = signals.flow(start)
        rows.append([start, f"{spread[-1]:.1e}", f"{gradient[0]:.1e}"])
    return table(["start", "spread of the last activations", "gradient of layer 1 / last"], rows)


def _zeros() -> str:
    rows = [
        [name, *(str(int(n)) for n in (weights == 0).sum(dim=1))]
        for name, weights in fits.paths().items()
    ]
    return table(["penalty", *(f"strength {s:g}" for s in fits.STRENGTHS)], rows)
