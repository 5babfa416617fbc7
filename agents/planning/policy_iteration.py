"""Policy iteration (Howard 1960; NNDL Alg. 14.1)."""

from dataclasses import dataclass

import numpy as np

from rlkit.agents.planning.bounds import Certifier, uniform_policy
from rlkit.agents.planning.planner import TIE, Planner, PlannerConfig, legal_policy
from rlkit.arrays import Floats
from rlkit.linear import solve_values
from rlkit.policy import TabularPolicy
from rlkit.solution import Solution

CLEARLY = 1e-9
"""At first an action must be better by this much, relative to its value, to replace another."""
FINER = 100
"""What that margin is divided by while the certificate does not hold."""


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
        model = self.model
        certifier = Certifier(model, self.config.tolerance, waiting=False)
        policy, improved = uniform_policy(model), np.empty(model.num_states)
        actions, margin = legal_policy(model), CLEARLY
        values = None
        for iteration in range(1, self.config.max_iterations + 1):
            before, values = values, self._evaluate(policy, values)
            incumbents = actions.copy()
            # Whoever has not been evaluated yet is no incumbent: he might never end.
            self._backup(values, improved, actions, margin if policy.deterministic else 0.0)
            stable = policy.deterministic and bool((actions == incumbents).all())
            if stable or (margin < CLEARLY and not _gained(before, values)):
                greedy = actions.copy()
                certificate = certifier(self._backup(values, improved, greedy), improved, greedy)
                if certificate.bound <= self.config.tolerance or margin <= TIE:
                    return self._solution(improved, iteration, certificate)
                margin /= FINER
            policy = TabularPolicy(actions, model.num_actions)
        raise self._too_slow(np.inf)

    def _evaluate(self, policy: TabularPolicy, guess: Floats | None) -> Floats:
        try:
            return solve_values(*self.model.under(policy), self.model.discount, guess)
        except ValueError as error:  # a loop that costs something looked as good as the best
            raise self._hidden_by_rounding() from error


def _gained(before: Floats | None, values: Floats) -> bool:
    """Return whether a round improved any value by more than rounding noise."""
    return before is None or bool((values - before).max() > TIE * np.abs(values).max())
