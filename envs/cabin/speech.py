"""Moved to `rlkit.envs.cabin.language.speech`."""

from rlkit.lazy import moved

__getattr__ = moved(__name__, "rlkit.envs.cabin.language.speech")
