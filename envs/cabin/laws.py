"""Moved to `rlkit.envs.cabin.car.laws`."""

from rlkit.lazy import moved

__getattr__ = moved(__name__, "rlkit.envs.cabin.car.laws")
