"""Value iteration (Bellman 1957; NNDL Alg. 14.2)."""

from dataclasses import dataclass

import numpy as np

from rlkit.agents.planning.bounds import Certifier
from rlkit.agents.planning.planner import Planner, PlannerConfig, legal_policy
from rlkit.solution import Solution


@dataclass(frozen=True)
class ValueIterationConfig(PlannerConfig):
    """Hyper-parameters of value iteration."""

    max_iterations: int = 1_000_000
    """Sweeps after which to give up with an error, at least 1."""


class ValueIteration(Planner):
    """Backs up all states until the values are certified to be within the tolerance."""

    Config = ValueIterationConfig

    def _solve(self) -> Solution:
        model, certifier = self.model, Certifier(self.model, self.over)
        policy = legal_policy(model)
        values, following = np.zeros(model.num_states), np.empty(model.num_states)
        for iteration in range(1, self.config.max_iterations + 1):
            least, largest = self._backup(values, following, policy)
            certificate = certifier(least, largest, following, policy)
            if self._enough(certificate):
                return self._solution(following, policy, iteration, certificate)
            values, following = following, values
            self._refuse_endless(iteration, policy)
        raise self._too_slow(certificate.bound)
