"""Errors for numbers that are none, or lie where they must not: what came, and what is allowed."""

from math import isfinite
from numbers import Real
from secrets import randbits
from typing import Any

import numpy as np


def finite(name: str, value: Any) -> float:
    """Return a finite number as it came.

    Raises:
        ValueError: If it is none.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value):
        raise ValueError(f"{name} must be a finite number, got {value!r}")
    return float(value)


def in_unit_interval(name: str, value: Any) -> float:
    """Return a number in [0, 1] as it came.

    Raises:
        ValueError: If it is none.
    """
    if not 0 <= finite(name, value) <= 1:
        raise ValueError(f"{name} must lie in [0, 1], got {value}")
    return float(value)


def whole(name: str, value: Any, least: int = 0) -> int:
    """Return a whole number as a Python integer; 1e5 and those of NumPy are whole numbers too.

    Raises:
        ValueError: If it is none, or less than `least`.
    """
    number = (
        value.item() if isinstance(value, np.generic | np.ndarray) and value.ndim == 0 else value
    )
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int) or number < least:
        raise ValueError(f"{name} must be a whole number from {least} on, got {value!r}")
    return number


def seed_of(value: Any) -> int:
    """Return a seed as a Python integer; None draws one from the system, as in Gymnasium.

    Raises:
        ValueError: If it is no whole number from 0 on.
    """
    return randbits(63) if value is None else whole("seed", value)


def not_negative(name: str, value: Any) -> float:
    """Return a finite number from 0 on as it came.

    Raises:
        ValueError: If it is none.
    """
    if finite(name, value) < 0:
        raise ValueError(f"{name} must not be negative, got {value}")
    return float(value)


def flag(name: str, value: Any) -> bool:
    """Return True or False as it came.

    Raises:
        ValueError: If it is neither.
    """
    if not isinstance(value, bool | np.bool_):
        raise ValueError(f"{name} must be True or False, got {value!r}")
    return bool(value)
