"""Certificates where a discount cannot give one: at 1, or so near it that none of it is felt.

With values W and a policy pi that ends (or is discounted, be it ever so little), the error of W is
e = (I - discount P_pi)^-1 (T_pi W - W), which is small where W is good and hence known to many more
digits than W. Let n be the sum of all rounding errors on the way of pi. If no action gains in
W + e + n, beyond what rounding can hide, then T(W + e + n) <= W + e + n, and the optimum is no
larger; and W + e - n <= T_pi (W + e - n), so that pi is worth no less. Both hold because Bellman's
operator is monotone and its fixed point is the only one. Where an action does gain, the policy
takes it: policy iteration (Howard 1960) on the error.
"""

from typing import NamedTuple

import numpy as np

from rlkit.agents.planning.components import ending_rows
from rlkit.arrays import Floats, Ints
from rlkit.linear import closed_loops, policy_system, solve_values
from rlkit.model import TabularModel
from rlkit.policy import TabularPolicy

ROUNDS = 300
"""Rounds of policy iteration after which to give up."""
UNIT = float(np.finfo(np.float64).eps) / 2
"""Relative error of one sum or product."""
FAINT = 1e-7
"""Part of the largest value whose rounding every step is taken to have, even from 0 to 0."""


class Refined(NamedTuple):
    """`values` and the worth of `policy` are both within `bound` of the optimum."""

    values: Floats
    bound: float
    policy: Ints


def refined(model: TabularModel, values: Floats, policy: Ints) -> Refined | None:
    """Return values whose distance to the optimum is certified, or None if rounding forbids it.

    Args:
        model: A problem with a discount below 1, or without free loops.
        values: W, `(S,)`, the better the sooner it is done.
        policy: Actions to begin with, `(S,)`.
    """
    try:
        return _refined(model, np.where(model.over, 0.0, values), policy)
    except (ArithmeticError, RuntimeError, ValueError):  # no policy ends, or none can be solved
        return None


def _refined(model: TabularModel, values: Floats, policy: Ints) -> Refined | None:
    states, shape = np.arange(model.num_states), model.R.shape
    barred = ~model.legal | model.over[:, None]
    lengths = 1.25 * np.diff(model.P.indptr).reshape(shape) + 5
    if model.discount == 1:
        policy = ending_policy(model, policy)
    for _ in range(ROUNDS):
        changes = _backed_up(model, model.R, values) - values[:, None]
        sizes = _backed_up(model, np.abs(model.R), np.abs(values)) + np.abs(values)[:, None]
        sizes += FAINT * float(sizes.max())
        noise = UNIT * lengths * sizes
        noise[model.over] = 0.0
        transitions, _ = policy_system(model, TabularPolicy(policy, shape[1]))
        going = ~model.over
        error = solve_values(transitions, changes[states, policy] * going, model.discount)
        loss = solve_values(transitions, noise[states, policy], model.discount)
        left = _backed_up(model, changes, error) - error[:, None]
        gains = left + 2 * (_backed_up(model, 0.0, loss) - loss[:, None]) + noise
        gains[barred] = -np.inf
        solved = bool((np.abs(left[states, policy]) <= noise[states, policy])[going].all())
        errors = _backed_up(model, 0.0, np.abs(error)) + np.abs(error)[:, None]
        solved &= bool((4 * errors <= sizes).all())  # else `left` has rounding errors of its own
        values = values + error
        if solved and not (gains > 0).any():
            rounding = UNIT * float(np.abs(values).max())
            return Refined(values, 2 * float(loss.max()) + rounding, policy)
        best = gains.argmax(axis=1)
        policy = np.where(gains[states, best] > 0, best, policy)
    return None


def _backed_up(model: TabularModel, rewards: Floats | float, values: Floats) -> Floats:
    """Return r + discount P V, `(S, A)`."""
    return np.asarray(rewards + model.discount * (model.P @ values).reshape(model.R.shape))


def ending_policy(model: TabularModel, policy: Ints) -> Ints:
    """Return `policy`, changed where it may never end: there it goes to where it does."""
    from rlkit.agents.planning.graphs import route, rows_into

    transitions, _ = policy_system(model, TabularPolicy(policy, model.num_actions))
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
