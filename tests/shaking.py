"""Numbers moved by one unit in the last place, as other machines may compute them."""

import numpy as np
from numpy.typing import ArrayLike

from rlkit.arrays import Floats

WAYS = ("up", "down", "mixed")


def moved(numbers: ArrayLike, way: str, seed: int = 0) -> Floats:
    """Return `numbers` moved by one unit in the last place: "up", "down", or "mixed" by a seed.

    What is exactly 0 or 1 stays: it is a constant and no result of a sum.
    """
    values = np.asarray(numbers, dtype=np.float64)
    signs = np.random.default_rng(seed).choice([-1.0, 1.0], size=values.shape)
    signs = {"up": np.ones(values.shape), "down": -np.ones(values.shape), "mixed": signs}[way]
    still = (values == 0) | (values == 1)
    return np.where(still, values, np.nextafter(values, signs * np.inf))
