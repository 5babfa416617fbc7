"""Draws scenes, and knows nothing of where they come from."""

from rlkit.lazy import offering

__getattr__ = offering(__name__, {}, "rlkit.envs.cabin.dashboard.drawing")
