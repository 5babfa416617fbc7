"""The turn of a dialogue, parked and on the road: s' = f(s, a, noise), and its reward."""

from typing import TYPE_CHECKING

from rlkit.lazy import offering

if TYPE_CHECKING:
    from rlkit.envs.cabin.simulator.simulator import Simulator

__all__ = ["Simulator"]

_HOMES = {
    "Simulator": "rlkit.envs.cabin.simulator.simulator",
}

__getattr__ = offering(__name__, _HOMES, "rlkit.envs.cabin.simulator.simulator")
