"""What a planner returns."""

from dataclasses import dataclass

from rlkit.arrays import Floats
from rlkit.policy import TabularPolicy


@dataclass(frozen=True)
class Solution:
    """The optimum of a finite MDP, with a certificate.

    Attributes:
        values: V*, `(S,)`.
        q: Q*, `(S, A)`; minus infinity for illegal actions.
        policy: A greedy policy.
        iterations: Rounds of the algorithm.
        residual: Largest Bellman error max |TV - V| of `values`.
        bound: No value is further than this from the optimum.
    """

    values: Floats
    q: Floats
    policy: TabularPolicy
    iterations: int
    residual: float
    bound: float
