"""The assistant in a real car: the policy that was trained, without a simulated driver."""

from typing import TYPE_CHECKING

from rlkit.lazy import offering

if TYPE_CHECKING:
    from rlkit.envs.cabin.live.assistant import Assistant, Reply

__all__ = ["Assistant", "Reply"]

_HOMES = dict.fromkeys(__all__, "rlkit.envs.cabin.live.assistant")

__getattr__ = offering(__name__, _HOMES, "rlkit.envs.cabin.live.assistant")
