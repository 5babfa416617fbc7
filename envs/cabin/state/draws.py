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
