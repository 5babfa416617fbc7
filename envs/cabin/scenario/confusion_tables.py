"""The tables of confusions: which of equally similar words are mistaken for each other.

Spelling says which words sound alike; where more are equally similar than a word is mistaken for,
chance decides, once a table. One table is what one microphone makes of the words; between tables
the same policy fares differently.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.channel.spelling import Alike, break_ties, sounding_alike
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.state.acts import USER_ACTS
from rlkit.envs.cabin.state.tables import RULES, VALUE
from rlkit.randomness import derive

MOST_BYTES = 10**9
"""Memory that tables of confusions may take [bytes]."""


def with_confusions(
    rules: np.void, domain: Domain, seed: int, count: int
) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """Return `Tables.rules` and `Tables.values` of `count` tables of confusions.

    Args:
        rules: A record of `RULES` without confusions.
        domain: The words.
        seed: Table k is the one that `seed + k` has alone.
        count: K.

    Raises:
        ValueError: If they take more than `MOST_BYTES`.
    """
    values = [_values_alike(domain, rules, slot) for slot in range(len(domain.slots) + 1)]
    per_table = sum(len(alike.table) for alike in values)
    _check_memory(domain, count, RULES.itemsize + per_table * VALUE.itemsize)
    names = domain.requestables
    heard = [k for k in range(len(names)) if names[k] != domain.entity]
    slots, acts = sounding_alike(names, heard), sounding_alike(USER_ACTS)
    tables, confused = np.full(count, rules), np.empty((count, per_table), VALUE)
    for k in range(count):
        rng = np.random.default_rng(derive(seed + k, "confusions"))
        _write(tables[k], "slot", slots, rng)
        confused[k] = np.concatenate([break_ties(alike, rng) for alike in values])
        _write(tables[k], "act", acts, rng)
        tables[k]["first_value"] = k * per_table
    return tables, confused.ravel()


def _values_alike(domain: Domain, rules: np.void, slot: int) -> Alike:
    """Return what a slot's values, and dontcare after them, are mistaken for."""
    values: Sequence[str] = (*domain.values, domain.venues)[slot]
    wanted = range(len(values)) if slot == rules["function_slot"] else None
    return sounding_alike((*values, "dontcare"), wanted)


def _write(rules: np.void, prefix: str, alike: Alike, rng: np.random.Generator) -> None:
    table = break_ties(alike, rng)
    for name in VALUE.names or ():
        rules[f"{prefix}_{name}"][: len(table)] = table[name]


def _check_memory(domain: Domain, count: int, size: int) -> None:
    if count * size > MOST_BYTES:
        raise ValueError(
            f"{count} tables of confusions of {domain.name!r} take {count * size / 1e6:.0f} MB, "
            f"{size / 1e3:.1f} kB each; the limit is {MOST_BYTES / 1e6:.0f} MB, that is "
            f"confusion_tables={MOST_BYTES // size}"
        )
