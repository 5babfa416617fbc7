"""The linear system of policy evaluation, (I - discount P_pi) V = r_pi."""

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import LinearOperator, bicgstab, spilu, splu

from rlkit.arrays import Bools, Floats
from rlkit.policy import TabularPolicy

if TYPE_CHECKING:
    from rlkit.model import TabularModel

DIRECT_LIMIT = 5_000
RESIDUAL = 1e-12


def policy_system(model: "TabularModel", policy: TabularPolicy) -> tuple[sparse.csr_array, Floats]:
    """Return P_pi `(S, S)`, with empty rows where the episode is over, and r_pi `(S,)`."""
    states = np.arange(model.num_states)
    going = (~model.over).astype(np.float64)
    if policy.deterministic:
        rows = states * model.num_actions + policy.table
        chosen = sparse.csr_array(
            (going, (states, rows)), shape=(model.num_states, model.P.shape[0])
        )
        rewards = model.R[states, policy.table]
    else:
        weights = policy.table * going[:, None]
        rows = states[:, None] * model.num_actions + np.arange(model.num_actions)
        chosen = sparse.csr_array(
            (weights.ravel(), (np.repeat(states, model.num_actions), rows.ravel())),
            shape=(model.num_states, model.P.shape[0]),
        )
        rewards = (policy.table * model.R).sum(axis=1)
    transitions = sparse.csr_array(chosen @ model.P)
    transitions.eliminate_zeros()
    return transitions, rewards * going


def finite_horizon(
    transitions: sparse.csr_array, rewards: Floats, discount: float, horizon: int
) -> Floats:
    """Return the expected discounted return of `horizon` steps from every state, `(S,)`."""
    if horizon < 0:
        raise ValueError(f"a horizon is a non-negative number of steps, got {horizon}")
    values = np.zeros(len(rewards))
    for _ in range(horizon):
        values = rewards + discount * (transitions @ values)
    return values


def solve_values(transitions: sparse.csr_array, rewards: Floats, discount: float) -> Floats:
    """Solve V = r + discount P V for V, `(S,)`.

    Raises:
        ValueError: At discount 1, if a state can reach a loop that is paid and never left.
        ArithmeticError: If the iterative solver does not reach its residual.
    """
    if discount == 1:
        transitions = _without_unpaid_loops(transitions, rewards)
    size = len(rewards)
    system = sparse.csc_array(sparse.eye_array(size) - discount * transitions)
    if size <= DIRECT_LIMIT:
        return np.asarray(splu(system).solve(rewards))
    return _solve_iteratively(system, rewards)


def _solve_iteratively(system: sparse.csc_array, rewards: Floats) -> Floats:
    size = len(rewards)
    factors = spilu(system, drop_tol=1e-3, fill_factor=5)
    preconditioner = LinearOperator((size, size), factors.solve)
    scale = max(float(np.abs(rewards).max()), 1e-300)
    values, _ = bicgstab(system, rewards, rtol=RESIDUAL, maxiter=2_000, M=preconditioner)
    if float(np.abs(rewards - system @ values).max()) > 1e-9 * scale:
        values = np.asarray(splu(system).solve(rewards))
    residual = float(np.abs(rewards - system @ values).max())
    if residual > 1e-6 * scale:
        raise ArithmeticError(f"policy evaluation stopped at the residual {residual:.3g}")
    return np.asarray(values)


def closed_loops(transitions: sparse.csr_array) -> Bools:
    """Return which states lie in a class that is never left and never ends, `(S,)`."""
    size = transitions.shape[0]
    leak = 1 - np.asarray(transitions.sum(axis=1)).ravel()
    number, label = connected_components(transitions, directed=True, connection="strong")
    leaves = np.zeros(number, dtype=np.bool_)
    leaves[label[leak > 1e-9]] = True
    rows = np.repeat(np.arange(size), np.diff(transitions.indptr))
    crossing = label[rows] != label[transitions.indices]
    leaves[label[rows[crossing]]] = True
    return np.asarray(~leaves[label])


def _without_unpaid_loops(transitions: sparse.csr_array, rewards: Floats) -> sparse.csr_array:
    """Cut loops that are never left and pay nothing: their value is 0. Refuse the paid ones."""
    loops = closed_loops(transitions)
    paid = loops & (rewards != 0)
    if paid.any():
        raise ValueError(
            f"at discount 1 this policy is improper: from state {int(paid.argmax())} the episode "
            f"never ends and pays {rewards[paid.argmax()]:.6g} a visit, so its value is infinite. "
            "Use a discount below 1 or a horizon."
        )
    return sparse.csr_array(sparse.diags_array((~loops).astype(np.float64)) @ transitions)
