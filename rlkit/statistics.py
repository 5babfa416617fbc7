"""Honest statistics of returns: intervals for one policy, and comparisons across seeds.

Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical Precipice", NeurIPS
2021, explains the interquartile mean, the stratified bootstrap and the probability of improvement.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from rlkit.arrays import Floats

RESAMPLES = 2_000
LEVEL = 0.95


class Estimate(NamedTuple):
    """A number and its 95 % interval."""

    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"

    def as_json(self) -> dict[str, float | list[float]]:
        """Return `{"mean": ..., "ci95": [low, high]}`."""
        return {"mean": self.mean, "ci95": [self.low, self.high]}


def mean_interval(values: ArrayLike, seed: int = 0) -> Estimate:
    """Return the mean of independent values with its percentile-bootstrap interval.

    Args:
        values: Shape `(n,)`, n >= 1.
        seed: Of the resampling.
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or not len(sample):
        raise ValueError(f"an interval needs a list of values, got shape {sample.shape}")
    return stratified_interval(sample[:, None], lambda scores: float(scores.mean()), seed)


def interquartile_mean(scores: ArrayLike) -> float:
    """Return the mean of the middle half of all scores (runs and tasks together)."""
    ordered = np.sort(np.asarray(scores, dtype=np.float64).ravel())
    cut = len(ordered) // 4
    return float(ordered[cut : len(ordered) - cut].mean())


def stratified_interval(
    scores: ArrayLike, statistic: Callable[[Floats], float], seed: int = 0
) -> Estimate:
    """Return a statistic of `(runs, tasks)` scores with its stratified-bootstrap interval.

    Runs are resampled within each task.
    """
    table = np.asarray(scores, dtype=np.float64)
    if table.ndim != 2 or not table.size:
        raise ValueError(f"scores have shape (runs, tasks), got {table.shape}")
    rng = np.random.default_rng(seed)
    runs, tasks = table.shape
    columns = np.arange(tasks)
    resampled = [
        statistic(table[rng.integers(runs, size=(runs, tasks)), columns]) for _ in range(RESAMPLES)
    ]
    tail = 50 * (1 - LEVEL)
    low, high = np.percentile(resampled, [tail, 100 - tail])
    return Estimate(statistic(table), float(low), float(high))


def probability_of_improvement(ours: ArrayLike, theirs: ArrayLike) -> float:
    """Return the probability that a run of ours beats one of theirs; a tie counts half."""
    x = np.asarray(ours, dtype=np.float64)[:, None]
    y = np.asarray(theirs, dtype=np.float64)[None, :]
    return float((x > y).mean() + 0.5 * (x == y).mean())


def paired_difference(ours: ArrayLike, theirs: ArrayLike, seed: int = 0) -> Estimate:
    """Return the mean difference of values that share their seeds, with its interval."""
    x, y = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    if x.shape != y.shape:
        raise ValueError(f"paired values need the same shape, got {x.shape} and {y.shape}")
    return mean_interval(x - y, seed)
