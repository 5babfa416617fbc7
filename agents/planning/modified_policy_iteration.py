"""Modified policy iteration (Puterman and Shin 1978; Puterman 1994, section 6.5), certified."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from rlkit.agents.planning.bounds import Certifier
from rlkit.agents.planning.planner import Planner, PlannerConfig, legal_policy, unsigned
from rlkit.arrays import Floats, Ints
from rlkit.linear import correction, cut_loops
from rlkit.solution import Solution

MIXING = 0.5
"""A round of backups that leaves more than this of the error shows that news travels slowly."""
REDUCTION = 1e-2
"""Share of the error that the solver may leave at first."""


@dataclass(frozen=True)
class ModifiedPolicyIterationConfig(PlannerConfig):
    """Hyper-parameters of modified policy iteration."""

    max_iterations: int = 10_000
    """Rounds of improvement and evaluation after which to give up with an error, at least 1."""
    evaluations: int = 20
    """Backups of the fixed policy between two improvements; rounded up to an even number."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.evaluations < 1:
            raise ValueError(f"evaluations must be at least 1, got {self.evaluations}")


class ModifiedPolicyIteration(Planner):
    """Improves the policy, then evaluates it only roughly, until the values are certified.

    Where everything mixes, a few *backups* of the fixed policy are evaluation enough. Where they
    hardly move the certificate, as in mazes, it goes on with *corrections*: the values are guessed
    in one pass from the goals outwards; then each round sweeps them in place from high to low and
    solves the policy's linear system roughly (inexact policy iteration; Gargiani et al. 2024).
    """

    Config = ModifiedPolicyIterationConfig

    def _solve(self) -> Solution:
        model, certifier = self.model, Certifier(self.model, self.over)
        policy = legal_policy(model)
        values, improved = np.zeros(model.num_states), np.empty(model.num_states)
        mixing, reduction, previous = True, REDUCTION, np.inf
        for iteration in range(1, self.config.max_iterations + 1):
            if not mixing:
                order = self._sweep(values)
            least, largest = self._backup(values, improved, policy)
            certificate = certifier(least, largest, policy)
            if self._enough(certifier, certificate, least, largest, improved):
                return self._solution(improved, policy, iteration, certificate)
            error = certificate.bound if model.discount < 1 else max(-least, largest)
            if mixing and iteration > 2 and error > MIXING * previous:
                mixing, values = False, self._first_guess(policy)
            elif mixing:
                values, improved = improved, values
                self._follow(values, improved, policy)
            else:
                reduction *= 0.3 if error > 0.9 * previous and reduction > 1e-8 else 1.0
                values = self._corrected(values, improved, policy, order, reduction)
            previous = error
            self._refuse_endless(iteration, policy)
        raise self._too_slow(certificate.bound)

    def _follow(self, values: Floats, spare: Floats, policy: Ints) -> None:
        """Evaluate roughly: back up `values` in place under the fixed policy."""
        from rlkit.agents.planning.kernels import follow, policy_rows

        rows, R, _, over, discount = self.arguments
        starts, columns, probs, rewards = policy_rows(rows, R, over, policy)
        pairs = (self.config.evaluations + 1) // 2
        follow((unsigned(starts), columns, probs), rewards, discount, values, spare, pairs)

    def _first_guess(self, policy: Ints) -> Floats:
        """Return values carried from the goals to everywhere, and write their actions."""
        from rlkit.agents.planning.kernels import rows_into, settle

        P = self.model.P
        into = rows_into(P.indptr, P.indices, self.model.num_states)
        return np.asarray(settle(*self.arguments, into, policy))

    def _sweep(self, values: Floats) -> Ints:
        """Back up in place from high to low values; return that order of the states."""
        from rlkit.agents.planning.kernels import sweep

        order = np.argsort(-values, kind="stable")
        sweep(*self.arguments, values, order)
        return order

    def _corrected(
        self, values: Floats, improved: Floats, policy: Ints, order: Ints, reduction: float
    ) -> Floats:
        """Return the values of the policy, roughly; one backup where the solver breaks down."""
        from rlkit.agents.planning.kernels import policy_rows

        rows, R, _, over, discount = self.arguments
        starts, columns, probs, _ = policy_rows(rows, R, over, policy)
        columns = columns.view(self.model.P.indices.dtype)
        transitions = sparse.csr_array((probs, columns, starts), shape=(len(values), len(values)))
        if discount == 1:
            transitions = cut_loops(transitions)
        errors = improved - values
        step = correction(transitions, errors, discount, order, reduction)
        return values + step if np.isfinite(step).all() else improved.copy()
