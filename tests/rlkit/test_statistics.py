"""Statistics by hand, and against SciPy."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from rlkit.statistics import (
    improvement,
    interquartile_mean,
    mean_curve,
    mean_interval,
    paired_difference,
    pooled_curve,
    probability_of_improvement,
    stratified_interval,
)


def test_interval_covers_the_mean_as_often_as_it_says() -> None:
    """60 samples of 40 normal numbers, seed 3: 95 % of the intervals cover 0, within 4 errors."""
    rng = np.random.default_rng(3)
    intervals = [mean_interval(rng.normal(size=40)) for _ in range(60)]
    covered = sum(interval.low <= 0.0 <= interval.high for interval in intervals)

    assert 0.95 * 60 - 4 * np.sqrt(60 * 0.95 * 0.05) <= covered <= 60
    assert all(interval.low < interval.mean < interval.high for interval in intervals)
    width = np.mean([interval.high - interval.low for interval in intervals])
    assert width == pytest.approx(2 * 1.96 / np.sqrt(40), rel=0.1)


def test_the_same_seed_gives_the_same_interval() -> None:
    sample = np.arange(20.0)

    assert mean_interval(sample, seed=1) == mean_interval(sample, seed=1)
    assert mean_interval(sample, seed=1) != mean_interval(sample, seed=2)


def test_an_interval_agrees_with_scipy() -> None:
    sample = np.random.default_rng(0).exponential(size=50)
    ours = mean_interval(sample)
    theirs = stats.bootstrap(
        (sample,), np.mean, method="percentile", n_resamples=20_000, rng=1
    ).confidence_interval

    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.03)


@pytest.mark.parametrize("values", [[], [[1.0, 2.0]]])
def test_wrong_shapes_are_refused(values: list[float]) -> None:
    with pytest.raises(ValueError, match="shape"):
        mean_interval(values)


def test_the_bootstrap_keeps_to_its_strata() -> None:
    """Tasks differ, runs do not: resampling runs within a task changes nothing."""
    scores = np.tile([0.0, 100.0, 200.0], (5, 1))

    assert stratified_interval(scores, interquartile_mean) == (100.0, 100.0, 100.0)
    assert mean_interval(scores.ravel()).low < 90.0


def test_interquartile_mean_drops_a_quarter_at_each_end() -> None:
    scores = np.random.default_rng(1).normal(size=(9, 5))

    assert interquartile_mean([0, 1, 2, 100]) == 1.5
    assert interquartile_mean(scores) == pytest.approx(stats.trim_mean(scores.ravel(), 0.25))


def test_probability_of_improvement_counts_pairs() -> None:
    rng = np.random.default_rng(2)
    ours, theirs = rng.integers(5, size=8), rng.integers(5, size=6)
    wins = stats.mannwhitneyu(ours, theirs).statistic

    assert probability_of_improvement([1, 2], [1, 0]) == 0.875
    assert probability_of_improvement(ours, theirs) == pytest.approx(wins / 48)


def test_shared_seeds_cancel() -> None:
    """Runs differ by 100 from seed to seed, and by 1 from agent to agent."""
    theirs = np.arange(10) * 100.0

    assert paired_difference(theirs + 1.0, theirs) == (1.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="same shape"):
        paired_difference([1.0], [1.0, 2.0])


def test_the_interval_of_an_improvement_agrees_with_scipy() -> None:
    rng = np.random.default_rng(4)
    ours, theirs = rng.normal(0.3, 1.0, size=12), rng.normal(size=10)
    theirs[0] = ours[0]  # a tie counts half
    found = improvement(ours, theirs)

    def share(x: Any, y: Any, axis: int = -1) -> Any:
        del axis
        return (np.sign(x[..., :, None] - y[..., None, :]).mean(axis=(-1, -2)) + 1) / 2

    interval = stats.bootstrap(
        (ours, theirs), share, method="percentile", n_resamples=5_000, rng=1
    ).confidence_interval
    assert found.mean == pytest.approx(probability_of_improvement(ours, theirs))
    assert found[1:] == pytest.approx((interval.low, interval.high), abs=0.02)


def test_every_point_of_a_mean_curve_has_the_interval_of_its_values() -> None:
    curves = np.random.default_rng(5).normal(size=(30, 4)) + np.arange(4.0)
    band = mean_curve(curves)

    for k in range(4):
        expected = mean_interval(curves[:, k])
        assert band.mean[k] == pytest.approx(expected.mean)
        assert (band.low[k], band.high[k]) == pytest.approx(expected[1:], abs=0.04)
    with pytest.raises(ValueError, match="shape"):
        mean_curve([1.0, 2.0])


def test_a_pooled_curve_weighs_every_episode_alike() -> None:
    """Two runs, 1 and 3 episodes with returns of 8 and 0: 2 on average, not 4; then none."""
    band = pooled_curve([[8.0, 0.0], [0.0, 0.0]], [[1, 0], [3, 0]])

    assert band.mean[0] == 2.0
    assert (band.low[0], band.high[0]) == (0.0, 8.0)
    assert np.isnan([band.mean[1], band.low[1], band.high[1]]).all()


def test_where_counts_are_equal_a_pooled_curve_is_the_mean_curve() -> None:
    curves = np.random.default_rng(0).normal(size=(20, 3))

    np.testing.assert_allclose(
        pooled_curve(5 * curves, np.full((20, 3), 5)), mean_curve(curves), atol=1e-12
    )


def test_a_pooled_curve_needs_a_count_for_every_sum() -> None:
    with pytest.raises(ValueError, match=r"\(2, 3\) and \(2, 2\)"):
        pooled_curve(np.ones((2, 3)), np.ones((2, 2)))


def test_a_number_that_is_none_leaves_no_statistic() -> None:
    """NumPy sorts NaN behind all numbers, and compares it as neither more, nor less, nor equal."""
    some, all_known = [1.0, np.nan, 3.0], [2.0, 2.0, 2.0]

    assert np.isnan(interquartile_mean([1.0, 2.0, 3.0, np.nan]))
    assert np.isnan(stats.trim_mean([1.0, 2.0, 3.0, np.nan], 0.25))
    assert np.isnan(probability_of_improvement(some, all_known))
    assert np.isnan(probability_of_improvement(all_known, some))
    for estimate in (
        mean_interval(some),
        # one of 300 runs: there are resamples without it
        stratified_interval([[1.0]] * 300 + [[np.nan]], interquartile_mean),
        stratified_interval([[np.nan], [1.0]], lambda table: float(np.nanmean(table))),
        improvement(some, all_known),
        improvement(all_known, some),
        paired_difference(some, all_known),
    ):
        assert np.isnan(estimate).all()


def test_infinite_scores_are_trimmed_as_the_lowest() -> None:
    assert interquartile_mean([-np.inf, 1.0, 2.0, 3.0]) == 1.5
    assert probability_of_improvement([1.0], [-np.inf]) == 1.0
    with pytest.raises(ValueError, match="needs scores, got none"):
        interquartile_mean([])
