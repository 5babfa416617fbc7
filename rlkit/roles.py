"""Whose episodes are whose: those to learn from, to choose by and to report are never the same.

Below every seed tests have a stream of their own, which no training meets. All agents of one seed
are tested on the same episodes, so that differences between them stay paired; those of another seed
on others, so that intervals across seeds contain the luck of the tests. What chooses (the best
checkpoint, when to stop) plays a third kind of episodes, or the figure that is reported would be
the luckiest of those it was chosen from.
"""

import operator
from typing import Any, SupportsIndex

from rlkit.randomness import derive

SEEDS = 2**31
"""Every environment takes seeds below this; some, which feed them to older generators, no other."""


def for_tests(seed: SupportsIndex) -> int:
    """Return the seed for `reset` of the episodes that are reported for a training seed."""
    return derive(operator.index(seed), "testing") % SEEDS


def for_validation(seed: SupportsIndex) -> int:
    """Return the seed for `evaluate` by which a training with this seed chooses."""
    return derive(operator.index(seed), "validation") % SEEDS


def own_seed(player: Any) -> int:
    """Return the seed that a player was made with; 0 for one that has none."""
    seed = getattr(player, "seed", None)
    return operator.index(seed) if isinstance(seed, SupportsIndex) else 0
