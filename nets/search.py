"""Search for hyper-parameters: grid, random, successive halving. Chapter 7, section 7.6."""

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from math import ceil, log2
from typing import Any

import numpy as np

__all__ = ["grid", "random_search", "successive_halving"]

Configuration = dict[str, Any]
Space = Mapping[str, Sequence[Any]]
"""The values that each hyper-parameter may take; for a rate ten times the last each, not evenly."""


def grid(space: Space) -> list[Configuration]:
    """Return every combination, the last name varying fastest. Chapter 7, section 7.6.

    Raises:
        ValueError: If a hyper-parameter has no value.
    """
    _check(space)
    return [dict(zip(space, values, strict=True)) for values in product(*space.values())]


def random_search(space: Space, count: int, seed: int = 0) -> list[Configuration]:
    """Return `count` independent draws. Bergstra & Bengio 2012; chapter 7, section 7.6.

    Where few hyper-parameters matter it tries more values of those than a grid of equal size.
    """
    _check(space)
    rng = np.random.default_rng(seed)
    return [
        {name: values[int(rng.integers(len(values)))] for name, values in space.items()}
        for _ in range(count)
    ]


def successive_halving(
    configurations: Sequence[Configuration],
    evaluate: Callable[[Configuration, int], float],
    budget: int,
) -> Configuration:
    """Return the configuration that is left when the worse half is dropped again and again.

    Chapter 7, algorithm 7.2; Jamieson & Talwalkar 2016. Every round spends the same share of the
    budget, so the fewer are left the longer each is tried.

    Args:
        configurations: Two or more.
        evaluate: Returns the score of a configuration with so many units of budget; higher is
            better.
        budget: In all.

    Raises:
        ValueError: If there are fewer than two, the budget gives the first round nothing, or a
            score is NaN.
    """
    rounds = ceil(log2(len(configurations))) if len(configurations) > 1 else 0
    if not rounds or budget < rounds * len(configurations):
        raise ValueError(
            "successive halving needs two configurations or more, and a budget of one unit each in "
            f"every round; got {len(configurations)} configurations and a budget of {budget}"
        )
    left = list(configurations)
    for _ in range(rounds):
        share = budget // (rounds * len(left))
        scores = [evaluate(configuration, share) for configuration in left]
        if np.isnan(scores).any():
            diverged = left[int(np.isnan(scores).argmax())]
            raise ValueError(
                f"a score is a number, got NaN for {diverged}; give what diverges -inf to drop it"
            )
        ranked = sorted(range(len(left)), key=lambda index: -scores[index])
        left = [left[index] for index in ranked[: ceil(len(left) / 2)]]
    return left[0]


def _check(space: Space) -> None:
    empty = [name for name, values in space.items() if not len(values)]
    if not space or empty:
        raise ValueError(f"every hyper-parameter needs a value; got none for {empty or 'any'}")
