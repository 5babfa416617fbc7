"""Certificates: how far values can be from the optimum.

With d = TV - V and k = discount / (1 - discount), the optimum lies between TV + k min d and
TV + k max d (MacQueen 1966). Where a step can end the episode the rows of P sum to less than 1,
and k becomes discount * stay / (1 - discount * stay), with the sum `stay` that makes the interval
wider (Porteus 1971; Puterman, Markov Decision Processes, section 6.6). The rounding error of the
backup, and of the values to come, counts as a part of d.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse.csgraph import connected_components

from rlkit.arrays import Bools, Floats, Ints
from rlkit.linear import closed_loops, policy_system, solve_values, without_unpaid_loops
from rlkit.model import TabularModel
from rlkit.outcomes import TOLERANCE
from rlkit.policy import TabularPolicy

ROUNDING = 4 * float(np.finfo(np.float64).eps)
"""Error of one backup, relative to the values."""
PATIENCE = 20
"""Backups without progress, near the noise, after which no more is to be had."""
NEAR = 1e4
"""How many times the noise is near it."""


class Certificate(NamedTuple):
    """The optimum is within `bound` of TV + `shift`; `final` if rounding forbids a better one."""

    shift: float
    bound: float
    final: bool


class Certifier:
    """Judges the backups of one problem.

    Args:
        model: The problem.
        over: `(S,)`, states where the episode is over.
    """

    def __init__(self, model: TabularModel, over: Bools) -> None:
        self.model = model
        sums = (model.P @ (~over).astype(np.float64)).reshape(model.legal.shape)
        stays = sums[model.legal & ~over[:, None]]
        self.least_stay = float(stays.min(initial=1.0))
        self.largest_stay = float(stays.max(initial=0.0))
        self._smallest = np.inf
        self._since = 0
        self._check_below = np.inf

    @property
    def leaking(self) -> bool:
        """Whether a step can end the episode, so that a constant error does not stay constant."""
        return self.least_stay < 1 - TOLERANCE

    def __call__(
        self, least: float, largest: float, backed_up: Floats, policy: Ints
    ) -> Certificate:
        """Return the certificate of a backup.

        Args:
            least: min TV - V over the states that are not over.
            largest: max TV - V.
            backed_up: TV, `(S,)`.
            policy: Its greedy actions, `(S,)`; needed without a discount only.
        """
        if not np.isfinite(least):  # every state is over
            return Certificate(0.0, 0.0, final=True)
        change = max(-least, largest)
        scale = float(np.abs(backed_up).max())
        kept = self.model.discount * self.largest_stay
        if kept > 1 - TOLERANCE:
            noise = ROUNDING * scale
            final = change <= noise or self._stuck(change, noise)
            return Certificate(0.0, self._undiscounted(change + noise, policy, final), final)
        noise = ROUNDING * (scale + change / (1 - kept))
        low = self._remaining(least - noise, self.largest_stay, self.least_stay)
        high = self._remaining(largest + noise, self.least_stay, self.largest_stay)
        bound = (high - low) / 2 + noise
        final = bound <= 2 * noise / (1 - kept) or self._stuck(change, noise)
        return Certificate((low + high) / 2, bound, final)

    def _stuck(self, change: float, noise: float) -> bool:
        """Return whether changes near the noise have not become smaller for long."""
        self._since = 0 if change < self._smallest else self._since + 1
        self._smallest = min(self._smallest, change)
        return self._since >= PATIENCE and change <= NEAR * noise

    def _remaining(self, change: float, stay_if_loss: float, stay_if_gain: float) -> float:
        """Return what is to come if every further backup changes the values alike."""
        kept = self.model.discount * (stay_if_gain if change > 0 else stay_if_loss)
        return change * kept / (1 - kept)

    def _undiscounted(self, change: float, policy: Ints, final: bool) -> float:
        """Return the bound without a discount; infinity while the change has not halved since."""
        if change > self._check_below and not final:
            return np.inf
        self._check_below = change / 2
        return change * longest_episode(self.model, policy)


def longest_episode(model: TabularModel, policy: Ints) -> float:
    """Return the largest expected number of steps of a policy; infinity if it pays forever.

    At discount 1 the change times this number bounds |V_pi - V| for the greedy policy pi, and
    |V* - V| too unless optimal episodes last longer; no bound on V* holds in general where steps
    without end cost nothing.
    """
    transitions, rewards = policy_system(model, TabularPolicy(policy, model.num_actions))
    try:
        transitions = without_unpaid_loops(transitions, rewards)
    except ValueError:
        return np.inf
    steps = (np.diff(transitions.indptr) > 0).astype(np.float64)
    return max(float(solve_values(transitions, steps, 1.0).max()), 1.0)


def refuse_inescapable(model: TabularModel) -> None:
    """Refuse a problem at discount 1 where an episode can be caught and paid forever.

    Raises:
        ValueError: If the uniform policy, which leaves whatever can be left, is paid in a class
            of states that it never leaves.
    """
    if model.discount == 1:
        without_unpaid_loops(*policy_system(model, uniform_policy(model)))


def uniform_policy(model: TabularModel) -> TabularPolicy:
    """Return the policy that takes each legal action with the same probability."""
    allowed = model.legal | ~model.legal.any(axis=1, keepdims=True)
    return TabularPolicy(allowed / allowed.sum(axis=1, keepdims=True))


def refuse_endless_gain(model: TabularModel, policy: Ints) -> None:
    """Refuse a problem at discount 1 where `policy` gains forever, so that V* is infinite.

    Raises:
        ValueError: With a state of a class that is never left, costs nothing and pays.
    """
    transitions, rewards = policy_system(model, TabularPolicy(policy, model.num_actions))
    number, label = connected_components(transitions, directed=True, connection="strong")
    costs, pays = np.zeros(number, dtype=np.bool_), np.zeros(number, dtype=np.bool_)
    costs[label[rewards < 0]] = True
    pays[label[rewards > 0]] = True
    gains = closed_loops(transitions) & (pays & ~costs)[label]
    if gains.any():
        raise ValueError(
            f"at discount 1 the optimum is infinite: from state {int(gains.argmax())} a policy "
            "gains forever without ending the episode. Use a discount below 1."
        )
