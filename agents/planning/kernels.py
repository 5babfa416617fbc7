"""Compiled Bellman backups over sparse rows, and a first guess of the values."""

import heapq
from typing import Any

import numpy as np

from rlkit.arrays import Array, Bools, Floats, Ints
from rlkit.compiled import compiled, shared

Rows = tuple[Any, Any, Any]
"""indptr, indices and data of P, row s * A + a; the first two unsigned, which index faster."""


@shared
def expected(indptr: Array, indices: Array, data: Floats, row: int, values: Floats) -> float:
    """Return sum_s' p(s'|row) V(s')."""
    total = 0.0
    for k in range(indptr[row], indptr[row + 1]):
        total += data[k] * values[indices[k]]
    return total


@compiled
def backup(
    rows: Rows,
    R: Floats,
    legal: Bools,
    over: Bools,
    discount: float,
    values: Floats,
    out: Floats,
    policy: Ints,
    margin: float,
    noise: float,
) -> tuple[float, float, int]:
    """Write TV to `out` and improve `policy`, where clearly beaten.

    An action replaces the incumbent only if its value q is better by more than
    `margin` |q| + `noise`.

    Returns:
        The least and the largest change TV - V (infinite if every state is over), and how many
        states changed their action.
    """
    indptr, indices, data = rows
    num_actions = R.shape[1]
    least, largest, switched = np.inf, -np.inf, 0
    for s in range(len(values)):
        if over[s]:
            out[s] = 0.0
            continue
        best, chosen, kept = -np.inf, -1, -np.inf
        for a in range(num_actions):
            if legal[s, a]:
                q = R[s, a] + discount * expected(
                    indptr, indices, data, s * num_actions + a, values
                )
                if q > best:
                    best, chosen = q, a
                if a == policy[s]:
                    kept = q
        if not kept >= best - (margin * abs(best) + noise):
            policy[s] = chosen
            switched += 1
        out[s] = best
        least = min(least, best - values[s])
        largest = max(largest, best - values[s])
    return least, largest, switched


@compiled
def sweep(
    rows: Rows,
    R: Floats,
    legal: Bools,
    over: Bools,
    discount: float,
    values: Floats,
    order: Ints,
) -> None:
    """Back up `values` in place, state by state in `order` (Gauss-Seidel)."""
    indptr, indices, data = rows
    num_actions = R.shape[1]
    for s in order:
        if over[s]:
            continue
        best = -np.inf
        for a in range(num_actions):
            if legal[s, a]:
                q = R[s, a] + discount * expected(
                    indptr, indices, data, s * num_actions + a, values
                )
                best = max(best, q)
        values[s] = best


@compiled
def policy_rows(
    rows: Rows, R: Floats, over: Bools, policy: Ints
) -> tuple[Ints, Array, Floats, Floats]:
    """Return P_pi as CSR, with empty rows where the episode is over, and r_pi `(S,)`."""
    indptr, indices, data = rows
    size, num_actions = R.shape
    starts = np.zeros(size + 1, dtype=np.int64)
    for s in range(size):
        row = s * num_actions + policy[s]
        length = 0 if over[s] else np.int64(indptr[row + 1]) - np.int64(indptr[row])
        starts[s + 1] = starts[s] + length
    columns = np.empty(starts[-1], dtype=indices.dtype)
    probs = np.empty(starts[-1])
    rewards = np.zeros(size)
    for s in range(size):
        if not over[s]:
            rewards[s] = R[s, policy[s]]
            first = np.int64(indptr[s * num_actions + policy[s]])
            for k in range(starts[s + 1] - starts[s]):
                columns[starts[s] + k] = indices[first + k]
                probs[starts[s] + k] = data[first + k]
    return starts, columns, probs, rewards


@compiled
def follow(
    rows: Rows, rewards: Floats, discount: float, values: Floats, spare: Floats, pairs: int
) -> None:
    """Replace `values` by what 2 `pairs` backups T_pi of a fixed policy make of them."""
    indptr, indices, data = rows
    for _ in range(pairs):
        for s in range(len(values)):
            spare[s] = rewards[s] + discount * expected(indptr, indices, data, s, values)
        for s in range(len(values)):
            values[s] = rewards[s] + discount * expected(indptr, indices, data, s, spare)


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


@shared
def settled_value(
    indptr: Array,
    indices: Array,
    data: Floats,
    row: int,
    reward: float,
    settled: Bools,
    values: Floats,
    discount: float,
) -> float:
    """Return the value of a row whose unsettled successors are worth what it is worth itself."""
    known, unsettled = 0.0, 0.0
    for k in range(indptr[row], indptr[row + 1]):
        if settled[indices[k]]:
            known += data[k] * values[indices[k]]
        else:
            unsettled += data[k]
    return (reward + discount * known) / max(1.0 - discount * unsettled, 1e-6)


@compiled
def first_labels(
    rows: Rows, R: Floats, legal: Bools, over: Bools, discount: float, policy: Ints
) -> Floats:
    """Return what each state is worth if it is never left but for the end, `(S,)`."""
    indptr, indices, data = rows
    num_states, num_actions = R.shape
    values = np.where(over, 0.0, -np.inf)
    for s in range(num_states):
        for a in range(num_actions):
            if legal[s, a] and not over[s]:
                row = s * num_actions + a
                q = settled_value(indptr, indices, data, row, R[s, a], over, values, discount)
                if q > values[s]:
                    values[s], policy[s] = q, a
    return values


@compiled
def settle(
    rows: Rows,
    R: Floats,
    legal: Bools,
    over: Bools,
    discount: float,
    into: tuple[Any, Any],
    policy: Ints,
) -> Floats:
    """Return a first guess of V, `(S,)`, and write its actions to `policy`.

    States are settled from the highest value down, as in Dijkstra's algorithm. In a maze this
    carries the news of the goals to every state at once; elsewhere it is only a guess.
    """
    indptr, indices, data = rows
    starts, sources = into
    num_actions = R.shape[1]
    values = first_labels(rows, R, legal, over, discount, policy)
    settled = over.copy()
    heap = [(-values[s], s) for s in range(len(values)) if not over[s]]
    heapq.heapify(heap)
    while len(heap) > 0:
        label, arrived = heapq.heappop(heap)
        if settled[arrived] or -label < values[arrived]:
            continue
        settled[arrived] = True
        for k in range(starts[arrived], starts[arrived + 1]):
            row = sources[k]
            s, a = row // num_actions, row % num_actions
            if not settled[s] and legal[s, a]:
                q = settled_value(indptr, indices, data, row, R[s, a], settled, values, discount)
                if q > values[s]:
                    values[s], policy[s] = q, a
                    heapq.heappush(heap, (-q, s))
    return values
