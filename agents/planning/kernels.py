"""Compiled Bellman backups over sparse rows."""

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
) -> tuple[float, float, float]:
    """Write TV to `out` and improve `policy`, where clearly beaten.

    An action replaces the incumbent only if its value q is better by more than
    `margin` |q| + `noise`.

    Returns:
        The least and the largest change TV - V (infinite if every state is over), and how much
        less than TV an action that was kept is worth, at most.
    """
    indptr, indices, data = rows
    num_actions = R.shape[1]
    least, largest, loss = np.inf, -np.inf, 0.0
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
        else:
            loss = max(loss, best - kept)
        out[s] = best
        least = min(least, best - values[s])
        largest = max(largest, best - values[s])
    return least, largest, loss


@compiled
def sweep(
    rows: Rows,
    R: Floats,
    legal: Bools,
    over: Bools,
    discount: float,
    values: Floats,
    order: Ints,
) -> float:
    """Back up `values` in place, state by state in `order`; return the largest change by size.

    Each state sees the new values of those before it (Gauss-Seidel).
    """
    indptr, indices, data = rows
    num_actions = R.shape[1]
    change = 0.0
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
        change = max(change, abs(best - values[s]))
        values[s] = best
    return change


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
    rows: Rows,
    rewards: Floats,
    discount: float,
    values: Floats,
    spare: Floats,
    pairs: int,
    enough: float,
    anchored: bool,
) -> None:
    """Back up `values` under a fixed policy, at most 2 `pairs` times.

    It ends early once the changes of all states lie within an interval of length `enough`, which
    contains 0 if `anchored`.
    """
    indptr, indices, data = rows
    for _ in range(pairs):
        for s in range(len(values)):
            spare[s] = rewards[s] + discount * expected(indptr, indices, data, s, values)
        least, largest = np.inf, -np.inf
        for s in range(len(values)):
            values[s] = rewards[s] + discount * expected(indptr, indices, data, s, spare)
            least = min(least, values[s] - spare[s])
            largest = max(largest, values[s] - spare[s])
        if anchored:
            least, largest = min(least, 0.0), max(largest, 0.0)
        if largest - least <= enough:
            return
