"""Compiled loops of the core: sampling outcomes, and bringing probabilities to a grid."""

import numpy as np

from rlkit.arrays import Floats, Ints
from rlkit.compiled import compiled, shared
from rlkit.rounding import DUST, TIE, UNITS

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


@shared
def round_down(row: Floats, remainders: Floats, tie: float) -> int:
    """Turn probabilities into whole units, rounded down; return how many units are left.

    What would get none gets one, and the others share the rest in their proportion.
    """
    units = UNITS
    for k in range(len(row)):
        remainders[k] = 0.0 if row[k] > DUST else -1.0
        row[k] = row[k] if row[k] > DUST else 0.0
    while True:
        total = 0.0
        for k in range(len(row)):
            total += row[k] if remainders[k] == 0.0 else 0.0
        found = 0
        for k in range(len(row)):
            if remainders[k] == 0.0 and row[k] * units / total + tie < 1.0:
                remainders[k] = -2.0
                found += 1
        if found == 0:
            break
        units -= found
    left = units
    for k in range(len(row)):
        if remainders[k] == 0.0:
            exact = row[k] * units / total
            row[k] = np.floor(exact + tie)
            remainders[k] = exact - row[k]
            left -= int(row[k])
        elif remainders[k] == -2.0:
            row[k] = 1.0
    return left


@shared
def hand_out(row: Floats, remainders: Floats, rising: Floats, left: int, tie: float) -> None:
    """Give one unit more to the `left` largest remainders, among equal ones to the first.

    Neighbours among the `rising` remainders are equal where they differ by no more than `tie`.
    """
    last = len(rising) - left
    high = last
    while high + 1 < len(rising) and rising[high + 1] - rising[high] <= tie:
        high += 1
    low = last
    while low > 0 and rising[low] - rising[low - 1] <= tie:
        low -= 1
    alike = left - (len(rising) - 1 - high)
    for k in range(len(row)):
        if remainders[k] > rising[high]:
            row[k] += 1.0
        elif remainders[k] >= rising[low] and alike > 0:
            row[k] += 1.0
            alike -= 1


@compiled
def round_rows(probs: Floats) -> None:
    """Bring every row of `probs` `(n, K)` to the grid, in place; see `rounding.on_grid`."""
    size = probs.shape[1]
    tie = min(TIE, 0.5 / size)  # so that what is rounded up for nearness stays below one unit
    remainders = np.empty(size)
    for row in range(len(probs)):
        left = round_down(probs[row], remainders, tie)
        if left > 0:
            hand_out(probs[row], remainders, np.sort(remainders), left, tie)
        for k in range(size):
            probs[row, k] /= UNITS
