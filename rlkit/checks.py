"""Errors for numbers that are none, or lie where they must not: what came, and what is allowed."""

from math import isfinite
from numbers import Real
from typing import Any


def finite(name: str, value: Any) -> float:
    """Return a finite number as it came.

    Raises:
        ValueError: If it is none.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value):
        raise ValueError(f"{name} must be a finite number, got {value!r}")
    return float(value)


def share(name: str, value: Any) -> float:
    """Return a number in [0, 1] as it came.

    Raises:
        ValueError: If it is none.
    """
    if not 0 <= finite(name, value) <= 1:
        raise ValueError(f"{name} must lie in [0, 1], got {value}")
    return float(value)
