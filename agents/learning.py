"""What every learner tells a callback."""

from collections.abc import Callable
from typing import Any, NamedTuple


class Progress(NamedTuple):
    """What a callback sees: absolute steps so far, the target, and the agent."""

    step: int
    target: int
    agent: Any


Callback = Callable[[Progress], bool | None]
"""Returning False stops the learning."""
