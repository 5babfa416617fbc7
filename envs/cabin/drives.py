"""Moved to `rlkit.envs.cabin.roads.loading`."""

from rlkit.lazy import moved

__getattr__ = moved(__name__, "rlkit.envs.cabin.roads.loading")
