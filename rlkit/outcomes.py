"""What can happen after each (state, action) pair, outcome by outcome, ready to be sampled.

A row of P adds up all ways of reaching a next state. Its outcomes keep them apart: each has its
own reward, says whether it ends the episode, and may carry an event that tells people what
happened. Environments and compiled learners draw from the same outcomes that planners sum over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from rlkit.arrays import Array, Bools, Floats, Ints
from rlkit.compiled import shared

TOLERANCE = 1e-8

ToyText = Mapping[int, Mapping[int, Sequence[tuple[float, int, float, bool]]]]


RECORD = np.dtype(
    [
        ("keep", np.float64),
        ("reward", np.float64),
        ("alias_reward", np.float64),
        ("next_state", np.int32),
        ("alias_state", np.int32),
    ]
)
"""One place of an alias table with both outcomes that it stands for: half a cache line.

An outcome that ends the episode in state s is stored as ~s, which is negative.
"""


class Sampler(NamedTuple):
    """Walker's alias tables (Walker 1977): an outcome is drawn with one uniform, in constant time.

    Row i = s * A + a has the places `starts[i]` ... `starts[i + 1] - 1`. A draw picks one of them
    uniformly; with probability `keep` it is the place's own outcome, else that of its `alias`.
    """

    starts: Ints
    records: Array
    alias: Ints


@shared
def place_of(start: int, stop: int, draw: float) -> tuple[int, float]:
    """Return the place that `draw` in [0, 1) selects in a row, and what is left of the draw.

    What is left lies in [0, 1); below `keep` the place's own outcome holds, else its alias's.
    """
    scaled = draw * (stop - start)
    offset = int(scaled)
    return start + offset, scaled - offset


@dataclass(frozen=True)
class Outcomes:
    """All outcomes of all (state, action) pairs; row s * A + a is `starts[i]:starts[i + 1]`.

    Attributes:
        starts: Shape `(S * A + 1,)`.
        next_states: Shape `(K,)`, in 0 ... S - 1.
        probs: Shape `(K,)`; each row sums to 1, or is empty where nothing was modelled.
        rewards: Shape `(K,)`.
        terminated: Shape `(K,)`, whether the outcome ends the episode.
        events: Shape `(K,)`, codes that the problem gives a meaning to; 0 for none.
        num_states: S.
        num_actions: A.
        successes: Shape `(K,)`, whether the outcome ends the episode in success; None where the
            problem does not say.
    """

    starts: Ints
    next_states: Ints
    probs: Floats
    rewards: Floats
    terminated: Bools
    events: Array
    num_states: int
    num_actions: int
    successes: Bools | None = None

    @classmethod
    def from_toy_text(cls, P: ToyText, num_states: int, num_actions: int) -> "Outcomes":
        """Read Gymnasium's `P[s][a] = [(probability, next state, reward, terminated), ...]`.

        Raises:
            ValueError: If a pair is missing, or an outcome has no number where one belongs or a
                state that is none, or the probabilities of a pair do not sum to 1.
        """
        flat: list[tuple[float, int, float, bool]] = []
        lengths = []
        for s in range(num_states):
            for a in range(num_actions):
                try:
                    row = P[s][a]
                except (KeyError, IndexError):
                    raise ValueError(f"P has no entry for state {s}, action {a}") from None
                _check_outcomes(row, num_states, f"P[{s}][{a}]")
                total = sum(outcome[0] for outcome in row)
                if abs(total - 1) > TOLERANCE:
                    raise ValueError(f"P[{s}][{a}] sums to {total}, not to 1: {row}")
                flat.extend(row)
                lengths.append(len(row))
        probs, next_states, rewards, terminated = zip(*flat, strict=True)
        return cls(
            starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            next_states=np.array(next_states, dtype=np.int64),
            probs=np.array(probs, dtype=np.float64),
            rewards=np.array(rewards, dtype=np.float64),
            terminated=np.array(terminated, dtype=np.bool_),
            events=np.zeros(len(flat), dtype=np.uint8),
            num_states=num_states,
            num_actions=num_actions,
        )

    @cached_property
    def rows(self) -> Ints:
        """The row s * A + a of each outcome, `(K,)`."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def expectations(self) -> tuple[sparse.csr_array, Floats, Floats]:
        """Return P `(S * A, S)`, R `(S, A)` and the probability `(S, A)` that the step ends.

        An outcome that ends the episode counts in the last one, not in P.
        """
        shape = (self.num_states, self.num_actions)
        going = ~self.terminated
        P = sparse.coo_array(
            (self.probs[going], (self.rows[going], self.next_states[going])),
            shape=(len(self.starts) - 1, self.num_states),
        ).tocsr()
        size = len(self.starts) - 1
        paid = np.bincount(self.rows, self.probs * self.rewards, minlength=size)
        ended = np.bincount(self.rows, self.probs * self.terminated, minlength=size)
        return P, paid.reshape(shape).astype(np.float64), ended.reshape(shape).astype(np.float64)

    @cached_property
    def sampler(self) -> Sampler:
        """The alias tables of all rows."""
        from rlkit.alias import build_alias

        keep = np.empty(len(self.probs))
        alias = np.empty(len(self.probs), dtype=np.int64)
        build_alias(self.starts, self.probs, keep, alias)
        ends = np.where(self.terminated, ~self.next_states, self.next_states).astype(np.int32)
        records = np.empty(len(keep), dtype=RECORD)
        records["keep"] = keep
        records["reward"], records["alias_reward"] = self.rewards, self.rewards[alias]
        records["next_state"], records["alias_state"] = ends, ends[alias]
        return Sampler(self.starts, records, alias)

    def without_empty_rows(self) -> "Outcomes":
        """Return outcomes in which an unmodelled row stays where it is, with reward 0."""
        empty = np.flatnonzero(np.diff(self.starts) == 0)
        if not len(empty):
            return self
        places = self.starts[empty]
        lengths = np.diff(self.starts)
        lengths[empty] = 1
        return Outcomes(
            starts=np.concatenate([[0], np.cumsum(lengths)]),
            next_states=np.insert(self.next_states, places, empty // self.num_actions),
            probs=np.insert(self.probs, places, 1.0),
            rewards=np.insert(self.rewards, places, 0.0),
            terminated=np.insert(self.terminated, places, False),
            events=np.insert(self.events, places, 0),
            num_states=self.num_states,
            num_actions=self.num_actions,
            successes=None if self.successes is None else np.insert(self.successes, places, False),
        )


def _check_outcomes(row: Sequence[Any], num_states: int, where: str) -> None:
    """Raise a ValueError that names the first thing in a row of a toy-text `P` that is wrong."""
    for outcome in row:
        if len(outcome) != 4:
            parts = "(probability, next state, reward, terminated)"
            raise ValueError(f"{where} has the outcome {outcome}; it is {parts}")
        prob, state, reward, _ = outcome
        if not isinstance(prob, Real) or not float(prob) >= 0:
            raise ValueError(f"{where} has the probability {prob!r}; it is a number from 0 on")
        if not isinstance(state, int | np.integer) or not 0 <= state < num_states:
            raise ValueError(
                f"{where} has the next state {state!r}; it is a whole number 0 ... {num_states - 1}"
            )
        if not isinstance(reward, Real | np.bool_):
            raise ValueError(f"{where} has the reward {reward!r}; it is a number")


def toy_text_outcomes(env: Any) -> Outcomes:
    """Return the outcomes of a Gymnasium environment with a toy-text `P`.

    Raises:
        TypeError: If there is no `P`, or spaces are not Discrete.
        ValueError: If `P` does not describe what the environment does (Taxi's fickle passenger).
    """
    base = env.unwrapped
    if not hasattr(base, "P"):
        raise TypeError(
            f"{base!r} has no exact model: neither `model` nor a toy-text `P`. Planners and "
            "exact evaluation need one; a learner such as q-learning does not."
        )
    if getattr(base, "fickle_passenger", False):
        raise ValueError(
            "Taxi with fickle_passenger=True changes its passenger outside of P, so P is wrong; "
            "make it with fickle_passenger=False"
        )
    spaces = (env.observation_space, env.action_space)
    if not all(hasattr(space, "n") for space in spaces):
        raise TypeError(f"a toy-text model needs Discrete spaces, got {spaces}")
    return Outcomes.from_toy_text(base.P, int(spaces[0].n), int(spaces[1].n))


def outcomes_of_rows(
    P: sparse.csr_array,
    R: Floats,
    entry_rewards: Floats | None,
    terminal: Bools,
    terminates: Floats,
) -> Outcomes:
    """Return P entry by entry, plus one outcome for each row that can end the episode.

    Args:
        P: `(S * A, S)`.
        R: `(S, A)`.
        entry_rewards: The reward of each entry of P, where it depends on the next state.
        terminal: `(S,)`.
        terminates: `(S, A)`, how likely the step ends the episode by itself.
    """
    num_states, num_actions = R.shape
    rows = np.repeat(np.arange(P.shape[0]), np.diff(P.indptr))
    nexts = P.indices.astype(np.int64)
    rewards = R.ravel()[rows] if entry_rewards is None else entry_rewards
    enders = np.flatnonzero(terminates.ravel() > 0)
    all_rows = np.concatenate([rows, enders])
    order = np.argsort(all_rows, kind="stable")
    ended = np.concatenate([terminal[nexts], np.ones(len(enders), np.bool_)])
    lengths = np.bincount(all_rows, minlength=P.shape[0])
    return Outcomes(
        starts=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        next_states=np.concatenate([nexts, enders // num_actions])[order],
        probs=np.concatenate([P.data, terminates.ravel()[enders]])[order],
        rewards=np.concatenate([rewards, R.ravel()[enders]])[order],
        terminated=ended[order],
        events=np.zeros(len(order), dtype=np.uint8),
        num_states=num_states,
        num_actions=num_actions,
    )
