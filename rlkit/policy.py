"""Policies: pi(a | observation) as an object."""

from collections.abc import Sequence
from operator import index
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from rlkit.arrays import Array, Bools, Floats, Ints
from rlkit.categorical import Categorical


class Policy(Protocol):
    """A rule for choosing actions.

    Policies with memory return the state that their next call takes; the others return it as it
    came.
    """

    def distribution(
        self, observation: Any, state: Any = None, mask: Array | None = None
    ) -> tuple[Categorical[int], Any]:
        """Return (pi(. | observation), next state).

        Args:
            observation: One observation.
            state: What the previous call returned; None opens an episode.
            mask: Shape `(A,)`, non-zero where an action is legal; None if all are.
        """
        ...


class TabularPolicy:
    """A policy over state indices, held as one action or one row of probabilities a state.

    `numpy.asarray(policy)` gives the actions `(S,)` of a deterministic policy, else the
    probabilities `(S, A)`.

    Args:
        table: Actions, integers of shape `(S,)`, or probabilities, shape `(S, A)`.
        num_actions: The number of actions A; needed for a table of actions.
        first_state: The number that an environment gives the state of index 0.
        first_action: The number that it gives the action of index 0.

    Raises:
        ValueError: If the table has another shape, an action out of range, or a row that is no
            distribution.
    """

    def __init__(
        self,
        table: ArrayLike,
        num_actions: int | None = None,
        *,
        first_state: int = 0,
        first_action: int = 0,
    ) -> None:
        values = np.asarray(table)
        self.first_state, self.first_action = first_state, first_action
        if values.ndim == 1 and np.issubdtype(values.dtype, np.integer) and num_actions:
            outside = (values < 0) | (values >= num_actions)
            if outside.any():
                state = int(outside.argmax())
                raise ValueError(
                    f"the action of state {state} is {values[state]}; "
                    f"actions are 0 ... {num_actions - 1}"
                )
            self.table: Array = values.astype(np.int64)
            self.num_actions = num_actions
        elif values.ndim == 2 and num_actions in (None, values.shape[1]):
            self.table = _checked_rows(values.astype(np.float64))
            self.num_actions = values.shape[1]
        else:
            raise ValueError(
                f"a tabular policy is an integer array (S,) with num_actions, or probabilities "
                f"(S, A); got shape {values.shape}, {values.dtype}, num_actions {num_actions}"
            )

    @property
    def deterministic(self) -> bool:
        """Whether the policy is held as one action a state."""
        return self.table.ndim == 1

    @property
    def actions(self) -> Ints:
        """The most probable action of each state, `(S,)`."""
        return self.table if self.deterministic else self.table.argmax(axis=1)

    @property
    def probs(self) -> Floats:
        """The probabilities pi(a | s), `(S, A)`."""
        if not self.deterministic:
            return self.table
        rows = np.zeros((len(self.table), self.num_actions))
        rows[np.arange(len(self.table)), self.table] = 1.0
        return rows

    def distribution(
        self, observation: int, state: Any = None, mask: Array | None = None
    ) -> tuple[Categorical[int], Any]:
        """Return pi(. | s) for the state `observation`, restricted to the legal actions.

        Raises:
            ValueError: If it is no number of a state.
        """
        row, first = self.table[self._place(observation)], self.first_action
        if self.deterministic:
            if mask is None or mask[row]:
                return Categorical((int(row) + first,), (1.0,)), state
            row = np.full(self.num_actions, 1.0)
        return _counted_from(first, legal_distribution(row, mask)), state

    def _place(self, observation: Any) -> int:
        try:
            place = index(observation) - self.first_state
        except TypeError:
            place = -1
        if not 0 <= place < len(self.table):
            first, last = self.first_state, self.first_state + len(self.table) - 1
            raise ValueError(
                f"the observation {observation!r} is no state of this policy: a whole number "
                f"{first} ... {last} is"
            )
        return place

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.array(self.table, dtype=dtype, copy=copy)

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        kind = "deterministic" if self.deterministic else "stochastic"
        return f"TabularPolicy({kind}, {len(self.table)} states, {self.num_actions} actions)"


