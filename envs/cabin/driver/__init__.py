"""The driver's part of the dialogue: what is wanted, and how the driver answers."""

from typing import TYPE_CHECKING

from rlkit.lazy import offering

if TYPE_CHECKING:
    from rlkit.envs.cabin.state.temper import DRIVERS, STANDARD, UNFRIENDLY, Driver

__all__ = ["DRIVERS", "STANDARD", "UNFRIENDLY", "Driver"]

_HOMES = dict.fromkeys(__all__, "rlkit.envs.cabin.state.temper")

__getattr__ = offering(__name__, _HOMES, "rlkit.envs.cabin.state.temper")
