"""Modified policy iteration (Puterman and Shin 1978; Puterman 1994, section 6.5), certified."""

from dataclasses import dataclass

import numpy as np

from rlkit.agents.planning.bounds import Backup, Certifier
from rlkit.agents.planning.corrections import Corrections
from rlkit.agents.planning.planner import Planner, PlannerConfig, legal_policy, unsigned
from rlkit.arrays import Floats, Ints
from rlkit.solution import Solution

MIXING = 0.8
"""A round of backups that leaves more than this of the error shows that news travels slowly."""
PATIENCE, SHORT_PATIENCE = 75, 2
"""Rounds before that is believed: with a discount news may be on its way; without one plain backups
may take for ever."""
CLOSE = 1e-3
"""Change, relative to the values, below which actions that differ by rounding are tied."""
SETTLED = 0.1
"""Share of a round's change that is left when the next improvement is worth more than backups."""


@dataclass(frozen=True)
class ModifiedPolicyIterationConfig(PlannerConfig):
    """Hyper-parameters of modified policy iteration."""

    max_iterations: int = 10_000
    """Rounds of improvement and evaluation after which to give up with an error, at least 1."""
    evaluations: int = 30
    """Backups of the fixed policy between two improvements, at most; rounded up to even."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.evaluations < 1:
            raise ValueError(f"evaluations must be at least 1, got {self.evaluations}")


class ModifiedPolicyIteration(Planner):
    """Improves the policy, then evaluates it only roughly, until the values are certified.

    The planner to take by default. Where everything mixes, a few backups of the fixed policy are
    evaluation enough. Where many rounds hardly move the certificate, as in mazes, it goes on with
    `Corrections`: the values are guessed in one pass from the goals outwards; then each round
    sweeps them in place from high to low and solves the policy's linear system roughly.
    """

    Config = ModifiedPolicyIterationConfig

    def _solve(self) -> Solution:
        model, certifier = self.model, Certifier(self.model, self.config.tolerance)
        policy = legal_policy(model)
        values, improved = np.zeros(model.num_states), np.empty(model.num_states)
        corrections: Corrections | None = None
        previous = np.inf
        patience = PATIENCE if certifier.contracting else SHORT_PATIENCE
        change = np.inf if certifier.contracting else 0.0
        for iteration in range(1, self.config.max_iterations + 1):
            if corrections:
                corrections.sweep(values)
            backup = self._improve(values, improved, policy, change)
            certificate = certifier(backup, improved, policy)
            if self._enough(certificate):
                return self._solution(improved, iteration, certificate)
            least, largest, _ = backup
            error = certificate.bound if certifier.contracting else max(-least, largest)
            if corrections:
                values = corrections.correct(values, improved, policy, error)
            elif iteration > patience and error > MIXING * previous:
                corrections, change = Corrections(self.arguments), 0.0
                values = corrections.first_guess(policy)
            else:
                change = largest - least if certifier.contracting else 0.0
                values, improved = improved, values
                enough = SETTLED * (largest - least)
                self._follow(values, improved, policy, enough, anchored=certifier.leaking)
            previous = error
        raise self._too_slow(certificate.bound)

    def _improve(self, values: Floats, improved: Floats, policy: Ints, change: float) -> Backup:
        """Back up, and return what came of it; `change` is how wide the last was.

        Far from the optimum even a difference as small as rounding is news of the way and breaks
        ties; close to it such differences would turn the policy for ever.
        """
        if change > CLOSE * float(np.abs(values).max(initial=0.0)):
            return self._backup(values, improved, policy, margin=0.0, rounding=0.0)
        return self._backup(values, improved, policy)

    def _follow(
        self, values: Floats, spare: Floats, policy: Ints, enough: float, *, anchored: bool
    ) -> None:
        """Evaluate roughly: back up `values` in place under the fixed policy."""
        from rlkit.agents.planning.kernels import follow, policy_rows

        rows, R, _, over, discount = self.arguments
        starts, columns, probs, rewards = policy_rows(rows, R, over, policy)
        pairs = (self.config.evaluations + 1) // 2
        chosen = (unsigned(starts), columns, probs)
        follow(chosen, rewards, discount, values, spare, pairs, enough, anchored)
