"""What every learner tells a callback."""

from rlkit.agent import Callback, Progress

__all__ = ["Callback", "Progress"]
