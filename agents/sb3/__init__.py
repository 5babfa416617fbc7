"""Algorithms of Stable-Baselines3: seated as agents of ours, and our vectors as theirs."""

from typing import TYPE_CHECKING

from rlkit.lazy import offering

if TYPE_CHECKING:
    from rlkit.agents.sb3.vectors import make_sb3

__all__ = ["make_sb3"]

__getattr__ = offering(
    __name__, dict.fromkeys(__all__, "rlkit.agents.sb3.vectors"), "rlkit.agents.sb3.vectors"
)
