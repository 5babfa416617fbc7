"""Certificates: how far values can be from the optimum.

With d = TV - V and k = discount / (1 - discount), the optimum lies between TV + k min d and
TV + k max d (MacQueen 1966; Porteus 1971; Puterman, Markov Decision Processes, section 6.6). Where
an episode can end, the error does not stay constant over time: min d counts only if it is
negative, max d only if it is positive.
"""

from typing import NamedTuple

import numpy as np
from scipy.sparse.csgraph import connected_components

from rlkit.arrays import Bools, Floats, Ints
from rlkit.linear import closed_loops, policy_system, solve_values, without_unpaid_loops
from rlkit.model import TabularModel
from rlkit.policy import TabularPolicy

ROUNDING = 4 * float(np.finfo(np.float64).eps)
"""Changes below this, relative to the values, are noise."""
PATIENCE = 20
"""Backups without progress, near the noise, after which no more is to be had."""


class Certificate(NamedTuple):
    """The optimum is within `bound` of TV + `shift`."""

    shift: float
    bound: float


class Certifier:
    """Judges the backups of one problem.

    Args:
        model: The problem.
        over: `(S,)`, states where the episode is over.
    """

    def __init__(self, model: TabularModel, over: Bools) -> None:
        self.model = model
        self.leaking = bool(over.any() or (model.terminates[model.legal] > 0).any())
        self.progress = np.inf
        """The smallest change seen."""
        self._since = 0
        self._check_below = np.inf

    def __call__(self, least: float, largest: float, policy: Ints) -> Certificate:
        """Return the certificate of a backup whose changes lie between `least` and `largest`."""
        if not np.isfinite(least):  # every state is over
            return Certificate(0.0, 0.0)
        change = max(-least, largest)
        self._since = 0 if change < self.progress else self._since + 1
        self.progress = min(self.progress, change)
        if self.model.discount == 1:
            return Certificate(0.0, self._undiscounted(change, policy))
        if self.leaking:
            least, largest = min(least, 0.0), max(largest, 0.0)
        factor = self.model.discount / (1 - self.model.discount)
        return Certificate(factor * (least + largest) / 2, factor * (largest - least) / 2)

    def exhausted(self, change: float, values: Floats) -> bool:
        """Return whether rounding forbids further progress."""
        scale = float(np.abs(values).max())
        stuck = self._since >= PATIENCE and change <= 1e4 * ROUNDING * scale
        return change <= ROUNDING * scale or stuck

    def _undiscounted(self, change: float, policy: Ints) -> float:
        """Return the bound at discount 1; infinity while the change has not halved since."""
        if change > self._check_below:
            return np.inf
        self._check_below = change / 2
        return change * longest_episode(self.model, policy)


def longest_episode(model: TabularModel, policy: Ints) -> float:
    """Return the largest expected number of steps of a policy; infinity if it pays forever.

    At discount 1 the change times this number bounds |V_pi - V|, and |V* - V| too unless optimal
    episodes last longer. No bound holds in general without a discount.
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
