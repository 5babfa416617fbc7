"""The car's part of the dialogue: what it believes, what it may do, what it says."""

from rlkit.lazy import offering

__getattr__ = offering(__name__, {}, "rlkit.envs.cabin.assistant.saying")
