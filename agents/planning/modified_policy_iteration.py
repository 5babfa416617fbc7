"""Modified policy iteration (Puterman and Shin 1978), certified, for large sparse problems."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from rlkit.agents.planning.bounds import certify, leaks
from rlkit.agents.planning.planner import (
    Planner,
    arguments,
    first_policy,
    refuse_improper,
    too_slow,
)
from rlkit.agents.planning.value_iteration import STILL
from rlkit.arrays import Floats, Ints
from rlkit.solution import Solution

TRY_AGAIN = 12
"""Rounds after which the way of evaluating that was slower is tried again."""


@dataclass(frozen=True)
class ModifiedPolicyIterationConfig:
    """Hyper-parameters of modified policy iteration."""

    discount: float | None = None
    """In [0, 1]; None takes the problem's own."""
    tolerance: float = 1e-8
    """Certified distance to the optimum at which to stop."""
    max_iterations: int = 100_000
    """Rounds after which to give up with an error."""
    evaluations: int = 10
    """Backups of the fixed policy between two improvements."""


class ModifiedPolicyIteration(Planner):
    """Improves the policy, then evaluates it only roughly, until the values are certified.

    A round evaluates in one of two ways. *Together*, all states from the same old values, keeps a
    constant error constant, so the certificate removes it: best where everything mixes. *In order*
    of value, in place, carries news from the goals through the whole problem in one sweep: best in
    mazes. The way that shrinks the certificate faster by the clock is taken.
    """

    Config = ModifiedPolicyIterationConfig

    def solve(self) -> Solution:
        """Solve the problem; see `Planner.solve`."""
        from rlkit.agents.planning.kernels import backup

        model, config = self.model, self.config
        refuse_improper(model)
        leaking, discount = leaks(model), model.discount
        values, improved = np.zeros(model.num_states), np.empty(model.num_states)
        policy = first_policy(model)
        choice = _Choice()
        bound = np.inf
        for iteration in range(1, config.max_iterations + 1):
            least, largest = backup(*arguments(model), values, improved, policy)
            shift, bound = certify(least, largest, discount, leaking=leaking)
            change = max(-least, largest)
            still = discount == 1 and change <= STILL * max(1.0, float(np.abs(improved).max()))
            if bound <= config.tolerance or still:
                return self._finish(values, policy, iteration)
            choice.note(bound if discount < 1 else change)
            if not leaking:
                improved += shift
            values, improved = improved, values
            if choice.in_order:
                self._evaluate_in_order(values, policy, backwards=choice.round % 2 == 1)
            else:
                values, improved = self._evaluate_together(values, improved, policy)
        raise too_slow("modified policy iteration", config.max_iterations, bound, config.tolerance)

    def _evaluate_together(
        self, values: Floats, spare: Floats, policy: Ints
    ) -> tuple[Floats, Floats]:
        from rlkit.agents.planning.kernels import follow

        rows, R, _, over, discount = arguments(self.model)
        for _ in range(self.config.evaluations):
            follow(rows, R, over, discount, values, spare, policy)
            values, spare = spare, values
        return values, spare

    def _evaluate_in_order(self, values: Floats, policy: Ints, *, backwards: bool) -> None:
        """Sweep from high to low values; equal ones by index, every other time backwards."""
        from rlkit.agents.planning.kernels import sweep

        if backwards:
            order = len(values) - 1 - np.argsort(-values[::-1], kind="stable")
        else:
            order = np.argsort(-values, kind="stable")
        sweep(*arguments(self.model), values, policy, order, self.config.evaluations)


class _Choice:
    """Chooses between evaluating together and in order by the progress of each per second."""

    def __init__(self) -> None:
        self.in_order = False
        self.round = 0
        self._speed: dict[bool, float] = {}
        self._bound = np.inf
        self._clock = time.perf_counter()

    def note(self, bound: float) -> None:
        """Take the bound after a round, and choose for the next."""
        now = time.perf_counter()
        if np.isfinite(self._bound) and bound > 0:
            gained = np.log(self._bound / bound) / (now - self._clock)
            self._speed[self.in_order] = gained
        self._bound, self._clock = bound, now
        self.round += 1
        if len(self._speed) < 2 and self.round > 3:
            self.in_order = not self.in_order if self.in_order in self._speed else self.in_order
        elif len(self._speed) == 2:
            best: Any = max(self._speed, key=self._speed.__getitem__)
            self.in_order = best if self.round % TRY_AGAIN else not best
