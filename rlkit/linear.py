"""The linear system of policy evaluation, (I - discount P_pi) V = r_pi."""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from rlkit.arrays import Bools, Floats, Ints

DIRECT_LIMIT = 5_000
"""States up to which sparse LU is used at once: beyond, its factors fill in."""
FALLBACK_LIMIT = 200_000
"""States up to which sparse LU is tried when iterating fails."""
RESIDUAL = 1e-12
"""Residual, relative to the largest reward or value, at which iterating stops."""
ACCEPTED = 1e-9
"""Relative residual up to which values are accepted."""
CYCLES = 40
"""Restarts of the iterative solver, each with the states in a better order."""
INNER_STEPS = 200
"""BiCGSTAB steps a restart."""
REFINEMENTS = 2
"""Corrections by the same factors: near discount 1 they win back half of the digits."""
LEAK = 1e-9
"""Probability below which a step is taken never to end the episode."""
DENSE_ROW = 64
"""Mean entries of a row from which incomplete factors cost more than they save."""


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


def solve_values(
    transitions: sparse.csr_array,
    rewards: Floats,
    discount: float,
    guess: Floats | None = None,
) -> Floats:
    """Solve V = r + discount P V for V, `(S,)`.

    Args:
        transitions: P, `(S, S)`, rows that sum to at most 1.
        rewards: r, `(S,)`.
        discount: In [0, 1].
        guess: Values to begin with, `(S,)`, where the system is solved iteratively.

    Raises:
        ValueError: At discount 1, if a state can reach a loop that is paid and never left.
        ArithmeticError: If the iterative solver does not reach its residual.
    """
    if discount == 1:
        transitions = without_unpaid_loops(transitions, rewards)
    if len(rewards) <= DIRECT_LIMIT:
        return _solve_directly(transitions, rewards, discount)
    values, residual = _solve_iteratively(transitions, rewards, discount, guess)
    if residual > ACCEPTED and len(rewards) <= FALLBACK_LIMIT:
        values = _solve_directly(transitions, rewards, discount)
        residual = _relative_residual(transitions, rewards, discount, values)
    if residual > ACCEPTED:
        raise ArithmeticError(f"policy evaluation stopped at the relative residual {residual:.3g}")
    return values


def nearer_values(
    transitions: sparse.csr_array, rewards: Floats, discount: float, order: Ints, guess: Floats
) -> Floats:
    """Return values nearer to the solution of V = r + discount P V than `guess`: exact if few.

    Args:
        transitions: P, `(S, S)`.
        rewards: r, `(S,)`.
        discount: In [0, 1].
        order: `(S,)`, the states in the order of elimination, where they are many.
        guess: Values to begin with, `(S,)`.

    Raises:
        ValueError: As `solve_values`, where the states are few.
    """
    if len(rewards) <= DIRECT_LIMIT:
        return solve_values(transitions, rewards, discount)
    errors = rewards + discount * (transitions @ guess) - guess
    return guess + correction(transitions, errors, discount, order, reduction=1e-3)


def correction(
    transitions: sparse.csr_array, errors: Floats, discount: float, order: Ints, reduction: float
) -> Floats:
    """Solve (I - discount P) x = errors roughly, by BiCGSTAB on incomplete factors (`krylov`).

    Args:
        transitions: P, `(S, S)`.
        errors: `(S,)`.
        discount: In [0, 1].
        order: `(S,)`, the states in the order of elimination; best from high to low values.
        reduction: The residual's wanted norm, relative to that of `errors`.

    Returns:
        x, `(S,)`; `errors` where the iteration broke down.
    """
    from rlkit.krylov import bicgstab, factorise

    system = _ordered_system(transitions, discount, order)
    structure = system.indptr, system.indices, system.data
    rows = np.repeat(np.arange(len(order)), np.diff(system.indptr))
    diagonal = np.flatnonzero(system.indices == rows)
    if system.nnz <= DENSE_ROW * len(order):
        factors = factorise(*structure, diagonal)
    else:
        factors = np.where(system.indices == rows, system.data, 0.0)
    x = np.empty(len(order))
    x[order] = bicgstab(*structure, diagonal, factors, errors[order], reduction, INNER_STEPS)
    return x


