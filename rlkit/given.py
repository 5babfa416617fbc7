"""The arrays that people give a model, brought to one form: own copies that nobody can change."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from rlkit.arrays import Array, Bools, Floats
from rlkit.outcomes import TOLERANCE

COARSE = 16
"""How many units in the last place a row may be off where it has fewer digits than float64."""


class Rows(NamedTuple):
    """P as CSR `(S * A, S)`, and how far its rows may be from a distribution."""

    matrix: sparse.csr_array
    tolerance: float

    @property
    def pairs(self) -> tuple[int, int]:
        """The numbers of states and actions."""
        rows, states = self.matrix.shape
        return states, rows // states


def given_rows(P: Any, rewards_shape: tuple[int, ...]) -> Rows:
    """Return P in canonical form from what `TabularModel` takes.

    Raises:
        ValueError: If the shape is another; the message says which.
    """
    matrix, dtype = _stacked(P, rewards_shape)
    if matrix.dtype != np.float64:
        matrix = matrix.astype(np.float64)
    matrix.sum_duplicates()
    if not matrix.data.all():
        matrix.eliminate_zeros()
    coarse = np.issubdtype(dtype, np.floating) and dtype.itemsize < 8
    return Rows(matrix, COARSE * float(np.finfo(dtype).eps) if coarse else TOLERANCE)


def given_rewards(R: Any) -> Any:
    """Return rewards as an array of floats of their own, or as CSR if they came sparse."""
    if is_pieces(R):
        return _from_pieces(list(R))[0].astype(np.float64)
    if sparse.issparse(R):
        return sparse.csr_array(R, dtype=np.float64)
    return np.array(R, dtype=np.float64)


def given_flags(name: str, values: Any, shape: tuple[int, ...], default: bool) -> Bools:
    """Return a copy as booleans.

    Raises:
        ValueError: If the shape is another, or an entry neither true nor false.
    """
    array = _given(name, values, shape, default)
    if array.dtype != np.bool_ and not np.isin(array, (0, 1)).all():
        raise ValueError(
            f"`{name}` must hold true or false for each of {shape}, got {array.tolist()[:9]}"
        )
    return array.astype(np.bool_)


def given_numbers(name: str, values: Any, shape: tuple[int, ...], default: float) -> Floats:
    """Return a copy as floats.

    Raises:
        ValueError: If the shape is another.
    """
    return _given(name, values, shape, default).astype(np.float64)


def is_pieces(P: Any) -> bool:
    """Return whether P is a sequence of sparse matrices."""
    if isinstance(P, np.ndarray):
        return P.dtype == np.object_ and P.ndim == 1 and all(map(sparse.issparse, P))
    return isinstance(P, Sequence) and len(P) > 0 and all(map(sparse.issparse, P))


def freeze(*arrays: Array) -> None:
    """Forbid writing to arrays."""
    for array in arrays:
        array.flags.writeable = False


def _stacked(P: Any, rewards_shape: tuple[int, ...]) -> tuple[sparse.csr_array, np.dtype[Any]]:
    """Return a new CSR `(S * A, S)`, and the type that the numbers came in."""
    if is_pieces(P):
        return _from_pieces(list(P))
    if sparse.issparse(P):
        if P.ndim != 2 or not P.shape[1] or P.shape[0] % P.shape[1]:
            raise ValueError(f"a sparse P has shape (S * A, S); got {P.shape}")
        return sparse.csr_array(P, copy=True), P.dtype
    given = np.asarray(P)
    dense = np.asarray(given, dtype=np.float64)
    if dense.ndim != 3 or dense.shape[0] != dense.shape[2] or 0 in dense.shape:
        raise ValueError(
            f"a dense P has shape (S, A, S), state by action by next state; got {dense.shape}"
            + _hint_of_axes(dense, rewards_shape)
        )
    return sparse.csr_array(dense.reshape(-1, dense.shape[2])), given.dtype


def _from_pieces(pieces: list[Any]) -> tuple[sparse.csr_array, np.dtype[Any]]:
    """Stack sparse matrices, one `(S, S)` an action or one `(A, S)` a state."""
    shapes = {piece.shape for piece in pieces}
    rows, states = pieces[0].shape
    if len(shapes) > 1 or (rows != states and len(pieces) != states):
        raise ValueError(
            "a list of sparse matrices holds one (S, S) for each action, or one (A, S) for each "
            f"state; got {len(pieces)} of shape {' and '.join(map(str, sorted(shapes)))}"
        )
    stacked = sparse.csr_array(sparse.vstack(pieces, format="csr"))
    if rows == states:  # row a * S + s becomes row s * A + a
        order = np.arange(len(pieces) * states).reshape(len(pieces), states).T.ravel()
        stacked = sparse.csr_array(stacked[order])
    return stacked, np.result_type(*[piece.dtype for piece in pieces])


def _hint_of_axes(dense: Array, rewards_shape: tuple[int, ...]) -> str:
    if dense.ndim == 3 and dense.shape[1] == dense.shape[2] and rewards_shape:
        return "; did you mean P.transpose(1, 0, 2) of an (A, S, S) array?"
    if dense.ndim == 2:
        return "; rows (S * A, S) are taken as a SciPy sparse array"
    return ""


def misfit(shape: tuple[int, ...], pairs: tuple[int, int]) -> str:
    """Return what is to be said of rewards of a wrong shape."""
    states, actions = pairs
    return (
        f"R must have shape {pairs} or {(*pairs, states)}, or sparse {(states * actions, states)}, "
        f"got {shape}{_hint_of_rewards(shape, pairs)}"
    )


def _hint_of_rewards(shape: tuple[int, ...], pairs: tuple[int, int]) -> str:
    if shape == pairs[:1]:
        return "; a reward that only the state decides is np.repeat(R[:, None], A, axis=1)"
    if shape == pairs[::-1]:
        return "; did you mean R.T of an (A, S) array?"
    if shape == (pairs[1], pairs[0], pairs[0]):
        return "; did you mean R.transpose(1, 0, 2) of an (A, S, S) array?"
    return ""


def _given(name: str, values: Any, shape: tuple[int, ...], default: float) -> Array:
    if values is None:
        return np.full(shape, default)
    array = np.array(values.toarray() if sparse.issparse(values) else values)
    if array.shape != shape:
        raise ValueError(f"`{name}` must have shape {shape}, got {array.shape}")
    return array
