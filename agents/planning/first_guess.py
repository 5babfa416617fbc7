"""A first guess of the values: the news of the goals carried to every state in one pass."""

import heapq
from typing import Any

import numpy as np

from rlkit.agents.planning.kernels import Rows
from rlkit.arrays import Array, Bools, Floats, Ints
from rlkit.compiled import compiled, shared


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
