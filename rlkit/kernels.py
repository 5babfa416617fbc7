"""Compiled loops of the core: sampling outcomes."""

import numpy as np

from rlkit.arrays import Floats, Ints
from rlkit.compiled import compiled


@compiled
def build_alias(starts: Ints, probs: Floats, keep: Floats, alias: Ints) -> None:
    """Fill Walker's alias tables row by row (Vose 1991), in time linear in the outcomes."""
    longest = np.diff(starts).max()
    small = np.empty(longest, dtype=np.int64)
    large = np.empty(longest, dtype=np.int64)
    for row in range(len(starts) - 1):
        start, stop = starts[row], starts[row + 1]
        total = probs[start:stop].sum()
        num_small = num_large = 0
        for k in range(start, stop):
            keep[k] = probs[k] * (stop - start) / total
            alias[k] = k
            if keep[k] < 1.0:
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
            if keep[rich] < 1.0:
                num_large -= 1
                small[num_small] = rich
                num_small += 1
        # What rounding left over is kept for sure.
        for i in range(num_small):
            keep[small[i]] = 1.0
        for i in range(num_large):
            keep[large[i]] = 1.0
