"""Compiled walks over the rows of a sparse problem: who leads where, and how to get there."""

import numpy as np

from rlkit.arrays import Array, Bools, Ints
from rlkit.compiled import compiled


@compiled
def rows_into(indptr: Array, indices: Array, num_states: int) -> tuple[Ints, Array]:
    """Return, for each state, the rows of P that can lead to it, as CSR's indptr and indices."""
    starts = np.zeros(num_states + 2, dtype=np.int64)
    for state in indices:
        starts[state + 2] += 1
    starts = np.cumsum(starts)
    sources = np.empty(len(indices), dtype=indices.dtype)
    for row in range(len(indptr) - 1):
        for k in range(indptr[row], indptr[row + 1]):
            sources[starts[indices[k] + 1]] = row
            starts[indices[k] + 1] += 1
    return starts[:-1], sources


@compiled
def drop_dead_ends(starts: Ints, sources: Array, owner: Ints, inside: Bools) -> None:
    """Remove rows that lead to a state without a row, until none is left.

    Args:
        starts: With `sources`, the rows that lead into each state (`rows_into`).
        sources: See `starts`.
        owner: The state that each row belongs to, `(rows,)`.
        inside: Which rows there are, `(rows,)`; written.
    """
    left = np.zeros(len(starts) - 1, dtype=np.int64)
    for row in range(len(owner)):
        if inside[row]:
            left[owner[row]] += 1
    dead = [s for s in range(len(left)) if left[s] == 0]
    while len(dead) > 0:
        state = dead.pop()
        for k in range(starts[state], starts[state + 1]):
            row = sources[k]
            if inside[row]:
                inside[row] = False
                left[owner[row]] -= 1
                if left[owner[row]] == 0:
                    dead.append(owner[row])


@compiled
def route(
    starts: Ints, sources: Array, owner: Ints, allowed: Bools, goals: Bools, chosen: Ints
) -> Bools:
    """Write to `chosen` the row of each state that leads towards a goal, breadth first.

    Args:
        starts: With `sources`, the rows that lead into each state (`rows_into`).
        sources: See `starts`.
        owner: The state that each row belongs to, `(rows,)`.
        allowed: Which rows may be taken, `(rows,)`.
        goals: `(S,)`; their rows stay as they are.
        chosen: `(S,)`, written.

    Returns:
        Which states a goal can be reached from, `(S,)`.
    """
    reached = goals.copy()
    queue = np.empty(len(goals), dtype=np.int64)
    first, last = 0, 0
    for s in range(len(goals)):
        if goals[s]:
            queue[last] = s
            last += 1
    while first < last:
        state = queue[first]
        first += 1
        for k in range(starts[state], starts[state + 1]):
            row = sources[k]
            if allowed[row] and not reached[owner[row]]:
                reached[owner[row]] = True
                chosen[owner[row]] = row
                queue[last] = owner[row]
                last += 1
    return reached
