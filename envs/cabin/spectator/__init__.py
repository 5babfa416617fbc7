"""From the simulator's state to scenes: what somebody who looks on would see."""

from rlkit.lazy import offering

__getattr__ = offering(__name__, {}, "rlkit.envs.cabin.spectator.spectator")
