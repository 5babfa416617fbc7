"""The goals that a data base admits, enumerated once.

A driver draws `GOAL_SLOTS` different slots and for each a value or dontcare, all uniformly, again
and again until two or three venues match. Enumeration gives the same law without the tries.
"""

from collections.abc import Iterator
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.state.acts import DONTCARE, NO_VALUE
from rlkit.envs.cabin.state.tables import GOAL_GROUP, GOAL_SLOTS, cumulative

FEWEST, MOST = 2, 3
"""Venues that match an admissible goal (PyDial)."""


def enumerate_goals(domain: Domain) -> tuple[NDArray[np.void], NDArray[np.int16]]:
    """Return the groups of slots with their cumulative probability, and the goals of each.

    Where no goal has two or three matches, as in a table of one row, any goal with a match will do.

    Raises:
        ValueError: If the domain has no venue.
    """
    if len(domain.venues) == 0:
        raise ValueError(
            f"the table of {domain.name!r} has no row; a goal needs at least one venue"
        )
    found = list(_groups(domain, FEWEST, MOST))
    if not found:
        found = list(_groups(domain, 1, len(domain.venues)))
    groups = np.zeros(len(found), GOAL_GROUP)
    weights = []
    first = 0
    for row, (slots, goals) in zip(groups, found, strict=True):
        row["slots"][: len(slots)] = slots
        row["size"], row["first"], row["count"] = len(slots), first, len(goals)
        first += len(goals)
        weights.append(len(goals) / np.prod([len(domain.values[slot]) + 1.0 for slot in slots]))
    groups["cdf"] = cumulative(weights)
    return groups, np.concatenate([goals for _, goals in found])


def _groups(
    domain: Domain, fewest: int, most: int
) -> Iterator[tuple[tuple[int, ...], NDArray[np.int16]]]:
    """Yield each group of slots that has admissible goals, with the goals."""
    size = min(GOAL_SLOTS, len(domain.slots))
    for slots in combinations(range(len(domain.slots)), size):
        kept = [_matched(domain.cells[:, slots], free, fewest, most) for free in _subsets(size)]
        goals = np.concatenate(kept)
        if len(goals):
            padded = np.full((len(goals), GOAL_SLOTS), NO_VALUE, np.int16)
            padded[:, :size] = goals
            yield slots, padded


def _subsets(size: int) -> Iterator[NDArray[np.bool_]]:
    for flags in product((False, True), repeat=size):
        yield np.array(flags, dtype=np.bool_)


def _matched(
    cells: NDArray[np.int16], free: NDArray[np.bool_], fewest: int, most: int
) -> NDArray[np.int16]:
    """Return the combinations that the right number of venues has; `free` slots are dontcare."""
    complete = cells[(cells[:, ~free] != NO_VALUE).all(axis=1)].copy()
    complete[:, free] = DONTCARE
    combos, counts = np.unique(complete, axis=0, return_counts=True)
    return combos[(counts >= fewest) & (counts <= most)].astype(np.int16)
