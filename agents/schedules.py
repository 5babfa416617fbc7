"""The schedules of agents: `rlkit.schedules`, under the path that tutorials and pages name."""

from rlkit import schedules
from rlkit.schedules import *  # noqa: F403 - the whole family, and nothing else

__all__ = schedules.__all__
