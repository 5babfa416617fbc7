"""Numbers that are not finite are refused before anything is learned from them."""

import numpy as np

from rlkit.agents.checking import NotFiniteError
from rlkit.arrays import Array


def check_finite(name: str, what: str, array: Array, first_step: int) -> None:
    """Raise a NotFiniteError unless all numbers of `(T, N, ...)` are finite.

    Args:
        name: Of the environments.
        what: They are, with its article.
        array: Of T steps of N environments.
        first_step: The absolute step at which they begin.
    """
    if array.dtype.kind != "f" or np.isfinite(array.sum()):
        return
    wrong = ~np.isfinite(array).reshape(*array.shape[:2], -1).all(axis=-1)
    if wrong.any():
        t, i = (int(place) for place in np.argwhere(wrong)[0])
        raise NotFiniteError(
            f"in {name}, environment {i} gave {what} that is not finite at step "
            f"{first_step + t * array.shape[1]}: {array[t, i]}. Nothing was learned from it"
        )


def scale_of(length: float, longest: float | None, step: int) -> float:
    """Return what to multiply a gradient by so that it is no longer than `longest`.

    Raises:
        NotFiniteError: If its length is not finite; the message names the step.
    """
    if not np.isfinite(length):
        raise NotFiniteError(
            f"the gradient is not finite at step {step}; a smaller learning rate may help"
        )
    return 1.0 if longest is None or length <= longest else longest / length
