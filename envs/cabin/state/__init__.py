"""The board on which all play: acts, the record of a dialogue, tables, draws and rewards."""

from rlkit.lazy import offering

__getattr__ = offering(__name__, {}, "rlkit.envs.cabin.state.record")
