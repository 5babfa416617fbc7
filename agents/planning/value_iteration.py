"""Value iteration (Bellman 1957; NNDL Alg. 14.2)."""

from dataclasses import dataclass

import numpy as np

from rlkit.agents.planning.bounds import certify, leaks
from rlkit.agents.planning.planner import (
    Planner,
    arguments,
    first_policy,
    refuse_improper,
    too_slow,
)
from rlkit.solution import Solution

STILL = 1e-12
"""At discount 1 the values stand when no backup moves them by more, relative to their size."""


@dataclass(frozen=True)
class ValueIterationConfig:
    """Hyper-parameters of value iteration."""

    discount: float | None = None
    """In [0, 1]; None takes the problem's own."""
    tolerance: float = 1e-8
    """Certified distance to the optimum at which to stop."""
    max_iterations: int = 1_000_000
    """Sweeps after which to give up with an error."""


class ValueIteration(Planner):
    """Backs up all states until the values are certified to be within the tolerance."""

    Config = ValueIterationConfig

    def solve(self) -> Solution:
        """Solve the problem; see `Planner.solve`."""
        from rlkit.agents.planning.kernels import backup

        model, config = self.model, self.config
        refuse_improper(model)
        leaking, discount = leaks(model), model.discount
        values, following = np.zeros(model.num_states), np.empty(model.num_states)
        policy = first_policy(model)
        bound = np.inf
        for iteration in range(1, config.max_iterations + 1):
            least, largest = backup(*arguments(model), values, following, policy)
            values, following = following, values
            bound = certify(least, largest, discount, leaking=leaking).bound
            change = max(-least, largest)
            still = discount == 1 and change <= STILL * max(1.0, float(np.abs(values).max()))
            if bound <= config.tolerance or still:
                return self._finish(values, policy, iteration)
        raise too_slow("value iteration", config.max_iterations, bound, config.tolerance)
