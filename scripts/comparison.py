"""What can be said of runs beside each other: learning curves, final scores, pairs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from rlkit.arrays import Array, Floats
from rlkit.scripts.common import UserError, runs_in
from rlkit.scripts.runs import CONFIG, Row, Run, config_of
from rlkit.statistics import (
    Estimate,
    improvement,
    interquartile_mean,
    mean_interval,
    paired_difference,
    stratified_interval,
)

LESS_IS_BETTER = ("regret", "limited_regret")
DIGITS = 9
"""Decimals that count: computed values carry rounding noise, which must not break ties."""


@dataclass(frozen=True)
class Contestant:
    """The runs of one training, a seed each.

    Attributes:
        folder: That holds them.
        config: The settings of the first, which the others share but for the seed.
        seeds: `(runs,)`.
        steps: Where the curves are known, `(n,)`.
        curves: What was measured, `(runs, n)`.
        optimum: The best possible `value`, if it was computed.
    """

    folder: Path
    config: dict[str, Any]
    seeds: tuple[int, ...]
    steps: Floats
    curves: Floats
    optimum: float | None

    @property
    def final(self) -> Floats:
        """What each run reached at the last step that all of them came to, `(runs,)`."""
        return self.curves[:, -1]

    @cached_property
    def average(self) -> Floats:
        """The mean height of each run's curve: high if it learned early, `(runs,)`."""
        if len(self.steps) == 1:
            return self.final
        area = np.trapezoid(self.curves, self.steps, axis=1)
        return np.asarray(area / (self.steps[-1] - self.steps[0]))

    def as_json(self) -> dict[str, Any]:
        """Return the final mean, its interquartile mean, and that over the whole training."""
        return {
            "agent": self.config["agent"],
            "folder": str(self.folder),
            "seeds": list(self.seeds),
            "step": int(self.steps[-1]),
            "final": _json(mean_interval(self.final), self.seeds),
            "iqm": _json(stratified_interval(self.final[:, None], interquartile_mean), self.seeds),
            "training": _json(mean_interval(self.average), self.seeds),
        }


def contestant(folder: Path, measure: str) -> Contestant:
    """Read the run in a folder, or the runs in its folders `seed-K`.

    Raises:
        UserError: If there is none, if they are of different trainings, or if `measure` is no
            column of their metrics.
    """
    alone = (folder / CONFIG).exists()
    folders = [folder] if alone else [path for path in runs_in(folder) if (path / CONFIG).exists()]
    if not folders:
        raise UserError(f"{folder} is no run folder, and holds none called seed-K")
    configs = [config_of(path) for path in folders]
    order = np.argsort([int(config.get("seed", 0)) for config in configs])
    configs = [configs[i] for i in order]
    _check_alike(folder, configs)
    rows = [Run(folders[i], configs[0]).metrics() for i in order]
    steps, curves = _common(
        [_curve(folders[i], row, measure) for i, row in zip(order, rows, strict=True)]
    )
    if not np.isfinite(curves).all():
        raise UserError(
            f"the {measure} of {folder} is infinite at times: without a discount a policy that "
            "never ends is worth minus infinity. Compare another measure, such as limited_value"
        )
    seeds = tuple(int(config.get("seed", 0)) for config in configs)
    best = rows[0][-1]["value"] + rows[0][-1]["regret"] if "regret" in rows[0][-1] else None
    return Contestant(folder, configs[0], seeds, steps, curves, best)


def _curve(folder: Path, rows: list[Row], measure: str) -> tuple[list[float], list[float]]:
    """Return the steps and values of a column."""
    known = [row for row in rows if measure in row]
    if not known:
        columns = sorted({name for row in rows for name in row if name != "step"})
        raise UserError(
            f"{folder} has no metrics called {measure!r}; it has {', '.join(columns) or 'none'}"
        )
    return [row["step"] for row in known], [row[measure] for row in known]


def _common(curves: list[tuple[list[float], list[float]]]) -> tuple[Floats, Floats]:
    """Return all steps that lie within every curve, and the curves there, `(runs, n)`."""
    first, last = max(steps[0] for steps, _ in curves), min(steps[-1] for steps, _ in curves)
    grid = np.unique([step for steps, _ in curves for step in steps if first <= step <= last])
    if not len(grid):
        raise UserError("the runs have no step in common; train them on")
    heights = np.array([np.interp(grid, steps, values) for steps, values in curves])
    return grid, heights.round(DIGITS)


def _check_alike(folder: Path, configs: Sequence[dict[str, Any]]) -> None:
    for name in ("environment", "agent", "settings"):
        if any(config.get(name) != configs[0].get(name) for config in configs):
            raise UserError(f"the runs in {folder} differ in `{name}`; give them one by one")


def check_comparable(contestants: Sequence[Contestant]) -> None:
    """Refuse what is measured in different environments or under different discounts.

    Raises:
        UserError: With the two values that differ.
    """
    first = contestants[0]
    for other in contestants[1:]:
        for name in ("environment", "discount"):
            ours, theirs = first.config.get(name), other.config.get(name)
            if ours != theirs and (name == "environment" or first.optimum is not None):
                raise UserError(
                    f"{first.folder} and {other.folder} cannot be compared: their {name} is "
                    f"{ours} and {theirs}"
                )


def names(contestants: Sequence[Contestant]) -> list[str]:
    """Return the agents' names; where two are alike, with their folders."""
    agents = [str(entry.config["agent"]) for entry in contestants]
    count = Counter(agents)
    return [
        f"{agent} ({entry.folder})" if count[agent] > 1 else agent
        for agent, entry in zip(agents, contestants, strict=True)
    ]


def pairs(contestants: Sequence[Contestant], measure: str) -> list[dict[str, Any]]:
    """Return how each contestant does against each that comes after it.

    `probability` is that a run of the first is better than one of the second at the end;
    `difference` is that of the runs that share a seed, None where fewer than two do.
    """
    sign = -1.0 if measure in LESS_IS_BETTER else 1.0
    found = []
    named = zip(names(contestants), contestants, strict=True)
    for (a, ours), (b, theirs) in combinations(named, 2):
        shared = sorted(set(ours.seeds) & set(theirs.seeds))
        chance = improvement(sign * ours.final, sign * theirs.final)
        x, y = _of(ours, shared), _of(theirs, shared)
        found.append(
            {
                "first": a,
                "second": b,
                "probability": _json(chance, min(ours.seeds, theirs.seeds, key=len)),
                "shared_seeds": len(shared),
                "difference": paired_difference(x, y).as_json() if len(shared) > 1 else None,
            }
        )
    return found


def _of(entry: Contestant, seeds: list[int]) -> Array:
    return entry.final[[entry.seeds.index(seed) for seed in seeds]]


def _json(estimate: Estimate, seeds: Sequence[int]) -> dict[str, Any]:
    """Return an estimate with its interval; one run has none."""
    return estimate.as_json() if len(seeds) > 1 else {"mean": estimate.mean, "ci95": None}
