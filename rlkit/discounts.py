"""The discount that an environment names itself, however it is wrapped and however many it is."""

from collections.abc import Iterator
from typing import Any

from gymnasium.vector import AsyncVectorEnv

from rlkit.checks import in_unit_interval

NAME = "discount"
"""The attribute that names it, of an environment, of a wrapper or of a model."""
DEFAULT_DISCOUNT = 0.99
"""Where nobody names one."""


def discount_of(env: Any, given: float | None = None) -> float:
    """Return a discount: as given, else the environment's own, else .99.

    Args:
        env: A single environment or a vector, wrapped or not.
        given: Of a hyper-parameter or a player; None if they leave it to the environment.

    Raises:
        ValueError: As `own_discount`.
    """
    own = own_discount(env) if given is None else given
    return DEFAULT_DISCOUNT if own is None else float(own)


def own_discount(env: Any) -> float | None:
    """Return the discount that an environment names; None if it names none.

    The outermost wrapper that names one counts, else the environment, else its `model`. In a
    vector it is that of the environments inside.

    Args:
        env: A single environment or a vector, wrapped or not.

    Raises:
        ValueError: If it lies outside [0, 1], or the environments of a vector name several.
    """
    found = {_checked(value) for value in _named(env)}
    if len(found) > 1:
        raise ValueError(
            f"the environments of the vector name different discounts, {sorted(found)}: say which "
            "one to learn with, as in discount=0.99"
        )
    return next(iter(found), None)


def _checked(value: Any) -> float:
    return in_unit_interval(f"the environment's {NAME}", value)


def _named(env: Any) -> Iterator[Any]:
    """Yield what an environment, or each one of a vector, names."""
    base = env.unwrapped
    for owner in (*_layers(env), getattr(base, "model", None)):
        own = getattr(owner, NAME, None)
        if own is not None and not callable(own):
            yield own
            return
    if isinstance(base, AsyncVectorEnv):
        # To ask for an attribute that is not there would shut the workers down.
        if all(base.call("has_wrapper_attr", NAME)):
            yield from (own for own in base.get_attr(NAME) if own is not None)
        return
    for one in getattr(base, "envs", ()):
        yield from _named(one)


def _layers(env: Any) -> Iterator[Any]:
    """Yield an environment's wrappers from the outermost on, then itself."""
    base = env.unwrapped
    while env is not base:
        yield env
        env = env.env
    yield base
