"""Rollouts: what N environments went through in T steps, and what it was worth."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from rlkit.arrays import Array, Bools, Ints
from rlkit.nets.core import State
from rlkit.returns import generalised_advantages

FEW = 16
"""Environments up to which Python's floats are faster than NumPy's short arrays."""


@dataclass
class Rollout:
    """Arrays of T steps and N environments, time first.

    Attributes:
        observations: Stored, `(T, N, *stored_shape)`.
        masks: int8 `(T, N, A)`, or None.
        actions: `(T, N)`.
        rewards: float32 `(T, N)`.
        terminated: bool `(T, N)`.
        truncated: bool `(T, N)`, without those that terminated.
        opens: bool `(T, N)`, where the observation opens an episode.
        valid: bool `(T, N)`: False where the environment only reset itself.
        values: float32 `(T, N)`, of the observations.
        next_values: float32 `(T, N)`, of what followed; the final observation's at an end.
        log_probs: float32 `(T, N)`, of the actions when they were taken.
        states: States of the core before step 0 and before every `stride`-th, `(N, ...)` a part.
        forgets: Whether the core forgets all where an episode opens, see `Core`.
    """

    observations: Array
    masks: Array | None
    actions: Ints
    rewards: Array
    terminated: Bools
    truncated: Bools
    opens: Bools
    valid: Bools
    values: Array
    next_values: Array
    log_probs: Array
    states: list[State]
    forgets: bool

    def advantages(self, discount: float, lambda_: float) -> Array:
        """Return GAE(lambda) advantages, float32 `(T, N)`."""
        arrays = (self.rewards, self.values, self.next_values, self.terminated, self.cut)

        def along(r: Any, v: Any, after: Any, terminated: Any, cut: Any) -> list[Any]:
            return generalised_advantages(r, v, after, terminated, cut, discount, lambda_)

        if self.rewards.shape[1] > FEW:
            return np.asarray(along(*arrays), np.float32)
        columns = zip(*(array.T.tolist() for array in arrays), strict=True)
        return np.array([along(*column) for column in columns], np.float32).T

    @property
    def free(self) -> Bools:
        """Where any state of the core will do, for it is forgotten, `(T, N)`."""
        return self.opens if self.forgets else np.zeros_like(self.opens)

    @property
    def cut(self) -> Bools:
        """Where an episode ended or was cut, `(T, N)`."""
        return self.terminated | self.truncated

    def first(self, steps: int) -> "Rollout":
        """Return the first steps alone."""
        masks = None if self.masks is None else self.masks[:steps]
        rest = {
            entry.name: getattr(self, entry.name)[:steps]
            for entry in fields(self)
            if entry.name not in {"masks", "states", "forgets"}
        }
        return Rollout(masks=masks, states=self.states, forgets=self.forgets, **rest)
