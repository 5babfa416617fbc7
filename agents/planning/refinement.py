"""Certificates where a discount cannot give one: at 1, or so near it that none of it is felt.

With values W and a policy pi that ends (or is discounted, be it ever so little), the error of W is
e = (I - discount P_pi)^-1 (T_pi W - W), which is small where W is good and hence known to many more
digits than W. Let n be the sum of all rounding errors on the way of pi. If for every action the
gain in W + e, plus its rounding error, is at most k (n - discount P n) with some k > 1, then
T U <= U for U = W + e + k n, and the optimum is no larger; and L <= T_pi L for L = W + e - k n, so
that pi is worth no less. Both hold because Bellman's operator is monotone and its fixed point is
the only one. Where an action gains more, the policy takes it: policy iteration (Howard 1960) on
the error. It does not matter how exactly e and n were solved for, since the inequalities decide.
"""

from typing import NamedTuple

import numpy as np

from rlkit.agents.planning.components import ending_rows
from rlkit.arrays import Bools, Floats, Ints
from rlkit.linear import closed_loops, nearer_values
from rlkit.model import TabularModel

ROUNDS = 60
"""Rounds of policy iteration after which to give up."""
HOPELESS = 1e-2
"""Rounding errors, relative to the values, that no policy worth having adds up on its way; waiting
for 1e12 steps, at the discount 1 - 1e-12, adds up some thousandths."""
UNIT = float(np.finfo(np.float64).eps) / 2
"""Relative error of one sum or product."""
TINY = float(np.finfo(np.float64).tiny)
FAINT = 1e-7
"""Part of the largest value whose rounding every step is taken to have, even from 0 to 0."""


class Refined(NamedTuple):
    """`values` and the worth of `policy` are both within `bound` of the optimum."""

    values: Floats
    bound: float
    policy: Ints


def refined(model: TabularModel, values: Floats, policy: Ints, tolerance: float) -> Refined | None:
    """Return values whose distance to the optimum is certified, or None if rounding forbids it.

    Args:
        model: A problem with a discount below 1, or without free loops.
        values: W, `(S,)`, the better the sooner it is done.
        policy: Actions to begin with, `(S,)`.
        tolerance: The bound that is wanted; many rounds go to half of it.
    """
    given = np.where(model.over, 0.0, values)
    for start in (policy, None):
        try:
            found = _refined(
                model, given, nearest_end(model) if start is None else start, tolerance
            )
        except (ArithmeticError, RuntimeError, ValueError):  # some policy does not end
            continue
        if found is not None:
            return found
    return None


def _refined(model: TabularModel, values: Floats, policy: Ints, tolerance: float) -> Refined | None:
    if model.discount == 1:
        policy = ending_policy(model, policy)
    barred = ~model.legal | model.over[:, None]
    loss = np.zeros_like(values)
    for round_number in range(1, ROUNDS + 1):
        error, loss, step = _solved(model, values, policy, loss)
        worst = float(loss.max())
        k = max(2.0, min(2.0**round_number, tolerance / max(2 * worst, TINY)))
        certain = step.certain(k, policy, model.over)
        values = values + error
        gains = np.where(barred, -np.inf, step.left + step.noise - k * step.progress)
        if certain and not (gains > 0).any():
            return Refined(values, k * worst + UNIT * float(np.abs(values).max()), policy)
        if not worst <= HOPELESS * max(1.0, float(np.abs(values).max())):
            return None
        best = gains.argmax(axis=1)
        policy = np.where(gains.max(axis=1) > 0, best, policy)
    return None


class Step(NamedTuple):
    """What a step does to W + e and to n, `(S, A)`.

    Attributes:
        left: The gain of the step in W + e.
        noise: Its rounding error.
        progress: n - discount P n.
        small: Whether e is too small to add rounding errors of its own.
    """

    left: Floats
    noise: Floats
    progress: Floats
    small: bool

    def certain(self, k: float, policy: Ints, over: Bools) -> bool:
        """Return whether the policy is worth no less than W + e - k n."""
        states = np.flatnonzero(~over)
        of = states, policy[states]
        gained = k * self.progress[of] >= np.abs(self.left[of]) + self.noise[of]
        return self.small and bool(gained.all())


def _solved(
    model: TabularModel, values: Floats, policy: Ints, loss: Floats
) -> tuple[Floats, Floats, Step]:
    """Return e and n of a policy, n from the former one, and what steps do to them."""
    states, going = np.arange(model.num_states), ~model.over
    changes = _backed_up(model, model.R, values) - values[:, None]
    sizes = _backed_up(model, np.abs(model.R), np.abs(values)) + np.abs(values)[:, None]
    sizes += FAINT * float(sizes.max())
    lengths = 1.25 * np.diff(model.P.indptr).reshape(model.R.shape) + 5
    noise = UNIT * lengths * sizes * going[:, None]
    transitions, _ = model.under(policy)
    order, zeros = np.argsort(-values, kind="stable"), np.zeros_like(values)
    at = states, policy
    error = nearer_values(transitions, changes[at] * going, model.discount, order, zeros)
    loss = nearer_values(transitions, noise[at], model.discount, order, loss)
    left = _backed_up(model, changes, error) - error[:, None]
    errors = _backed_up(model, 0.0, np.abs(error)) + np.abs(error)[:, None]
    progress = loss[:, None] - _backed_up(model, 0.0, loss)
    return error, loss, Step(left, noise, progress, small=bool((4 * errors <= sizes).all()))


def _backed_up(model: TabularModel, rewards: Floats | float, values: Floats) -> Floats:
    """Return r + discount P V, `(S, A)`."""
    return np.asarray(rewards + model.discount * (model.P @ values).reshape(model.R.shape))


def nearest_end(model: TabularModel) -> Ints:
    """Return the policy that goes to wherever an episode can end soonest, `(S,)`."""
    from rlkit.agents.planning.graphs import route, rows_into

    owner = np.arange(model.P.shape[0]) // model.num_actions
    allowed = model.legal.ravel() & ~model.over[owner]
    chosen = np.arange(model.num_states) * model.num_actions + model.legal.argmax(axis=1)
    ends = np.flatnonzero(allowed & ending_rows(model.P, model.over))
    chosen[owner[ends]] = ends
    goals = model.over.copy()
    goals[owner[ends]] = True
    route(*rows_into(model.P.indptr, model.P.indices, len(goals)), owner, allowed, goals, chosen)
    return np.asarray(chosen % model.num_actions)


def ending_policy(model: TabularModel, policy: Ints) -> Ints:
    """Return `policy`, changed where it may never end: there it goes to where it does."""
    from rlkit.agents.planning.graphs import route, rows_into

    transitions, _ = model.under(policy)
    caught = closed_loops(transitions)
    if not caught.any():
        return policy
    states = np.arange(model.num_states)
    every, nowhere = np.ones(len(states), dtype=np.bool_), np.zeros_like(states)
    into = rows_into(transitions.indptr, transitions.indices, len(states))
    lost = route(*into, states, every, caught, nowhere)
    owner = np.arange(model.P.shape[0]) // model.num_actions
    allowed = model.legal.ravel() & lost[owner]
    ends = np.flatnonzero(allowed & ending_rows(model.P, model.over))
    chosen = states * model.num_actions + policy
    chosen[owner[ends]] = ends
    goals = ~lost
    goals[owner[ends]] = True
    into = rows_into(model.P.indptr, model.P.indices, len(states))
    route(*into, owner, allowed, goals, chosen)
    return np.asarray(chosen % model.num_actions)