def _ordered_system(
    transitions: sparse.csr_array, discount: float, order: Ints
) -> sparse.csr_array:
    """Return I - discount P with rows and columns in `order`, as CSR with sorted rows."""
    size = len(order)
    rank = np.empty(size, dtype=transitions.indices.dtype)
    rank[order] = np.arange(size, dtype=rank.dtype)
    rows = sparse.csr_array(transitions[order])
    ordered = sparse.csr_array(
        (-discount * rows.data, rank[rows.indices], rows.indptr), shape=(size, size)
    )
    system = sparse.csr_array(sparse.eye_array(size, format="csr") + ordered)
    system.sort_indices()
    return system


def closed_loops(transitions: sparse.csr_array) -> Bools:
    """Return which states lie in a class that is never left and never ends, `(S,)`."""
    size = transitions.shape[0]
    leak = 1 - np.asarray(transitions.sum(axis=1)).ravel()
    number, label = connected_components(transitions, directed=True, connection="strong")
    leaves = np.zeros(number, dtype=np.bool_)
    leaves[label[leak > LEAK]] = True
    rows = np.repeat(np.arange(size), np.diff(transitions.indptr))
    crossing = label[rows] != label[transitions.indices]
    leaves[label[rows[crossing]]] = True
    return np.asarray(~leaves[label])


def without_unpaid_loops(transitions: sparse.csr_array, rewards: Floats) -> sparse.csr_array:
    """Cut loops that are never left and pay nothing: their value is 0.

    Raises:
        ValueError: If one of them is paid, so that values are infinite without a discount.
    """
    loops = closed_loops(transitions)
    paid = loops & (rewards != 0)
    if paid.any():
        raise ValueError(
            f"at discount 1 this policy is improper: from state {int(paid.argmax())} the episode "
            f"never ends and pays {rewards[paid.argmax()]:.6g} a visit, so the policy has no "
            "finite value. Use a discount below 1 or a horizon."
        )
    return _without_rows(transitions, loops)


def cut_loops(transitions: sparse.csr_array) -> sparse.csr_array:
    """Return P with empty rows where the episode is never left, so that I - P is regular."""
    return _without_rows(transitions, closed_loops(transitions))


def _without_rows(transitions: sparse.csr_array, cut: Bools) -> sparse.csr_array:
    if not cut.any():
        return transitions
    return sparse.csr_array(sparse.diags_array((~cut).astype(np.float64)) @ transitions)


def _solve_directly(transitions: sparse.csr_array, rewards: Floats, discount: float) -> Floats:
    system = sparse.csc_array(sparse.eye_array(len(rewards)) - discount * transitions)
    factors = splu(system)
    values = factors.solve(rewards)
    for _ in range(REFINEMENTS):
        values += factors.solve(rewards + discount * (transitions @ values) - values)
    return np.asarray(values)


def _solve_iteratively(
    transitions: sparse.csr_array, rewards: Floats, discount: float, guess: Floats | None
) -> tuple[Floats, float]:
    """Return values and their relative residual; the order of the states improves with them."""
    values = np.zeros(len(rewards)) if guess is None else guess.copy()
    best, least = values, _relative_residual(transitions, rewards, discount, values)
    failures = 0
    for _ in range(CYCLES):
        if least <= RESIDUAL or failures > 2:
            break
        errors = rewards + discount * (transitions @ best) - best
        order = np.argsort(-best, kind="stable")
        values = best + correction(transitions, errors, discount, order, reduction=1e-4)
        residual = _relative_residual(transitions, rewards, discount, values)
        failures = 0 if residual < 0.5 * least else failures + 1
        if residual < least:
            best, least = values, residual
    return best, least


def _relative_residual(
    transitions: sparse.csr_array, rewards: Floats, discount: float, values: Floats
) -> float:
    """Return max |r + discount P V - V|, relative to the largest reward or value."""
    if not np.isfinite(values).all():
        return np.inf
    scale = max(float(np.abs(rewards).max()), float(np.abs(values).max()))
    errors = rewards + discount * (transitions @ values) - values
    return float(np.abs(errors).max()) / scale if scale else 0.0
