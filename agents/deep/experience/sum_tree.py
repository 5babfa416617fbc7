"""A sum tree: drawing in proportion to priorities, in time logarithmic in their number."""

import numpy as np
from numpy.typing import ArrayLike

from rlkit.arrays import Floats, Ints


class SumTree:
    """Priorities as the leaves of a binary tree whose every node holds the sum below it.

    Node 1 is the root, node i has the children 2i and 2i + 1 (Schaul et al. 2016, app. B.2.1).
    Sums are computed anew from the children, so no rounding error builds up.

    Args:
        size: The number of leaves.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._depth = max(size - 1, 1).bit_length()
        self._nodes = np.zeros(2 << self._depth)

    @property
    def total(self) -> float:
        """The sum of all priorities."""
        return float(self._nodes[1])

    @property
    def leaves(self) -> Floats:
        """The priorities, `(size,)`; a view."""
        first = 1 << self._depth
        return self._nodes[first : first + self.size]

    def set(self, indices: Ints, priorities: ArrayLike) -> None:
        """Set priorities; where an index comes twice, the last one counts."""
        nodes = indices + (1 << self._depth)
        self._nodes[nodes] = priorities
        for _ in range(self._depth):
            nodes >>= 1
            self._nodes[nodes] = self._nodes[2 * nodes] + self._nodes[2 * nodes + 1]

    def find(self, shares: Floats) -> Ints:
        """Return the leaf in which each share of the total falls, `(N,)`.

        Args:
            shares: `(N,)`, in [0, 1).
        """
        left = shares * self.total
        nodes = np.ones(len(shares), np.int64)
        for _ in range(self._depth):
            nodes *= 2
            below = self._nodes[nodes]
            # Rounding must not lead to a branch of priority 0.
            right = (left >= below) & (self._nodes[nodes + 1] > 0)
            left -= below * right
            nodes += right
        return nodes - (1 << self._depth)
