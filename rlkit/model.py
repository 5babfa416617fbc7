"""A finite MDP as arrays: the form that planners solve and exact evaluation uses."""

from copy import copy
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from rlkit.arrays import Bools, Floats
from rlkit.checks import in_unit_interval
from rlkit.discounts import DEFAULT_DISCOUNT
from rlkit.given import freeze, given_flags, given_numbers, given_rewards, given_rows, misfit
from rlkit.mdp import MDP
from rlkit.outcomes import TOLERANCE, Outcomes, outcomes_of_rows, toy_text_outcomes
from rlkit.policy import TabularPolicy

PolicyLike = TabularPolicy | ArrayLike


@runtime_checkable
class Tabulated(Protocol):
    """A problem that builds its own arrays, faster than state by state."""

    def tabulate(self) -> "TabularModel":
        """Return the arrays of this problem."""
        ...


class TabularModel:
    """Arrays P and R of a finite MDP, copied and checked once, then never changed.

    Args:
        P: p(s'|s, a): dense `(S, A, S)`, or SciPy sparse `(S * A, S)` with row s * A + a, or a
            list of sparse matrices, one `(S, S)` for each action. Rows with fewer digits than
            float64 are made to sum to 1; others are taken as they are.
        R: Expected reward r(s, a), `(S, A)`, or r(s, a, s'), `(S, A, S)` or sparse as P.
        discount: In [0, 1].
        initial: Distribution of the first state, `(S,)`; uniform over the states that are not
            terminal by default.
        terminal: `(S,)`, states where the episode is over; their value is 0 and their rows are
            ignored.
        terminates: `(S, A)`, probability that the step itself ends the episode; it completes the
            row of P to 1.
        legal: `(S, A)`, which actions may be taken; all by default. Rows of illegal pairs may be
            empty.
        outcomes: What can be sampled, where that is richer than P (see `Outcomes`).

    Raises:
        ValueError: With the first offending row, if anything is no distribution, no number, or of
            the wrong shape.
    """

    def __init__(
        self,
        P: Any,
        R: ArrayLike,
        discount: float,
        *,
        initial: ArrayLike | None = None,
        terminal: ArrayLike | None = None,
        terminates: ArrayLike | None = None,
        legal: ArrayLike | None = None,
        outcomes: Outcomes | None = None,
    ) -> None:
        in_unit_interval("discount", discount)
        rewards = given_rewards(R)
        rows = given_rows(P, rewards.shape)
        self.P = rows.matrix
        self.num_states, self.num_actions = pairs = rows.pairs
        self.discount = float(discount)
        self.terminal = given_flags("terminal", terminal, pairs[:1], False)
        self.legal = given_flags("legal", legal, pairs, True)
        self.terminates = given_numbers("terminates", terminates, pairs, 0.0)
        self._check_rows(rows.tolerance)
        self._entry_rewards: Floats | None = None
        self.R = self._expected_rewards(rewards)
        self.initial = self._checked_initial(initial)
        self._outcomes = outcomes
        freeze(self.P.data, self.P.indices, self.P.indptr, self.R, self.terminal, self.legal)
        freeze(self.terminates, self.initial)

    @classmethod
    def from_mdp(cls, mdp: MDP[Any, Any]) -> "TabularModel":
        """Enumerate an `MDP`; one that can `tabulate()` itself is asked to do so."""
        if isinstance(mdp, Tabulated):
            return mdp.tabulate()
        return _enumerate(mdp)

    @classmethod
    def from_outcomes(
        cls,
        outcomes: Outcomes,
        discount: float,
        *,
        initial: ArrayLike | None = None,
        terminal: ArrayLike | None = None,
        legal: ArrayLike | None = None,
    ) -> "TabularModel":
        """Add up outcomes into P, R and the probability that a step ends the episode."""
        P, R, ends = outcomes.expectations()
        return cls(
            P,
            R,
            discount,
            initial=initial,
            terminal=terminal,
            terminates=ends,
            legal=legal,
            outcomes=outcomes,
        )

    @classmethod
    def from_env(cls, env: Any, discount: float | None = None) -> "TabularModel":
        """Return the exact model of an environment: ours, or any with a toy-text `P`.

        Args:
            env: A Gymnasium environment, wrapped or not.
            discount: Replaces the environment's own; 0.99 where it has none.

        Raises:
            TypeError: If the environment has no model, or a wrapper or a `step` of its own may
                change what the model says.
            ValueError: If its `P` is known to be wrong.
        """
        from rlkit.wrappers import refuse_changes

        own = getattr(env.unwrapped, "model", None)
        if isinstance(own, TabularModel):
            refuse_changes(env)
            return own if discount is None else own.with_discount(discount)
        outcomes = toy_text_outcomes(env)
        refuse_changes(env)
        return cls.from_outcomes(
            outcomes,
            DEFAULT_DISCOUNT if discount is None else discount,
            initial=getattr(env.unwrapped, "initial_state_distrib", None),
        )

    def with_discount(self, discount: float) -> "TabularModel":
        """Return the same problem under another discount."""
        in_unit_interval("discount", discount)
        other = copy(self)
        other.discount = float(discount)
        return other

    @property
    def outcomes(self) -> Outcomes:
        """What can happen after each pair; made from P and R unless given."""
        if self._outcomes is None:
            self._outcomes = outcomes_of_rows(
                self.P, self.R, self._entry_rewards, self.terminal, self.terminates
            )
        return self._outcomes

    @property
    def over(self) -> Bools:
        """States whose value is 0 for certain: terminal, or left by no legal act and unpaid."""
        counts = np.diff(self.P.indptr)
        rows = np.flatnonzero(counts == 1)
        loops = np.zeros(counts.shape, dtype=np.bool_)
        loops[rows] = self.P.indices[self.P.indptr[rows]] == rows // self.num_actions
        loops |= counts == 0
        stays = loops.reshape(self.legal.shape) & (self.R == 0)
        return np.asarray(self.terminal | (stays | ~self.legal).all(axis=1))

    def policy(self, policy: PolicyLike) -> TabularPolicy:
        """Return `policy`, an object, actions `(S,)` or probabilities `(S, A)`, checked.

        Raises:
            ValueError: If its shape does not fit or it takes an illegal action.
        """
        if isinstance(policy, TabularPolicy):
            table = policy
        else:
            values = np.asarray(policy)
            table = TabularPolicy(values, self.num_actions if values.ndim == 1 else None)
        if len(table) != self.num_states or table.num_actions != self.num_actions:
            raise ValueError(
                f"the policy is for {len(table)} states and {table.num_actions} actions; "
                f"the model has {self.num_states} and {self.num_actions}"
            )
        self._check_legal(table)
        return table

    def under(self, policy: PolicyLike) -> tuple[sparse.csr_array, Floats]:
        """Return what a policy makes of the problem: P_pi `(S, S)` and r_pi `(S,)`.

        Rows of states where the episode is over are empty.

        Raises:
            ValueError: If the policy does not fit; see `policy`.
        """
        chosen = self.policy(policy)
        going = (~self.over).astype(np.float64)
        rows = np.arange(self.num_states) * self.num_actions
        if chosen.deterministic:
            transitions = sparse.csr_array(self.P[rows + chosen.table])
            transitions.data *= np.repeat(going, np.diff(transitions.indptr))
            rewards = self.R.ravel()[rows + chosen.table]
        else:
            pairs = np.arange(self.P.shape[0])
            weights = (chosen.table * going[:, None]).ravel()
            mixed = sparse.csr_array(
                (weights, (pairs // self.num_actions, pairs)),
                shape=(self.num_states, self.P.shape[0]),
            )
            transitions = sparse.csr_array(mixed @ self.P)
            rewards = (chosen.table * self.R).sum(axis=1)
        transitions.eliminate_zeros()
        return transitions, rewards * going

    def evaluate(self, policy: PolicyLike, horizon: int | None = None) -> Floats:
        """Return the value V of a policy in every state, `(S,)`, computed and not sampled.

        V solves (I - discount P_pi) V = r_pi (Sutton and Barto, eq. 4.4), or is the expected
        return of `horizon` steps.

        Raises:
            ValueError: If the policy never ends an episode that is paid, at discount 1.
        """
        from rlkit.linear import finite_horizon, solve_values

        transitions, rewards = self.under(policy)
        if horizon is not None:
            return finite_horizon(transitions, rewards, self.discount, horizon)
        return solve_values(transitions, rewards, self.discount)

    def regret(self, policy: PolicyLike, optimal: Floats | None = None) -> float:
        """Return what `policy` loses against the optimum, averaged over the first state.

        Args:
            policy: Object, actions `(S,)` or probabilities `(S, A)`.
            optimal: The optimal values `(S,)` if they are known; else they are computed.
        """
        if optimal is None:
            from rlkit.catalogue import agent_class

            optimal = agent_class("modified-policy-iteration")(self).solve().values
        return float(self.initial @ (optimal - self.evaluate(policy)))

    def __repr__(self) -> str:
        return (
            f"TabularModel({self.num_states} states, {self.num_actions} actions, "
            f"{self.P.nnz} transitions, discount {self.discount:g})"
        )

    def _check_rows(self, tolerance: float) -> None:
        data = self.P.data
        if not (np.isfinite(data).all() and (data >= 0).all()):
            place = int((~np.isfinite(data) | (data < 0)).argmax())
            row = int(np.searchsorted(self.P.indptr, place, "right")) - 1
            raise ValueError(f"P has the entry {data[place]} in {self._pair(row)}")
        active: Bools = np.asarray(self.legal & ~self.terminal[:, None])
        stuck = ~np.asarray(active.any(axis=1)) & ~self.terminal
        if stuck.any():
            state = int(stuck.argmax())
            raise ValueError(f"state {state} is not terminal and has no legal action")
        ends = self.terminates
        if not ((ends >= 0) & (ends <= 1 + tolerance)).all():
            row = int(np.argmin((ends >= 0) & (ends <= 1 + tolerance)))
            raise ValueError(f"`terminates` is {ends.flat[row]} in {self._pair(row)}")
        sums = (self.P @ np.ones(self.num_states)).reshape(active.shape) + ends
        wrong = active & ~(np.abs(sums - 1) <= tolerance)
        if wrong.any():
            row, close = int(wrong.argmax()), np.abs(sums - 1) < 1e-5
            raise ValueError(
                f"P (with `terminates`) sums to {sums.flat[row]:.9g}, not to 1, "
                f"in {self._pair(row)}{'; divide it by its sum' if close.flat[row] else ''}"
            )
        if tolerance > TOLERANCE:  # of few digits
            scale = np.where(active, 1 / np.where(active, sums, 1.0), 1.0)
            self.P.data *= np.repeat(scale.ravel(), np.diff(self.P.indptr))
            self.terminates *= scale

    def _pair(self, row: int) -> str:
        s, a = divmod(row, self.num_actions)
        return f"row {row} (state {s}, action {a})"

    def _expected_rewards(self, rewards: Any) -> Floats:
        pairs = (self.num_states, self.num_actions)
        if rewards.shape == pairs:
            expected = rewards.toarray() if sparse.issparse(rewards) else rewards
        elif rewards.shape in {(*pairs, self.num_states), self.P.shape}:
            expected = self._mean_rewards(rewards)
        else:
            raise ValueError(misfit(rewards.shape, pairs))
        active: Bools = np.asarray(self.legal & ~self.terminal[:, None])
        wrong = active & ~np.isfinite(expected)
        if wrong.any():
            row = int(wrong.argmax())
            hint = ""
            if np.isneginf(expected.flat[row]):
                hint = "; what must not be done is told with `legal`, (S, A) bool"
            raise ValueError(f"R is {expected.flat[row]} in {self._pair(row)}{hint}")
        return np.where(active, expected, 0.0) if not active.all() else expected

    def _mean_rewards(self, rewards: Any) -> Floats:
        """Return r(s, a) from r(s, a, s'), dense or sparse, which is kept for each entry of P."""
        if self.terminates.any():
            raise ValueError(
                "rewards (S, A, S) say nothing about steps that end the episode by "
                "`terminates`; give the expected rewards (S, A)"
            )
        rows = np.repeat(np.arange(self.P.shape[0]), np.diff(self.P.indptr))
        if sparse.issparse(rewards):
            entries = np.asarray(sparse.csr_matrix(rewards)[rows, self.P.indices]).ravel()
        else:
            entries = rewards.reshape(self.P.shape)[rows, self.P.indices]
        self._entry_rewards = entries
        mean = np.bincount(rows, self.P.data * entries, minlength=self.P.shape[0])
        return np.asarray(mean.reshape(self.legal.shape))

    def _checked_initial(self, initial: ArrayLike | None) -> Floats:
        if initial is None:
            going = (~self.terminal).astype(np.float64)
            return np.asarray(going / max(going.sum(), 1.0))
        probs = given_numbers("initial", initial, (self.num_states,), 0.0)
        if not (probs >= 0).all() or abs(probs.sum() - 1) > TOLERANCE:
            raise ValueError(
                f"`initial` must be non-negative and sum to 1; its minimum is {probs.min():.6g}, "
                f"its sum {probs.sum():.9g}"
            )
        return probs

    def _check_legal(self, policy: TabularPolicy) -> None:
        if self.legal.all():
            return
        if policy.deterministic:
            illegal: Bools = ~self.legal[np.arange(self.num_states), policy.table]
        else:
            illegal = np.asarray(((policy.table > 0) & ~self.legal).any(axis=1))
        illegal &= ~self.terminal
        if illegal.any():
            state = int(illegal.argmax())
            allowed = np.flatnonzero(self.legal[state]).tolist()
            raise ValueError(
                f"the policy takes an illegal action in state {state}: {policy.table[state]}; "
                f"legal there: {allowed}"
            )


def _enumerate(mdp: MDP[Any, Any]) -> TabularModel:
    """Ask the problem for every transition and reward, state by state."""
    number = {s: i for i, s in enumerate(mdp.states)}
    shape = (len(mdp.states), len(mdp.actions))
    legal = np.zeros(shape, dtype=np.bool_)
    terminal = np.array([mdp.terminal(s) for s in mdp.states])
    nexts: list[int] = []
    probs: list[float] = []
    rewards: list[float] = []
    lengths = np.zeros(shape[0] * shape[1], dtype=np.int64)
    for i, s in enumerate(mdp.states):
        if terminal[i]:
            legal[i] = True
            continue
        allowed = set(mdp.legal(s))
        for k, a in enumerate(mdp.actions):
            legal[i, k] = a in allowed
            if not legal[i, k]:
                continue
            for s_next, prob in mdp.transition(s, a):
                nexts.append(number[s_next])
                probs.append(prob)
                rewards.append(mdp.reward(s, a, s_next))
                lengths[i * shape[1] + k] += 1
    starts = np.concatenate([[0], np.cumsum(lengths)])
    next_states = np.array(nexts, dtype=np.int64)
    outcomes = Outcomes(
        starts=starts,
        next_states=next_states,
        probs=np.array(probs),
        rewards=np.array(rewards),
        terminated=terminal[next_states],
        events=np.zeros(len(nexts), dtype=np.uint8),
        num_states=shape[0],
        num_actions=shape[1],
    )
    P = sparse.csr_array((outcomes.probs, next_states, starts), shape=(len(starts) - 1, shape[0]))
    R = np.bincount(outcomes.rows, outcomes.probs * outcomes.rewards, minlength=len(starts) - 1)
    initial = np.zeros(shape[0])
    for s, prob in mdp.initial:
        initial[number[s]] = prob
    return TabularModel(
        P,
        R.reshape(shape),
        mdp.discount,
        initial=initial,
        terminal=terminal,
        legal=legal,
        outcomes=outcomes,
    )
