"""Certificates: how far values can be from the optimum (MacQueen 1966; Porteus 1971).

With d = TV - V and k = discount/(1 - discount), the optimum lies between TV + k min d and
TV + k max d.
Where mass can leave (episodes end), only the part of the shift that is an error remains.
"""

from typing import NamedTuple

import numpy as np

from rlkit.arrays import Floats, Ints
from rlkit.model import TabularModel


class Certificate(NamedTuple):
    """The optimum is within `bound` of TV + `shift`."""

    shift: float
    bound: float


def leaks(model: TabularModel) -> bool:
    """Return whether an episode can end, so that a constant error would not stay constant."""
    return bool(model.over.any() or (model.terminates[model.legal] > 0).any())


def certify(least: float, largest: float, discount: float, *, leaking: bool) -> Certificate:
    """Return the certificate of a backup whose changes lie between `least` and `largest`."""
    if not np.isfinite(least):  # every state is over
        return Certificate(0.0, 0.0)
    if discount == 1:
        return Certificate(0.0, np.inf if max(-least, largest) > 0 else 0.0)
    if leaking:
        least, largest = min(least, 0.0), max(largest, 0.0)
    factor = discount / (1 - discount)
    return Certificate(factor * (least + largest) / 2, factor * (largest - least) / 2)


def undiscounted_bound(model: TabularModel, values: Floats, policy: Ints) -> float:
    """Return residual times the longest expected episode of the greedy policy, at discount 1.

    It bounds |V_pi - V|. No bound on the optimum holds in general without a discount.
    """
    from rlkit.linear import policy_system, solve_values

    table = model.policy(policy)
    transitions, rewards = policy_system(model, table)
    residual = float(np.abs(rewards + transitions @ values - values).max())
    lengths = solve_values(transitions, (transitions.sum(axis=1) > 0) * 1.0, 1 - 1e-9)
    return residual * max(float(lengths.max()), 1.0)
