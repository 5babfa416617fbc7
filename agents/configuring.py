"""Hyper-parameters as frozen dataclasses, and environments from what users pass."""

from dataclasses import fields
from typing import Any, TypeVar

import gymnasium

from rlkit.names import unknown

Config = TypeVar("Config")


def make_config(kind: type[Config], settings: dict[str, Any]) -> Config:
    """Return a configuration from keyword arguments.

    Raises:
        TypeError: For an unknown hyper-parameter, with the nearest name.
    """
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    for name in settings:
        if name not in names:
            raise TypeError(unknown(f"hyper-parameter of {kind.__name__}", name, names))
    return kind(**settings)


def make_env(env: Any) -> gymnasium.Env[Any, Any]:
    """Return an environment from an id or an environment."""
    if isinstance(env, str):
        return gymnasium.make(env)
    if isinstance(env, gymnasium.Env):
        return env
    raise TypeError(f"expected an environment or an id, got {type(env).__name__}")
