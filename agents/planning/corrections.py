"""Evaluation where news travels slowly: sweeps in order of value, and a linear solver."""

import numpy as np
from scipy import sparse

from rlkit.agents.planning.planner import Arguments
from rlkit.arrays import Floats, Ints
from rlkit.linear import correction, cut_loops

REDUCTION = 0.1
"""Share of the error that the solver may leave at first."""


class Corrections:
    """Inexact policy iteration (Gargiani et al. 2024), for one problem.

    Args:
        arguments: What every kernel takes first.
    """

    def __init__(self, arguments: Arguments) -> None:
        self.arguments = arguments
        self._order: Ints = np.arange(len(arguments[1]))
        self._reduction = REDUCTION
        self._error = np.inf

    def first_guess(self, policy: Ints) -> Floats:
        """Return values carried from the goals to everywhere, and write their actions."""
        from rlkit.agents.planning.first_guess import settle
        from rlkit.agents.planning.graphs import rows_into

        rows, rewards = self.arguments[:2]
        into = rows_into(rows[0], rows[1], len(rewards))
        return np.asarray(settle(*self.arguments, into, policy))

    def sweep(self, values: Floats) -> None:
        """Back up `values` in place, from the highest to the lowest."""
        from rlkit.agents.planning.kernels import sweep

        # The order hardly changes from round to round, and what is nearly sorted is sorted fast.
        self._order = self._order[np.argsort(-values[self._order], kind="stable")]
        sweep(*self.arguments, values, self._order)

    def correct(self, values: Floats, improved: Floats, policy: Ints, error: float) -> Floats:
        """Return the values of `policy`, roughly: V + x, (I - discount P_pi) x = TV - V.

        Args:
            values: V, as swept last.
            improved: TV.
            policy: Its greedy actions, `(S,)`.
            error: How far V is from the optimum; where it hardly shrinks, x becomes more exact.
        """
        from rlkit.agents.planning.kernels import policy_rows

        if error > 0.9 * self._error:
            self._reduction = max(0.3 * self._reduction, 1e-8)
        self._error = error
        rows, R, _, over, discount = self.arguments
        starts, columns, probs, _ = policy_rows(rows, R, over, policy)
        columns = columns.view(np.dtype(f"i{columns.dtype.itemsize}"))
        transitions = sparse.csr_array((probs, columns, starts), shape=(len(values), len(values)))
        if discount == 1:
            transitions = cut_loops(transitions)
        return values + correction(
            transitions, improved - values, discount, self._order, self._reduction
        )
