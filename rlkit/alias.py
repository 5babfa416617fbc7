"""Walker's alias tables, built in compiled loops: an outcome is drawn by one look."""

import numpy as np

from rlkit.arrays import Floats, Ints
from rlkit.compiled import compiled

SURE = 1.0 - 2.0**-40
"""From here on a place of an alias table holds its own outcome for sure. So what a sum leaves in
the last bits makes no other table; on the grid of `rounding` all of it is exact anyway."""


@compiled
def build_alias(starts: Ints, probs: Floats, keep: Floats, alias: Ints) -> None:
    """Fill Walker's alias tables row by row (Vose 1991), in time linear in the outcomes."""
    longest = np.diff(starts).max()
    small = np.empty(longest, dtype=np.int64)
    large = np.empty(longest, dtype=np.int64)
    for row in range(len(starts) - 1):
        start, stop = starts[row], starts[row + 1]
        total = 0.0
        for k in range(start, stop):
            total += probs[k]
        num_small = num_large = 0
        for k in range(start, stop):
            keep[k] = probs[k] * (stop - start) / total
            alias[k] = k
            if keep[k] < SURE:
                small[num_small] = k
                num_small += 1
            else:
                large[num_large] = k
                num_large += 1
        while num_small and num_large:
            num_small -= 1
            poor, rich = small[num_small], large[num_large - 1]
            alias[poor] = rich
            keep[rich] -= 1.0 - keep[poor]
            if keep[rich] < SURE:
                num_large -= 1
                small[num_small] = rich
                num_small += 1
        # What rounding left over is kept for sure.
        for i in range(num_small):
            keep[small[i]] = 1.0
        for i in range(num_large):
            keep[large[i]] = 1.0
