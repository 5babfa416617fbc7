"""Policy iteration (Howard 1960; NNDL Alg. 14.1)."""

from dataclasses import dataclass

import numpy as np

from rlkit.agents.planning.planner import Planner, arguments, first_policy, too_slow
from rlkit.linear import policy_system, solve_values
from rlkit.policy import TabularPolicy
from rlkit.solution import Solution


@dataclass(frozen=True)
class PolicyIterationConfig:
    """Hyper-parameters of policy iteration."""

    discount: float | None = None
    """In [0, 1]; None takes the problem's own."""
    max_iterations: int = 10_000
    """Rounds of evaluation and improvement after which to give up with an error."""


class PolicyIteration(Planner):
    """Evaluates the policy exactly, improves it, and stops when nothing improves.

    It begins with the uniform policy. Ties keep the incumbent action, so rounding noise cannot
    make it turn in circles.
    """

    Config = PolicyIterationConfig

    def solve(self) -> Solution:
        """Solve the problem; see `Planner.solve`."""
        from rlkit.agents.planning.kernels import backup

        model = self.model
        counts = np.maximum(model.legal.sum(axis=1, keepdims=True), 1)
        current = TabularPolicy(model.legal / counts)
        actions = first_policy(model)
        improved = np.empty(model.num_states)
        for iteration in range(1, self.config.max_iterations + 1):
            values = solve_values(*policy_system(model, current), model.discount)
            before = actions.copy()
            backup(*arguments(model), values, improved, actions)
            if current.deterministic and (actions == before).all():
                return self._finish(values, actions, iteration)
            current = TabularPolicy(actions, model.num_actions)
        raise too_slow("policy iteration", self.config.max_iterations, np.inf, 0.0)
