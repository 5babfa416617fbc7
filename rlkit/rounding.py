"""Probabilities on a grid, so that the last bits of a law change no table.

Laws are real numbers, computed in floating point. Where a table is made of them, a difference in
the last bit could make another table: another alias, another trajectory from the same seed. So the
problems of this library round theirs once, and planners, simulators and learners read the rounded
ones. A model that somebody hands over is left as it is.
"""

import numpy as np
from numpy.typing import ArrayLike

from rlkit.arrays import Floats

UNITS = 2**24
"""Units in a probability of 1: the grid is 2^-24, about 6e-8."""
TIE = 2.0**-14
"""Remainders that differ by less count as equal, in units; so does what is nearly a whole unit."""
DUST = 2.0**-48
"""What is no more likely is what rounding left of a 0 (of 1 - p, say), and counts as 0."""


def on_grid(probs: ArrayLike) -> Floats:
    """Return distributions as multiples of 2^-24 that sum to exactly 1, by largest remainders.

    Rounding down leaves some units, which go to the largest remainders, among equal ones to the
    first. No possible outcome vanishes: what would get nothing gets one unit. So an entry p moves
    by less than (1.001 + p m) units, where m outcomes of its row are less likely than a unit.

    Args:
        probs: `(K,)`, or `(n, K)` with a distribution a row. Entries are not negative, and may be
            0; their sums may differ from 1 by rounding.
    """
    rounded = np.array(probs, dtype=np.float64)
    if (rounded == to_grid(rounded)).all() and (rounded.sum(axis=-1) == 1).all():
        return rounded  # sums of multiples of 2^-24 are exact
    from rlkit.remainders import round_rows

    round_rows(rounded.reshape(-1, rounded.shape[-1]), UNITS, TIE, DUST)
    return rounded


def to_grid(numbers: ArrayLike) -> Floats:
    """Return the nearest multiples of 2^-24 of numbers that are no distribution."""
    return np.asarray(np.rint(np.asarray(numbers, dtype=np.float64) * UNITS) / UNITS)
