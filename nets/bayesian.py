"""Search for hyper-parameters by a model of their scores. Chapter 7, section 7.6."""

from collections.abc import Callable

import numpy as np

from rlkit.arrays import Floats
from rlkit.nets.search import Configuration, Space, grid

__all__ = ["bayesian_search"]

LENGTH_SCALE = 0.3
"""Distance over which scores resemble each other; the range of a hyper-parameter is 1."""
JITTER = 1e-6
"""Variance of a score that is tried again."""


def bayesian_search(
    space: Space,
    evaluate: Callable[[Configuration], float],
    count: int,
    first: int = 4,
    seed: int = 0,
) -> Configuration:
    """Return the best of `count` configurations, each tried where most improvement is expected.

    A Gaussian process models the scores of what was not tried by the scores of what was. The
    values of a hyper-parameter count as evenly spaced, in the order given. Bergstra et al. 2011;
    chapter 7, section 7.6.

    Args:
        space: The values of every hyper-parameter.
        evaluate: Returns the score of a configuration, a finite number; higher is better.
        count: Configurations to try; no more than there are.
        first: How many of them are drawn at random, before there is a model.
        seed: Of that draw.

    Raises:
        ValueError: If there are fewer configurations than `count`, `first` is not in 1 ... `count`,
            or a score is not finite.
    """
    configurations = grid(space)
    if not 1 <= first <= count <= len(configurations):
        raise ValueError(
            f"1 <= first <= count <= {len(configurations)} configurations, "
            f"got first={first} and count={count}"
        )
    places = _places(space)
    tried: list[int] = []
    scores: list[float] = []
    draws = np.random.default_rng(seed).permutation(len(configurations))[:first]
    for number in range(count):
        if number < first:
            choice = int(draws[number])
        else:
            gains = _improvements(places, tried, np.array(scores))
            choice = int(np.argmax(gains))
        score = float(evaluate(configurations[choice]))
        if not np.isfinite(score):
            raise ValueError(
                f"a score is a finite number, got {score} for {configurations[choice]}"
            )
        tried.append(choice)
        scores.append(score)
    return configurations[tried[int(np.argmax(scores))]]


def expected_improvement(mean: Floats, deviation: Floats, best: float) -> Floats:
    """Return the mean of max(y - best, 0) for normal y; chapter 7, section 7.6.

    Args:
        mean: Of each y.
        deviation: Its standard deviation, positive.
        best: The score to beat.
    """
    from scipy.stats import norm

    distance = (mean - best) / deviation
    gain: Floats = deviation * (distance * norm.cdf(distance) + norm.pdf(distance))
    return gain


def _improvements(places: Floats, tried: list[int], scores: Floats) -> Floats:
    """Return the expected improvement of every configuration, -inf where it was tried."""
    spread = scores.std() or 1.0
    targets = (scores - scores.mean()) / spread
    kernel = _resemblance(places[tried], places[tried]) + JITTER * np.eye(len(tried))
    across = _resemblance(places, places[tried])
    weights = np.linalg.solve(kernel, across.T)  # (tried, all)
    variance = 1.0 + JITTER - np.einsum("at,ta->a", across, weights)
    deviation = np.sqrt(np.maximum(variance, JITTER))
    gains = expected_improvement(targets @ weights, deviation, float(targets.max()))
    gains[tried] = -np.inf
    return gains


def _resemblance(these: Floats, those: Floats) -> Floats:
    """Return the covariance of the scores of every pair of configurations."""
    squares = ((these[:, None] - those[None]) ** 2).sum(axis=2)
    covariance: Floats = np.exp(-squares / (2.0 * LENGTH_SCALE**2))
    return covariance


def _places(space: Space) -> Floats:
    """Return where in the unit cube each configuration lies, `(configurations, names)`."""
    axes = [np.linspace(0.0, 1.0, len(values)) for values in space.values()]
    return np.stack([axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")], axis=1)
