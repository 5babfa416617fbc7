"""Draws scenes, and knows nothing of where they come from."""

from rlkit.lazy import offering

RENDER_MODES = ("human", "rgb_array", "ansi")
"""How an environment can be watched: in a window, as frames, as text."""
FPS = 30
"""Frames a second of the motion between two acts [1/s]."""
ACT_FPS = 1
"""Frames a second where an act is one frame, as in a film by `RecordVideo`: slow enough to read."""

__getattr__ = offering(__name__, {}, "rlkit.envs.cabin.dashboard.drawing")
