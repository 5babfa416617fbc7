"""Policy iteration (Howard 1960; NNDL Alg. 14.1)."""

from dataclasses import dataclass

import numpy as np

from rlkit.agents.planning.bounds import Certifier, uniform_policy
from rlkit.agents.planning.planner import TIE, Planner, PlannerConfig, legal_policy
from rlkit.arrays import Floats
from rlkit.linear import policy_system, solve_values
from rlkit.policy import TabularPolicy
from rlkit.solution import Solution

CLEARLY = 1e-9
"""At first an action must be better by this much, relative to its value, to replace another."""


@dataclass(frozen=True)
class PolicyIterationConfig(PlannerConfig):
    """Hyper-parameters of policy iteration."""

    max_iterations: int = 10_000
    """Rounds of evaluation and improvement after which to give up with an error, at least 1."""


class PolicyIteration(Planner):
    """Evaluates the policy exactly, improves it, and stops when nothing improves.

    It begins with the uniform policy. An action stays unless another is clearly better, so
    rounding noise cannot make it turn in circles; *clearly* becomes less only where the
    certificate asks for it.
    """

    Config = PolicyIterationConfig

    def _solve(self) -> Solution:
        model, certifier = self.model, Certifier(self.model, self.over)
        policy, improved = uniform_policy(model), np.empty(model.num_states)
        actions, margin = legal_policy(model), CLEARLY
        values = None
        for iteration in range(1, self.config.max_iterations + 1):
            before, values = values, self._evaluate(policy, values)
            incumbents = actions.copy()
            least, largest = self._backup(values, improved, actions, margin)
            if policy.deterministic and (
                (actions == incumbents).all() or _stands(before, values, margin)
            ):
                certificate = certifier(least, largest, actions)
                if certificate.bound <= self.config.tolerance or margin <= TIE:
                    return self._solution(improved, actions, iteration, certificate)
                margin /= 100
            policy = TabularPolicy(actions, model.num_actions)
        raise self._too_slow(np.inf)

    def _evaluate(self, policy: TabularPolicy, guess: Floats | None) -> Floats:
        return solve_values(*policy_system(self.model, policy), self.model.discount, guess)


def _stands(before: Floats | None, values: Floats, margin: float) -> bool:
    """Return whether a round at a finer margin than the first improved no value beyond noise."""
    if before is None or margin == CLEARLY:
        return False
    return bool((values - before).max() <= TIE * np.abs(values).max())
