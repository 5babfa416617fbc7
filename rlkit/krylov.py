"""Compiled solution of a sparse system: its incomplete factors, and BiCGSTAB on them.

Values flow backwards from where rewards are. With the states in the order of their values the
system is nearly triangular, and the incomplete factors without fill-in, ILU(0) (Meijerink and van
der Vorst 1977; Saad, Iterative Methods for Sparse Linear Systems, section 10.3), nearly solve it.
BiCGSTAB (van der Vorst 1992; Saad, Alg. 7.7) does the rest. It is compiled here because SciPy's
calls BLAS for every product of vectors, whose threads cost it up to seven times on a busy machine.
"""

import numpy as np

from rlkit.arrays import Array, Floats, Ints
from rlkit.compiled import compiled, shared

GOLDEN = 0.6180339887498949
"""Its multiples fill the unit interval evenly, in an order without a period (Weyl 1916)."""

ROUNDING = 1e-14
"""An inner product below this, relative to its vectors, is none."""


@compiled
def factorise(starts: Array, columns: Array, entries: Floats, diagonal: Ints) -> Floats:
    """Return the entries of L (unit diagonal) and U on the system's own pattern: ILU(0).

    Args:
        starts: With `columns` and `entries`, the system as CSR with sorted rows.
        columns: See `starts`.
        entries: See `starts`.
        diagonal: Places of the diagonal entries, `(S,)`.
    """
    factors = entries.copy()
    place = np.full(len(diagonal), -1, dtype=np.int64)
    for i in range(len(diagonal)):
        for k in range(starts[i], starts[i + 1]):
            place[columns[k]] = k
        for k in range(starts[i], diagonal[i]):
            j = columns[k]
            factors[k] /= factors[diagonal[j]]
            for m in range(diagonal[j] + 1, starts[j + 1]):
                target = place[columns[m]]
                if target >= 0:
                    factors[target] -= factors[k] * factors[m]
        for k in range(starts[i], starts[i + 1]):
            place[columns[k]] = -1
    return factors


@shared
def solve_factors(
    starts: Array, columns: Array, factors: Floats, diagonal: Ints, right: Floats, x: Floats
) -> None:
    """Write the solution of L U x = right to `x`, `(S,)`."""
    for i in range(len(x)):
        total = right[i]
        for k in range(starts[i], diagonal[i]):
            total -= factors[k] * x[columns[k]]
        x[i] = total
    for i in range(len(x) - 1, -1, -1):
        total = x[i]
        for k in range(diagonal[i] + 1, starts[i + 1]):
            total -= factors[k] * x[columns[k]]
        x[i] = total / factors[diagonal[i]]


@shared
def multiply(starts: Array, columns: Array, entries: Floats, x: Floats, out: Floats) -> None:
    """Write the product of the system and `x` to `out`."""
    for i in range(len(x)):
        total = 0.0
        for k in range(starts[i], starts[i + 1]):
            total += entries[k] * x[columns[k]]
        out[i] = total


@shared
def inner(x: Floats, y: Floats) -> float:
    """Return the inner product of two vectors."""
    total = 0.0
    for i in range(len(x)):
        total += x[i] * y[i]
    return total


@shared
def begin_anew(shadow: Floats, direction: Floats, forward: Floats) -> None:
    """Forget the directions, and take a shadow that hardly any residual is orthogonal to."""
    for i in range(len(shadow)):
        shadow[i] = (i * GOLDEN) % 1.0 - 0.5
        direction[i] = forward[i] = 0.0


@compiled
def bicgstab(
    starts: Array,
    columns: Array,
    entries: Floats,
    diagonal: Ints,
    factors: Floats,
    right: Floats,
    reduction: float,
    max_steps: int,
) -> Floats:
    """Solve the system roughly, from zero, preconditioned from the right.

    Args:
        starts: With `columns` and `entries`, the system as CSR.
        columns: See `starts`.
        entries: See `starts`.
        diagonal: Places of the diagonal entries, `(S,)`.
        factors: Incomplete factors on the same pattern.
        right: The right-hand side, `(S,)`.
        reduction: The residual's wanted norm, relative to that of `right`.
        max_steps: Steps at most.

    Returns:
        x, `(S,)`, with whatever residual was reached; `right` where that is no smaller than at
        the start, since for I - discount P that is one backup.
    """
    x, residual, shadow = np.zeros_like(right), right.copy(), right.copy()
    direction, forward = np.zeros_like(right), np.zeros_like(right)
    guess, image = np.empty_like(right), np.empty_like(right)
    given = inner(right, right)
    faint, rho, alpha, omega = ROUNDING**2 * given, 1.0, 1.0, 1.0
    for _ in range(max_steps):
        left = inner(residual, residual)
        if left <= reduction**2 * given:
            break
        previous, rho = rho, inner(shadow, residual)
        if omega == 0.0 or rho**2 <= faint * left:  # broken down: begin anew from here
            begin_anew(shadow, direction, forward)
            rho, omega, faint = inner(shadow, residual), 1.0, ROUNDING**2 * inner(shadow, shadow)
        beta = rho / previous * alpha / omega
        for i in range(len(x)):
            direction[i] = residual[i] + beta * (direction[i] - omega * forward[i])
        solve_factors(starts, columns, factors, diagonal, direction, guess)
        multiply(starts, columns, entries, guess, forward)
        along = inner(shadow, forward)
        if along**2 <= faint * inner(forward, forward):
            rho, omega = 1.0, 0.0
            continue
        alpha = rho / along
        for i in range(len(x)):
            x[i] += alpha * guess[i]
            residual[i] -= alpha * forward[i]
        solve_factors(starts, columns, factors, diagonal, residual, guess)
        multiply(starts, columns, entries, guess, image)
        norm = inner(image, image)
        omega = inner(image, residual) / norm if norm > 0.0 else 0.0
        for i in range(len(x)):
            x[i] += omega * guess[i]
            residual[i] -= omega * image[i]
    return x if inner(residual, residual) < given else right
