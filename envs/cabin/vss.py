"""Moved to `rlkit.envs.cabin.ontology.vss`."""

from rlkit.lazy import moved

__getattr__ = moved(__name__, "rlkit.envs.cabin.ontology.vss")
