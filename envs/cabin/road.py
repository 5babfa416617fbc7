"""Moved to `rlkit.envs.cabin.car.road`."""

from rlkit.lazy import moved

__getattr__ = moved(__name__, "rlkit.envs.cabin.car.road")
