"""Largest remainders, compiled: probabilities become whole units that sum to all there are."""

import numpy as np

from rlkit.arrays import Floats
from rlkit.compiled import compiled, shared


@shared
def round_down(row: Floats, remainders: Floats, units: int, tie: float, dust: float) -> int:
    """Turn probabilities into whole units, rounded down; return how many units are left.

    What would get none gets one, and the others share the rest in their proportion.
    """
    for k in range(len(row)):
        remainders[k] = 0.0 if row[k] > dust else -1.0
        row[k] = row[k] if row[k] > dust else 0.0
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
def round_rows(probs: Floats, units: int, tie: float, dust: float) -> None:
    """Bring every row of `probs` `(n, K)` to the grid, in place; see `rounding.on_grid`.

    Args:
        probs: Not negative.
        units: In a probability of 1.
        tie: Remainders that differ by less count as equal, in units.
        dust: What is no more likely counts as 0.
    """
    size = probs.shape[1]
    tie = min(tie, 0.5 / size)  # so that what is rounded up for nearness stays below one unit
    remainders = np.empty(size)
    for row in range(len(probs)):
        left = round_down(probs[row], remainders, units, tie, dust)
        if left > 0:
            hand_out(probs[row], remainders, np.sort(remainders), left, tie)
        for k in range(size):
            probs[row, k] /= units
