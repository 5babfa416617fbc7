"""The cabin dialogue simulator: a driver talks to the car through a noisy microphone."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rlkit.envs.cabin.env import CabinEnv
    from rlkit.envs.cabin.live import Assistant
    from rlkit.envs.cabin.policy import HandcraftedPolicy
    from rlkit.envs.cabin.vector import CabinVectorEnv

__all__ = ["Assistant", "CabinEnv", "CabinVectorEnv", "HandcraftedPolicy"]

_HOMES = {
    "Assistant": "rlkit.envs.cabin.live",
    "CabinEnv": "rlkit.envs.cabin.env",
    "CabinVectorEnv": "rlkit.envs.cabin.vector",
    "HandcraftedPolicy": "rlkit.envs.cabin.policy",
}


def __getattr__(name: str) -> Any:
    """Import the simulator on first use; the exact cabin beside it needs none of it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
