"""Recorded drives: what they are, and how they are read, checked and completed."""

from typing import TYPE_CHECKING

from rlkit.lazy import offering

if TYPE_CHECKING:
    from rlkit.envs.cabin.roads.loading import load_drives
    from rlkit.envs.cabin.roads.rows import Drives

__all__ = ["Drives", "load_drives"]

_HOMES = {
    "Drives": "rlkit.envs.cabin.roads.rows",
    "load_drives": "rlkit.envs.cabin.roads.loading",
}

__getattr__ = offering(__name__, _HOMES)
