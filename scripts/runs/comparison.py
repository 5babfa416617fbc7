"""What can be said of runs beside each other: learning curves, final scores, pairs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import isinf, isnan
from pathlib import Path
from typing import Any

import numpy as np

from rlkit.arrays import Array, Floats
from rlkit.names import unknown
from rlkit.scripts.common import UserError, runs_in
from rlkit.scripts.runs.folder import (
    COMPLETE,
    CONFIG,
    DISCOUNT,
    ENDED,
    Row,
    Run,
    config_of,
    seed_of,
)
from rlkit.statistics import (
    Estimate,
    improvement,
    interquartile_mean,
    mean_interval,
    paired_difference,
    stratified_interval,
)

LESS_IS_BETTER = ("regret", "limited_regret")
DISCOUNTED = ("value", "regret", "validation", "limited_value", "limited_regret")
"""Columns of metrics that stand under the discount of their row."""
DIGITS = 9
"""Decimals that count: computed values carry rounding noise, which must not break ties."""


@dataclass(frozen=True)
class Contestant:
    """The runs of one training, a seed each.

    Attributes:
        folder: That holds them.
        config: The settings of the first, which the others share but for the seed.
        seeds: `(runs,)`.
        steps: Where all curves are known, `(n,)`.
        curves: What was measured there, `(runs, n)`.
        final: What each run was worth when it was measured last, `(runs,)`.
        reached: The step of that, `(runs,)`.
        early: Words about the runs that ended before their steps, or have not ended.
        optimum: The best possible `value`, if it was computed.
        discount: Of `value`, if the runs say it.
    """

    folder: Path
    config: dict[str, Any]
    seeds: tuple[int, ...]
    steps: Floats
    curves: Floats
    final: Floats
    reached: tuple[int, ...]
    early: tuple[str, ...]
    optimum: float | None
    discount: float | None

    @cached_property
    def average(self) -> Floats:
        """The mean height of each run's curve: high if it learned early, `(runs,)`.

        It counts as far as all runs came.
        """
        if len(self.steps) == 1:
            return self.curves[:, -1]
        area = np.trapezoid(self.curves, self.steps, axis=1)
        return np.asarray(area / (self.steps[-1] - self.steps[0]))

    def as_json(self) -> dict[str, Any]:
        """Return the final mean, its interquartile mean, and that over the whole training."""
        return {
            "agent": self.config["agent"],
            "preset": self.config.get("preset"),
            "folder": str(self.folder),
            "seeds": list(self.seeds),
            "step": int(self.steps[-1]),
            "reached": list(self.reached),
            "early": list(self.early),
            "final": _json(mean_interval(self.final), self.seeds),
            "iqm": _json(stratified_interval(self.final[:, None], interquartile_mean), self.seeds),
            "training": _json(mean_interval(self.average), self.seeds),
        }


def contestant(folder: Path, column: str) -> Contestant:
    """Read the run in a folder, or the runs in its folders `seed-K`.

    Raises:
        UserError: If there is none, if they are of different trainings, or if their metrics have no
            such column, or one that is NaN or infinite somewhere.
    """
    alone = (folder / CONFIG).exists()
    folders = [folder] if alone else [path for path in runs_in(folder) if (path / CONFIG).exists()]
    if not folders:
        raise UserError(f"{folder} is no run folder, and holds none called seed-K")
    configs = [config_of(path) for path in folders]
    order = np.argsort([seed_of(config) for config in configs])
    configs, folders = [configs[i] for i in order], [folders[i] for i in order]
    _check_alike(folder, configs)
    runs = [Run(path, config) for path, config in zip(folders, configs, strict=True)]
    rows = [run.metrics() for run in runs]
    columns = [_curve(path, row, column) for path, row in zip(folders, rows, strict=True)]
    steps, curves = _common(columns)
    reached = tuple(int(known[-1]) for known, _ in columns)
    last = rows[0][-1]
    optimum = last["value"] + last["regret"] if "regret" in last else None
    return Contestant(
        folder,
        configs[0],
        tuple(seed_of(config) for config in configs),
        steps,
        curves,
        final=np.array([values[-1] for _, values in columns]).round(DIGITS),
        reached=reached,
        early=tuple(filter(None, map(_early, configs, reached))),
        optimum=optimum,
        discount=last.get(DISCOUNT, configs[0].get("discount") if optimum is not None else None),
    )


def _early(config: dict[str, Any], reached: int) -> str | None:
    """Say how far a run came that ended before its steps, or has not ended; else None."""
    planned, ended = int(config.get("steps", 0)), config.get(ENDED)
    if reached >= planned and ended in (None, COMPLETE):
        return None
    why = "unfinished" if ended is None else f"stopped early, {ended}"
    if ended == COMPLETE:
        why = "where its metrics end, though all steps were taken: rows are missing"
    return f"seed {seed_of(config)}: step {reached:,} of {planned:,}, {why}"


def _curve(folder: Path, rows: list[Row], column: str) -> tuple[list[float], list[float]]:
    """Return the steps and values of a column."""
    known = [row for row in rows if column in row]
    if not known:
        columns = {name for row in rows for name in row if name != "step"}
        raise UserError(unknown(f"column in the metrics of {folder}", column, columns))
    for row in known:
        _check_finite(folder, column, row)
    return [row["step"] for row in known], [row[column] for row in known]


def _check_finite(folder: Path, column: str, row: Row) -> None:
    if isnan(row[column]):
        raise UserError(
            f"the {column} of {folder} is NaN at step {row['step']:,.0f}: the run diverged, and "
            "has no place among the others. Say so where you report them, and compare without it"
        )
    if isinf(row[column]):
        raise UserError(
            f"the {column} of {folder} is infinite at step {row['step']:,.0f}: without a discount "
            "a policy that never ends is worth minus infinity. Compare another measure, such as "
            "limited_value"
        )


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


def check_comparable(contestants: Sequence[Contestant], column: str) -> None:
    """Refuse what is measured in different environments or under different discounts.

    Raises:
        UserError: With the two values that differ.
    """
    first = contestants[0]
    for other in contestants[1:]:
        compared = {"environment": (first.config["environment"], other.config["environment"])}
        if column in DISCOUNTED and None not in {first.discount, other.discount}:
            compared["discount"] = (first.discount, other.discount)
        for name, (ours, theirs) in compared.items():
            if ours != theirs:
                raise UserError(
                    f"{first.folder} and {other.folder} cannot be compared: their {name} is "
                    f"{ours} and {theirs}"
                )


def names(contestants: Sequence[Contestant]) -> list[str]:
    """Return the agents' names; where two are alike with their presets, or else their folders."""
    configs = [entry.config for entry in contestants]
    agents = [str(config["agent"]) for config in configs]
    with_presets = [f"{config['agent']} ({config.get('preset') or 'none'})" for config in configs]
    with_folders = [f"{entry.config['agent']} ({entry.folder})" for entry in contestants]
    counts = Counter(agents + with_presets)
    return [
        next((name for name in short if counts[name] == 1), long)
        for *short, long in zip(agents, with_presets, with_folders, strict=True)
    ]


def pairs(contestants: Sequence[Contestant], column: str) -> list[dict[str, Any]]:
    """Return how each contestant does against each that comes after it.

    `probability` is that a run of the first is better than one of the second at the end;
    `difference` is that of the runs that share a seed, None where fewer than two do.
    """
    sign = -1.0 if column in LESS_IS_BETTER else 1.0
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
