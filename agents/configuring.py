"""Hyper-parameters as frozen dataclasses, and environments from what users pass."""

from dataclasses import fields
from fractions import Fraction
from importlib import import_module
from typing import Any, TypeVar

import gymnasium
import numpy as np
from gymnasium.envs.registration import EnvSpec, find_highest_version, get_env_id, parse_env_id

from rlkit.checks import whole
from rlkit.names import unknown

Config = TypeVar("Config")


def make_config(kind: type[Config], settings: dict[str, Any]) -> Config:
    """Return a configuration from keyword arguments; numbers of NumPy become Python's.

    Raises:
        TypeError: For an unknown hyper-parameter, with the nearest name.
        ValueError: If a whole number is wanted and another came.
    """
    types = {field.name: field.type for field in fields(kind)}  # type: ignore[arg-type]
    plain = {name: _plain(value) for name, value in settings.items()}
    for name, value in plain.items():
        if name not in types:
            raise TypeError(unknown(f"hyper-parameter of {kind.__name__}", name, types))
        if isinstance(value, float) and types[name] in (int, int | None):
            plain[name] = whole(name, value)
    return kind(**plain)


def _plain(value: Any) -> Any:
    """Return a value with Python's numbers and lists in place of others, as files hold them."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return type(value)(_plain(part) for part in value)
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    return value


def make_env(env: Any) -> gymnasium.Env[Any, Any]:
    """Return an environment from an id or an environment."""
    if isinstance(env, str):
        return gymnasium.make(env)
    if isinstance(env, gymnasium.Env):
        return env
    raise TypeError(f"expected an environment or an id, got {type(env).__name__}")


def spec_of(name: str) -> EnvSpec:
    """Return the registered environment that an id means, read as `gymnasium.make` reads it.

    A module before a colon is imported first (`my_module:Mine-v0`); where no version is named, it
    is the highest.
    """
    module, _, env_id = name.rpartition(":")
    if module:
        import_module(module)
    namespace, bare, version = parse_env_id(env_id)
    if version is None and env_id not in gymnasium.registry:
        highest = find_highest_version(namespace, bare)
        env_id = env_id if highest is None else get_env_id(namespace, bare, highest)
    return gymnasium.spec(env_id)
