"""What environments give, checked: masks and numbers, and the errors that say what was wrong.

`checked` checks all that an environment of somebody's own answers.
"""

from typing import Any

import numpy as np

from rlkit.arrays import Array

MASK = "action_mask"
NUMBERS = "biuf"
"""Kinds of NumPy's dtypes that hold real numbers."""

Complaint = str | None
"""What is wrong and what is allowed; None if nothing is."""


class NotFiniteError(ArithmeticError):
    """An observation, a reward or a gradient is not a finite number; the message says where."""


class OddAnswerError(ValueError):
    """An environment gave what its spaces do not hold; the message says which, what and when."""


def name_of(env: Any) -> str:
    """Return the id of an environment, single or vector, or else the name of its class."""
    spec = env.spec
    inside = getattr(env.unwrapped, "envs", None) or [env]
    return spec.id if spec is not None else type(inside[0].unwrapped).__name__


def complaint_about_masks(masks: Any, shape: tuple[int, ...]) -> Complaint:
    """Return why something is no array of action masks of a shape, or None if it is."""
    array = real_numbers(masks)
    wanted = f"a mask has the shape {shape}, not zero where an action is legal"
    if array is None:
        return f"it holds no numbers; {wanted}"
    if array.shape != shape:
        return f"action masks have the shape {shape}, got {array.shape}; {wanted}"
    if array.dtype.kind == "f" and not (np.isfinite(array) & (array >= 0)).all():
        return f"it holds numbers below 0, or none; {wanted}"
    return None


def real_numbers(value: Any) -> Array | None:
    """Return real numbers as an array; None if they are none."""
    try:
        array = np.asarray(value)
    except ValueError:  # rows of several lengths
        return None
    return array if array.dtype.kind in NUMBERS else None


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
