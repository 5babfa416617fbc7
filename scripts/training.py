"""Moved to `rlkit.scripts.runs.training`."""

from rlkit.lazy import moved

__getattr__ = moved(__name__, "rlkit.scripts.runs.training")
