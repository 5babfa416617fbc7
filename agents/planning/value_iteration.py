"""Value iteration (Bellman 1957; NNDL Alg. 14.2), synchronous and in place."""

from dataclasses import dataclass

import numpy as np

from rlkit.agents.planning.bounds import PATIENCE, Certifier
from rlkit.agents.planning.planner import Planner, PlannerConfig, legal_policy
from rlkit.solution import Solution

LESS = 0.9
"""Share of a sweep's change, as of the last certificate, at which the next is worth a backup."""


@dataclass(frozen=True)
class ValueIterationConfig(PlannerConfig):
    """Hyper-parameters of value iteration."""

    max_iterations: int = 1_000_000
    """Sweeps after which to give up with an error, at least 1."""


class ValueIteration(Planner):
    """Backs up all states until the values are certified to be within the tolerance."""

    Config = ValueIterationConfig

    def _solve(self) -> Solution:
        model, certifier = self.model, Certifier(self.model, self.config.tolerance)
        policy = legal_policy(model)
        values, following = np.zeros(model.num_states), np.empty(model.num_states)
        for iteration in range(1, self.config.max_iterations + 1):
            backup = self._backup(values, following, policy)
            certificate = certifier(backup, following, policy)
            if self._enough(certificate):
                return self._solution(following, iteration, certificate)
            values, following = following, values
        raise self._too_slow(certificate.bound)


class InPlaceValueIteration(Planner):
    """Backs up one state after the other, so that each sees the new values of those before it.

    One array instead of two, and news that travel along the order of the states reach the end in a
    single sweep (Gauss-Seidel; Sutton and Barto, sec. 4.1 and 4.4). States are swept by index.
    """

    Config = ValueIterationConfig

    def _solve(self) -> Solution:
        from rlkit.agents.planning.kernels import sweep

        model, certifier = self.model, Certifier(self.model, self.config.tolerance)
        policy, order = legal_policy(model), np.arange(model.num_states)
        values, improved = np.zeros(model.num_states), np.empty(model.num_states)
        certified, wanted, bound = 0, np.inf, np.inf
        for iteration in range(1, self.config.max_iterations + 1):
            change = sweep(*self.arguments, values, order)
            if change <= wanted or iteration - certified >= PATIENCE:
                backup = self._backup(values, improved, policy)
                certificate = certifier(backup, improved, policy)
                if self._enough(certificate):
                    return self._solution(improved, iteration, certificate)
                certified, wanted, bound = iteration, LESS * change, certificate.bound
        raise self._too_slow(bound)
