"""The microphone: what becomes of what the driver says."""

from rlkit.lazy import offering

__getattr__ = offering(__name__, {}, "rlkit.envs.cabin.channel.hearing")