class UniformPolicy:
    """Chooses every legal action with the same probability.

    Args:
        num_actions: The number of actions A.
        first_action: The number that an environment gives the action of index 0.
    """

    def __init__(self, num_actions: int, *, first_action: int = 0) -> None:
        self.num_actions, self.first_action = num_actions, first_action

    def distribution(
        self, observation: Any, state: Any = None, mask: Array | None = None
    ) -> tuple[Categorical[int], Any]:
        """Return the uniform distribution over the legal actions."""
        del observation
        dist = legal_distribution(np.ones(self.num_actions), mask)
        return _counted_from(self.first_action, dist), state


def legal_distribution(weights: Floats, mask: Array | None) -> Categorical[int]:
    """Return `weights` restricted to the legal actions and normalised; uniform if none is left.

    Raises:
        ValueError: If the mask has the wrong length or leaves no action.
    """
    if mask is None:
        allowed = np.ones(len(weights), dtype=np.bool_)
    else:
        allowed = checked_mask(mask, len(weights))
    kept = np.where(allowed, weights, 0.0)
    kept = kept if kept.sum() > 0 else allowed.astype(np.float64)
    support = np.flatnonzero(kept)
    return Categorical([int(a) for a in support], kept[support] / kept.sum())


def _counted_from(first: int, dist: Categorical[int]) -> Categorical[int]:
    """Return a distribution over actions from 0 as one over actions from `first`."""
    return Categorical([a + first for a in dist.support], dist.probs) if first else dist


def checked_states(observation: Any, count: int, first: int = 0) -> Ints:
    """Return the indices from 0 of states that are numbered from `first`, in their own shape.

    Raises:
        ValueError: If one is no number of a state.
    """
    numbers, last = np.asarray(observation), first + count - 1
    if numbers.dtype.kind not in "iu" or ((numbers < first) | (numbers > last)).any():
        raise ValueError(f"observations are whole numbers, {first} ... {last}, got {observation!r}")
    return np.asarray(numbers.astype(np.int64) - first)


def checked_mask(mask: Array | Sequence[int], num_actions: int) -> Bools:
    """Return `mask` as booleans of shape `(num_actions,)`, or raise a ValueError."""
    return checked_masks(mask, (num_actions,))


def checked_masks(masks: Any, shape: tuple[int, ...]) -> Bools:
    """Return masks as booleans of shape `(..., A)`; a single one, `(A,)`, counts for all.

    Raises:
        ValueError: If they hold no numbers or have another shape, or if one forbids every action.
    """
    given = np.asarray(masks)
    if given.dtype.kind not in "biuf" or (given.dtype.kind == "f" and not (given >= 0).all()):
        raise ValueError(
            f"an action mask holds numbers, not zero where an action is legal, got {masks!r}"
        )
    if given.shape not in (shape, shape[-1:]):
        wanted = f"{shape}" if len(shape) == 1 else f"{shape} or {shape[-1:]}"
        raise ValueError(f"an action mask has shape {wanted}, got {given.shape}")
    allowed = given.astype(np.bool_)
    stuck = ~allowed.any(axis=-1)
    if stuck.any():
        row = f" of row {int(stuck.argmax())}" if stuck.size > 1 else ""
        raise ValueError(f"the action mask{row} forbids every action; at least one must be legal")
    return np.broadcast_to(allowed, shape)


def _checked_rows(probs: Floats) -> Floats:
    wrong = ~np.isclose(probs.sum(axis=1), 1.0, atol=1e-8) | (probs < 0).any(axis=1)
    if wrong.any():
        state = int(wrong.argmax())
        raise ValueError(
            f"row {state} of the policy is no distribution: {probs[state]} "
            f"(sum {probs[state].sum():.6g}, minimum {probs[state].min():.6g})"
        )
    return probs
