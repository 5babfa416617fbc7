"""Moved to `rlkit.envs.cabin.state.acts`."""

from rlkit.lazy import moved

__getattr__ = moved(__name__, "rlkit.envs.cabin.state.acts")
