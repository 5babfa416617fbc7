"""Honest statistics of returns: intervals for one policy, and comparisons across seeds.

Agarwal et al., "Deep Reinforcement Learning at the Edge of the Statistical Precipice", NeurIPS
2021, explains the interquartile mean, the stratified bootstrap and the probability of improvement.

Where one of the numbers is NaN, as of a run that diverged, every statistic of them is NaN: it is
neither better nor worse than anything.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from rlkit.arrays import Floats

RESAMPLES = 2_000
LEVEL = 0.95
BLOCK = 1 << 15
"""Numbers that are drawn at once."""


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


UNKNOWN = Estimate(np.nan, np.nan, np.nan)


def mean_interval(values: ArrayLike, seed: int = 0) -> Estimate:
    """Return the mean of independent values with its percentile-bootstrap interval.

    Args:
        values: Shape `(n,)`, n >= 1.
        seed: Of the resampling.
    """
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or not len(sample):
        raise ValueError(f"an interval needs a list of values, got shape {sample.shape}")
    if np.isnan(sample).any():
        return UNKNOWN
    low, high = _tails(_resampled_means(sample, np.random.default_rng(seed)))
    return Estimate(float(sample.mean()), float(low), float(high))


def _resampled_means(sample: Floats, rng: np.random.Generator) -> Floats:
    """Return the means of `RESAMPLES` resamples, drawn in blocks that fit a processor's cache."""
    size = len(sample)
    block = max(BLOCK // size, 1)
    counts = [min(block, RESAMPLES - first) for first in range(0, RESAMPLES, block)]
    drawn = (rng.integers(size, size=(count, size)) for count in counts)
    return np.concatenate([sample[picked].mean(axis=1) for picked in drawn])


def interquartile_mean(scores: ArrayLike) -> float:
    """Return the mean of the middle half of all scores (runs and tasks together)."""
    ordered = np.sort(np.asarray(scores, dtype=np.float64).ravel())
    if not len(ordered):
        raise ValueError("an interquartile mean needs scores, got none")
    if np.isnan(ordered[-1]):  # it is sorted behind all numbers, and would be cut as the best
        return float("nan")
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
    if np.isnan(table).any():  # however few resamples have it
        return UNKNOWN
    rng = np.random.default_rng(seed)
    runs, tasks = table.shape
    columns = np.arange(tasks)
    resampled = [
        statistic(table[rng.integers(runs, size=(runs, tasks)), columns]) for _ in range(RESAMPLES)
    ]
    low, high = _tails(np.array(resampled))
    return Estimate(statistic(table), float(low), float(high))


def probability_of_improvement(ours: ArrayLike, theirs: ArrayLike) -> float:
    """Return the probability that a run of ours beats one of theirs; a tie counts half."""
    x = np.asarray(ours, dtype=np.float64)[:, None]
    y = np.asarray(theirs, dtype=np.float64)[None, :]
    if np.isnan(x).any() or np.isnan(y).any():  # which is neither more, nor less, nor equal
        return float("nan")
    return float((x > y).mean() + 0.5 * (x == y).mean())


def improvement(ours: ArrayLike, theirs: ArrayLike, seed: int = 0) -> Estimate:
    """Return `probability_of_improvement` with its interval; both sides are resampled."""
    x, y = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    if np.isnan(x).any() or np.isnan(y).any():
        return UNKNOWN
    wins = (x[:, None] > y) + 0.5 * (x[:, None] == y)
    rng = np.random.default_rng(seed)
    chances = np.einsum("ri,ij,rj->r", _weights(len(x), rng), wins, _weights(len(y), rng))
    low, high = _tails(chances)
    return Estimate(probability_of_improvement(x, y), float(low), float(high))


class Band(NamedTuple):
    """A mean curve and the 95 % interval of every point, each `(n,)`."""

    mean: Floats
    low: Floats
    high: Floats


def mean_curve(curves: ArrayLike, seed: int = 0) -> Band:
    """Return the mean of curves with its pointwise percentile-bootstrap interval.

    Args:
        curves: One a run, `(runs, n)`; whole runs are resampled.
        seed: Of the resampling.
    """
    table = np.asarray(curves, dtype=np.float64)
    if table.ndim != 2 or not table.size:
        raise ValueError(f"curves have shape (runs, n), got {table.shape}")
    resampled = _weights(len(table), np.random.default_rng(seed)) @ table
    return Band(table.mean(axis=0), *_tails(resampled))


def pooled_curve(totals: ArrayLike, counts: ArrayLike, seed: int = 0) -> Band:
    """Return the mean over all that was counted, with its pointwise percentile-bootstrap interval.

    It suits runs that count different numbers of episodes: a mean of their means would give the
    episodes of a run that has few of them more weight. NaN where nothing was counted.

    Args:
        totals: Sums, `(runs, n)`; whole runs are resampled.
        counts: Of how many they are the sums, `(runs, n)`.
        seed: Of the resampling.
    """
    sums, numbers = np.asarray(totals, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    if sums.ndim != 2 or not sums.size or sums.shape != numbers.shape:
        raise ValueError(f"both have shape (runs, n), got {sums.shape} and {numbers.shape}")
    weights = _weights(len(sums), np.random.default_rng(seed))
    with np.errstate(invalid="ignore"):  # 0 / 0 is NaN, as promised
        return Band(
            sums.sum(axis=0) / numbers.sum(axis=0), *_tails(weights @ sums / (weights @ numbers))
        )


def paired_difference(ours: ArrayLike, theirs: ArrayLike, seed: int = 0) -> Estimate:
    """Return the mean difference of values that share their seeds, with its interval."""
    x, y = np.asarray(ours, dtype=np.float64), np.asarray(theirs, dtype=np.float64)
    if x.shape != y.shape:
        raise ValueError(f"paired values need the same shape, got {x.shape} and {y.shape}")
    return mean_interval(x - y, seed)


def _weights(runs: int, rng: np.random.Generator) -> Floats:
    """Return the share of each run in each resample, `(RESAMPLES, runs)`."""
    counts = rng.multinomial(runs, np.full(runs, 1 / runs), size=RESAMPLES)
    return np.asarray(counts / runs, dtype=np.float64)


def _tails(resampled: Floats) -> Any:
    """Return the ends of the interval of what was resampled along the first axis."""
    tail = 50 * (1 - LEVEL)
    return np.percentile(resampled, [tail, 100 - tail], axis=0)
