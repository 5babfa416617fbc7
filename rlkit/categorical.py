"""Finite distributions as values: planners sum over them, samplers draw from them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, TypeVar

import numpy as np

from rlkit.randomness import Rng

X = TypeVar("X")

TOLERANCE = 1e-9


class Categorical(Generic[X]):
    """A distribution over finitely many outcomes.

    Args:
        support: The possible outcomes, each of them once.
        probs: Their probabilities, non-negative, with sum 1 (to within 1e-9).

    Raises:
        ValueError: If lengths differ, an outcome stands twice, or `probs` is no distribution.
    """

    __slots__ = ("_cumulative", "probs", "support")

    def __init__(self, support: Sequence[X], probs: Iterable[float]) -> None:
        self.support = tuple(support)
        self.probs = tuple(float(p) for p in probs)
        if len(self.support) != len(self.probs) or not self.support:
            raise ValueError(
                f"a distribution needs one probability an outcome and at least one outcome; "
                f"got {len(self.support)} outcomes and {len(self.probs)} probabilities"
            )
        if len(set(self.support)) != len(self.support):
            raise ValueError(f"an outcome stands twice in the support {self.support}")
        total = sum(self.probs)
        if not all(p >= 0 for p in self.probs) or abs(total - 1) > TOLERANCE:
            raise ValueError(
                f"probabilities must be non-negative and sum to 1; these sum to {total}: "
                f"{self.probs}. Are outcomes and probabilities in the right order?"
            )
        self._cumulative = np.cumsum(self.probs)

    def sample(self, rng: Rng) -> X:
        """Return one outcome, with a single draw from `rng`."""
        place = int(np.searchsorted(self._cumulative, rng.random() * self._cumulative[-1], "right"))
        return self.support[min(place, len(self.support) - 1)]

    def prob(self, outcome: X) -> float:
        """Return the probability of `outcome`: 0 for one outside the support."""
        return self.probs[self.support.index(outcome)] if outcome in self.support else 0.0

    def __iter__(self) -> Iterator[tuple[X, float]]:
        return zip(self.support, self.probs, strict=True)

    def __repr__(self) -> str:
        inside = ", ".join(f"{outcome!r}: {prob:.4g}" for outcome, prob in self)
        return f"Categorical({{{inside}}})"


def certain(outcome: X) -> Categorical[X]:
    """Return the distribution that gives `outcome` for sure."""
    return Categorical((outcome,), (1.0,))


def uniform(support: Iterable[X]) -> Categorical[X]:
    """Return the distribution that gives each outcome of `support` the same probability."""
    outcomes = tuple(support)
    return Categorical(outcomes, [1 / len(outcomes)] * len(outcomes))
