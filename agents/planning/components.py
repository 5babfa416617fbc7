"""End components: sets of states, each with some of its actions, that need never be left.

A policy that never ends stays in one at last. The maximal ones are found by taking strongly
connected components and dropping the actions that leave them, until nothing is dropped (de Alfaro
1997; Baier and Katoen, Principles of Model Checking, section 10.6.3).
"""

from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from rlkit.arrays import Bools, Ints
from rlkit.linear import LEAK


class Components(NamedTuple):
    """Maximal end components.

    Attributes:
        label: `(S,)`, the component of each state, 0 ... number - 1; -1 where there is none.
        inside: `(rows,)`, the rows that stay in a component.
        number: How many there are.
    """

    label: Ints
    inside: Bools
    number: int


def end_components(P: sparse.csr_array, owner: Ints, allowed: Bools) -> Components:
    """Return the maximal end components among the allowed rows.

    Args:
        P: `(rows, S)`.
        owner: The state that each row belongs to, `(rows,)`.
        allowed: Rows that may be taken and never end the episode, `(rows,)`.
    """
    from rlkit.agents.planning.graphs import drop_dead_ends, rows_into

    size = P.shape[1]
    inside = allowed.copy()
    if not inside.any():
        return Components(np.full(size, -1), inside, 0)
    starts, sources = rows_into(P.indptr, P.indices, size)
    while True:
        drop_dead_ends(starts, sources, owner, inside)
        rows = np.flatnonzero(inside)
        links = sparse.csr_array(P[rows])
        of = np.repeat(rows, np.diff(links.indptr))
        ends = (owner[of], links.indices)
        graph = sparse.coo_array((np.ones(len(of), dtype=np.int8), ends), shape=(size, size))
        _, label = connected_components(graph.tocsr(), directed=True, connection="strong")
        leaving = of[label[ends[0]] != label[ends[1]]]
        if not len(leaving):
            break
        inside[leaving] = False
    label[np.bincount(owner[rows], minlength=size) == 0] = -1
    kept, compact = np.unique(label, return_inverse=True)
    first = int(kept[0] == -1)
    return Components(np.asarray(compact - first), inside, len(kept) - first)


def ending_rows(P: sparse.csr_array, over: Bools) -> Bools:
    """Return which rows may end the episode, `(rows,)`: mass is missing, or leads out."""
    missing = 1 - np.asarray(P.sum(axis=1)).ravel() > LEAK
    return np.asarray(missing | (P @ over.astype(np.float64) > 0))
