"""The random draws of the kernels: each environment has its own stream of numbers."""

import numpy as np

from rlkit.compiled import shared
from rlkit.envs.cabin.state.tables import Record
from rlkit.randomness import uniform


@shared
def draw(dialogue: Record) -> float:
    """Return the environment's next uniform number in [0, 1)."""
    number = uniform(dialogue.key, dialogue.counter)
    dialogue.counter += np.uint64(1)
    return float(number)


@shared
def pick(dialogue: Record, count: int) -> int:
    """Return a uniform integer in 0 ... count - 1."""
    return int(draw(dialogue) * count)


@shared
def draw_either(dialogue: Record, first: int, second: int) -> int:
    """Draw one of two behaviours, 0 or 1, each with its whole probability, or neither, 2."""
    number = draw(dialogue) - dialogue.behaviour[first]
    if number < 0.0:
        return 0
    return 1 if number < dialogue.behaviour[second] else 2
