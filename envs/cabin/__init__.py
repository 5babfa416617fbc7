"""The cabin dialogue simulator: a driver talks to the car through a noisy microphone."""

from typing import TYPE_CHECKING

from rlkit.lazy import offering

if TYPE_CHECKING:
    from rlkit.envs.cabin.env import CabinBenchEnv, CabinEnv
    from rlkit.envs.cabin.live.assistant import Assistant
    from rlkit.envs.cabin.policy import HandcraftedPolicy
    from rlkit.envs.cabin.vector import CabinVectorEnv

__all__ = ["Assistant", "CabinBenchEnv", "CabinEnv", "CabinVectorEnv", "HandcraftedPolicy"]

_HOMES = {
    "Assistant": "rlkit.envs.cabin.live.assistant",
    "CabinBenchEnv": "rlkit.envs.cabin.env",
    "CabinEnv": "rlkit.envs.cabin.env",
    "CabinVectorEnv": "rlkit.envs.cabin.vector",
    "HandcraftedPolicy": "rlkit.envs.cabin.policy",
}

# On first use: the exact cabin beside it needs no simulator.
__getattr__ = offering(__name__, _HOMES)
