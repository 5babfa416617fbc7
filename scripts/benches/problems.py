"""Problems of any size, as arrays: random sparse ones, and open slippery grids."""

import numpy as np
from scipy import sparse

from rlkit.arrays import Floats

Arrays = tuple[sparse.csr_array, Floats]
"""P `(S * A, S)` and R `(S, A)`."""


def random_sparse(num_states: int, num_actions: int = 4, successors: int = 4) -> Arrays:
    """Return a problem whose pairs lead to `successors` random states, with rewards in [0, 1)."""
    rng = np.random.default_rng(0)
    pairs = num_states * num_actions
    columns = rng.integers(num_states, size=(pairs, successors), dtype=np.int32)
    probs = rng.random((pairs, successors))
    probs /= probs.sum(axis=1, keepdims=True)
    return _rows(columns, probs, num_states), rng.random((num_states, num_actions))


def slippery_grid(size: int, slip: float = 0.2) -> Arrays:
    """Return an open grid, -1 a move until the last cell, which is never left and pays nothing.

    A move goes to either side of where it should with probability `slip` / 2 each; walls stop it.
    """
    cells = np.arange(size * size, dtype=np.int32)
    row, column = np.divmod(cells, size)
    neighbours = [
        np.clip(row + down, 0, size - 1) * size + np.clip(column + right, 0, size - 1)
        for down, right in ((-1, 0), (0, 1), (1, 0), (0, -1))
    ]
    columns = np.stack(
        [[neighbours[(a + turn) % 4] for turn in (0, 1, 3)] for a in range(4)]
    ).transpose(2, 0, 1)
    columns[-1] = cells[-1]
    probs = np.broadcast_to([1 - slip, slip / 2, slip / 2], columns.shape)
    rewards = np.full((len(cells), 4), -1.0)
    rewards[-1] = 0.0
    return _rows(columns, probs, len(cells)), rewards


def _rows(columns: np.ndarray, probs: np.ndarray, num_states: int) -> sparse.csr_array:
    width = columns.shape[-1]
    starts = np.arange(0, columns.size + 1, width, dtype=np.int32)
    P = sparse.csr_array(
        (np.ravel(probs), np.ravel(columns), starts), shape=(columns.size // width, num_states)
    )
    P.sum_duplicates()
    return P
