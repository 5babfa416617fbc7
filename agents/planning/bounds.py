"""Certificates: how far values, and what the policy is worth, can be from the optimum.

With d = TV - V and k = discount / (1 - discount), the optimum lies between TV + k min d and
TV + k max d (MacQueen 1966). Where a step can end the episode the rows of P sum to less than 1,
and k becomes discount * stay / (1 - discount * stay), with the sum `stay` that makes the interval
wider (Porteus 1971; Puterman, Markov Decision Processes, section 6.6). The rounding error of the
backup, and of the values to come, counts as a part of d. A policy that falls short of TV by at
most `loss` in one step is worth no less than the lower end for d - loss, less that loss.

Where `discount * stay` is 1, or nearly, see `refinement`.
"""

from typing import NamedTuple

import numpy as np

from rlkit.agents.planning.refinement import refined
from rlkit.arrays import Floats, Ints
from rlkit.model import TabularModel
from rlkit.outcomes import TOLERANCE
from rlkit.policy import TabularPolicy

ROUNDING = 4 * float(np.finfo(np.float64).eps)
"""Error of one backup, relative to the values."""
PATIENCE = 20
"""Backups without progress, near the noise, after which no more is to be had."""
NEAR = 1e4
"""How many times the noise is near it."""
SLIGHT = 9e-5
"""Where a backup shrinks errors by less than this, they are long in shrinking."""
LONG = 256
"""Backups after which, and after every doubling of which, it is asked whether they still help."""
LESS = 100
"""How many times smaller a change must be before a refinement that failed is tried again."""


class Backup(NamedTuple):
    """The least and largest change TV - V, and what the policy loses against TV in one step."""

    least: float
    largest: float
    loss: float


class Certificate(NamedTuple):
    """The optimum and the policy's worth are within `bound` of TV + `shift`.

    It is `final` if rounding forbids a better one.
    """

    shift: float | Floats
    bound: float
    final: bool
    policy: Ints


class Certifier:
    """Judges the backups of one problem.

    Args:
        model: The problem; at discount 1 without free loops.
        tolerance: The bound that is wanted.
        waiting: Whether more backups will come, which are cheaper than a refinement.
    """

    def __init__(self, model: TabularModel, tolerance: float, *, waiting: bool = True) -> None:
        self.model, self.tolerance, self.waiting = model, tolerance, waiting
        over = model.over
        sums = (model.P @ (~over).astype(np.float64)).reshape(model.legal.shape)
        stays = sums[model.legal & ~over[:, None]]
        self.least_stay = float(stays.min(initial=1.0))
        self.largest_stay = float(stays.max(initial=0.0))
        self.kept = model.discount * self.largest_stay
        self._calls = 0
        self._change_before = np.inf
        self._smallest = np.inf
        self._since = 0
        self._check_below = np.inf

    @property
    def leaking(self) -> bool:
        """Whether a step can end the episode, so that a constant error does not stay constant."""
        return self.least_stay < 1 - TOLERANCE

    @property
    def contracting(self) -> bool:
        """Whether backups alone surely come to an end."""
        return self.kept <= 1 - SLIGHT

    def __call__(self, backup: Backup, backed_up: Floats, policy: Ints) -> Certificate:
        """Return the certificate of a backup.

        Args:
            backup: What `Planner._backup` returned.
            backed_up: TV, `(S,)`.
            policy: Its greedy actions, `(S,)`.
        """
        if not np.isfinite(backup.least):  # every state is over
            return Certificate(0.0, 0.0, final=True, policy=policy)
        change = max(-backup.least, backup.largest)
        scale = float(np.abs(backed_up).max())
        if self.kept < 1:
            certificate = self._contracted(backup, change, scale, policy)
            if self.contracting or certificate.bound <= self.tolerance:
                return certificate
        return self._refined(change, ROUNDING * scale, backed_up, policy)

    def _contracted(self, backup: Backup, change: float, scale: float, policy: Ints) -> Certificate:
        """Return the certificate that the discount, and ends of episodes, give."""
        noise = ROUNDING * (scale + change / (1 - self.kept))
        least = backup.least - backup.loss - noise
        low = self._remaining(least, self.largest_stay, self.least_stay) - backup.loss
        high = self._remaining(backup.largest + noise, self.least_stay, self.largest_stay)
        bound = (high - low) / 2 + noise
        final = bound <= 2 * noise / (1 - self.kept) or self._stuck(change, noise)
        return Certificate((low + high) / 2, bound, final, policy)

    def _stuck(self, change: float, noise: float) -> bool:
        """Return whether changes near the noise have not become smaller for long."""
        self._since = 0 if change < self._smallest else self._since + 1
        self._smallest = min(self._smallest, change)
        return self._since >= PATIENCE and change <= NEAR * noise

    def _remaining(self, change: float, stay_if_loss: float, stay_if_gain: float) -> float:
        """Return what is to come if every further backup changes the values alike."""
        kept = self.model.discount * (stay_if_gain if change > 0 else stay_if_loss)
        return change * kept / (1 - kept)

    def _refined(self, change: float, noise: float, backed_up: Floats, policy: Ints) -> Certificate:
        """Return an infinite bound while backups still help, then the best that can be had."""
        settled = change <= noise or self._stuck(change, noise)
        due = self._slow(change) or change <= min(self.tolerance, self._check_below)
        if settled or due or not self.waiting:
            self._check_below = change / LESS
            found = refined(self.model, backed_up, policy, self.tolerance)
            if found is not None:
                shift = found.values - backed_up
                return Certificate(shift, found.bound, final=True, policy=found.policy)
        return Certificate(0.0, np.inf, final=settled, policy=policy)

    def _slow(self, change: float) -> bool:
        """Return whether half of all backups have not halved the change."""
        self._calls += 1
        if self._calls < LONG or self._calls & (self._calls - 1):
            return False
        before, self._change_before = self._change_before, change
        return change > before / 2


def uniform_policy(model: TabularModel) -> TabularPolicy:
    """Return the policy that takes each legal action with the same probability."""
    allowed = model.legal | ~model.legal.any(axis=1, keepdims=True)
    return TabularPolicy(allowed / allowed.sum(axis=1, keepdims=True))
