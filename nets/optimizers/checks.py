"""Settings of an optimizer, checked."""

from math import isfinite
from typing import Any


def check_rate(rate: Any) -> None:
    """Raise a ValueError unless a learning rate is finite and not negative."""
    if not isfinite(rate) or rate < 0:
        raise ValueError(f"a learning rate is finite and not negative; got lr={rate}")


def check_epsilon(eps: float) -> None:
    """Raise a ValueError unless epsilon is finite and not negative."""
    if not isfinite(eps) or eps < 0:
        raise ValueError(f"epsilon is finite and not negative; got eps={eps}")
