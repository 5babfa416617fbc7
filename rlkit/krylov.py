"""Compiled parts of iterative solution: a system in a given order, and its incomplete factors.

Values flow backwards from where rewards are. With the states in the order of their values the
system is nearly triangular, and the incomplete factors without fill-in, ILU(0) (Meijerink and van
der Vorst 1977; Saad, Iterative Methods for Sparse Linear Systems, section 10.3), nearly solve it.
"""

import numpy as np

from rlkit.arrays import Array, Floats, Ints
from rlkit.compiled import compiled, shared


@shared
def add_sorted(
    columns: Array, entries: Floats, first: int, end: int, column: int, entry: float
) -> int:
    """Add an entry to the sorted row `first:end` of a CSR under construction; return its end."""
    place = end
    while place > first and columns[place - 1] > column:
        place -= 1
    if place > first and columns[place - 1] == column:
        entries[place - 1] += entry
        return end
    for k in range(end, place, -1):
        columns[k], entries[k] = columns[k - 1], entries[k - 1]
    columns[place], entries[place] = column, entry
    return end + 1


@compiled
def ordered_system(
    indptr: Array, indices: Array, data: Floats, discount: float, order: Array, rank: Array
) -> tuple[Array, Array, Floats, Ints]:
    """Return I - discount P with rows and columns in `order`, as CSR with sorted rows.

    Args:
        indptr: With `indices` and `data`, P as CSR.
        indices: See `indptr`.
        data: See `indptr`.
        discount: In [0, 1].
        order: `(S,)`, a permutation of the states.
        rank: `(S,)`, its inverse.

    Returns:
        The CSR's indptr, indices and data, and the place of each diagonal entry, `(S,)`.
    """
    size = len(order)
    starts = np.zeros(size + 1, dtype=indptr.dtype)
    columns = np.empty(len(indices) + size, dtype=indices.dtype)
    entries = np.empty(len(indices) + size)
    diagonal = np.empty(size, dtype=np.int64)
    end = 0
    for i in range(size):
        first = end
        end = add_sorted(columns, entries, first, end, i, 1.0)
        for k in range(indptr[order[i]], indptr[order[i] + 1]):
            end = add_sorted(columns, entries, first, end, rank[indices[k]], -discount * data[k])
        for k in range(first, end):
            if columns[k] == i:
                diagonal[i] = k
        starts[i + 1] = end
    return starts, columns[:end], entries[:end], diagonal


@compiled
def factorise(starts: Array, columns: Array, entries: Floats, diagonal: Ints) -> Floats:
    """Return the entries of L (unit diagonal) and U on the system's own pattern: ILU(0)."""
    factors = entries.copy()
    place = np.full(len(diagonal), -1, dtype=np.int64)
    for i in range(len(diagonal)):
        for k in range(starts[i], starts[i + 1]):
            place[columns[k]] = k
        for k in range(starts[i], diagonal[i]):
            j = columns[k]
            factors[k] /= factors[diagonal[j]]
            for m in range(diagonal[j] + 1, starts[j + 1]):
                target = place[columns[m]]
                if target >= 0:
                    factors[target] -= factors[k] * factors[m]
        for k in range(starts[i], starts[i + 1]):
            place[columns[k]] = -1
    return factors


@compiled
def solve_factors(
    starts: Array, columns: Array, factors: Floats, diagonal: Ints, right: Floats
) -> Floats:
    """Return the solution x of L U x = right, `(S,)`."""
    x = right.copy()
    for i in range(len(x)):
        total = x[i]
        for k in range(starts[i], diagonal[i]):
            total -= factors[k] * x[columns[k]]
        x[i] = total
    for i in range(len(x) - 1, -1, -1):
        total = x[i]
        for k in range(diagonal[i] + 1, starts[i + 1]):
            total -= factors[k] * x[columns[k]]
        x[i] = total / factors[diagonal[i]]
    return x
