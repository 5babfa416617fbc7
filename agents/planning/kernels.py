"""Compiled Bellman backups over sparse rows."""

from typing import Any

import numpy as np

from rlkit.arrays import Bools, Floats, Ints
from rlkit.compiled import compiled, shared

Rows = tuple[Any, Any, Any]
"""indptr, indices and data of P, row s * A + a."""

BETTER = 1e-9
"""An action replaces the incumbent only if it is better by this much, relative to the value."""


@shared
def expected(rows: Rows, row: int, values: Floats) -> float:
    """Return sum_s' p(s'|row) V(s')."""
    indptr, indices, data = rows
    total = 0.0
    for k in range(indptr[row], indptr[row + 1]):
        total += data[k] * values[indices[k]]
    return total


@shared
def best_action(
    rows: Rows, R: Floats, legal: Bools, discount: float, values: Floats, s: int, incumbent: int
) -> tuple[int, float]:
    """Return the best legal action and its value; the incumbent stays unless clearly beaten."""
    num_actions = R.shape[1]
    best = -1e300
    chosen = -1
    kept = -1e300
    for a in range(num_actions):
        if legal[s, a]:
            q = R[s, a] + discount * expected(rows, s * num_actions + a, values)
            if q > best:
                best, chosen = q, a
            if a == incumbent:
                kept = q
    if kept >= best - BETTER * max(1.0, abs(best)):
        chosen = incumbent
    return chosen, best


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
) -> tuple[float, float]:
    """Write TV to `out` and improve `policy`; return the least and the largest change."""
    least, largest = np.inf, -np.inf
    for s in range(len(values)):
        if over[s]:
            out[s] = 0.0
            continue
        policy[s], out[s] = best_action(rows, R, legal, discount, values, s, policy[s])
        least = min(least, out[s] - values[s])
        largest = max(largest, out[s] - values[s])
    return least, largest


@compiled
def follow(
    rows: Rows, R: Floats, over: Bools, discount: float, values: Floats, out: Floats, policy: Ints
) -> None:
    """Write T_pi V to `out`: one backup of a fixed policy."""
    num_actions = R.shape[1]
    for s in range(len(values)):
        a = policy[s]
        out[s] = (
            0.0 if over[s] else R[s, a] + discount * expected(rows, s * num_actions + a, values)
        )


@compiled
def sweep(
    rows: Rows,
    R: Floats,
    legal: Bools,
    over: Bools,
    discount: float,
    values: Floats,
    policy: Ints,
    order: Ints,
    follow_on: int,
) -> None:
    """Back up `values` in place, state by state in `order` (Gauss-Seidel).

    One sweep improves the policy, `follow_on` further ones keep it.
    """
    num_actions = R.shape[1]
    for s in order:
        if not over[s]:
            policy[s], values[s] = best_action(rows, R, legal, discount, values, s, policy[s])
    for _ in range(follow_on):
        for s in order:
            if not over[s]:
                a = policy[s]
                values[s] = R[s, a] + discount * expected(rows, s * num_actions + a, values)
