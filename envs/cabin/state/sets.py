"""Sets of data-base rows as bits, 64 to a word."""

import numpy as np

from rlkit.compiled import shared
from rlkit.envs.cabin.state.tables import Words

ONE = np.uint64(1)
SHIFTS = (np.uint64(1), np.uint64(2), np.uint64(4), np.uint64(8), np.uint64(16), np.uint64(32))
FIELDS = (
    np.uint64(0x5555555555555555),
    np.uint64(0x3333333333333333),
    np.uint64(0x0F0F0F0F0F0F0F0F),
    np.uint64(0x00FF00FF00FF00FF),
    np.uint64(0x0000FFFF0000FFFF),
    np.uint64(0x00000000FFFFFFFF),
)


@shared
def ones(word: np.uint64) -> int:
    """Return the number of bits set in a word."""
    word = (word & FIELDS[0]) + ((word >> SHIFTS[0]) & FIELDS[0])
    word = (word & FIELDS[1]) + ((word >> SHIFTS[1]) & FIELDS[1])
    word = (word & FIELDS[2]) + ((word >> SHIFTS[2]) & FIELDS[2])
    word = (word & FIELDS[3]) + ((word >> SHIFTS[3]) & FIELDS[3])
    word = (word & FIELDS[4]) + ((word >> SHIFTS[4]) & FIELDS[4])
    return int((word & FIELDS[5]) + (word >> SHIFTS[5]))


@shared
def count_rows(rows: Words) -> int:
    """Return how many rows are in the set."""
    total = 0
    for word in rows:
        total += ones(word)
    return total


@shared
def has_row(rows: Words, row: int) -> bool:
    """Return whether the row is in the set."""
    return bool((rows[row >> 6] >> np.uint64(row & 63)) & ONE != np.uint64(0))


@shared
def add_row(rows: Words, row: int) -> None:
    """Put the row into the set."""
    rows[row >> 6] |= ONE << np.uint64(row & 63)


@shared
def first_row(rows: Words) -> int:
    """Return the first row of the set, or -1."""
    for index in range(len(rows)):
        word = rows[index]
        if word != np.uint64(0):
            lowest = word & (~word + ONE)
            return index * 64 + ones(lowest - ONE)
    return -1


@shared
def first_row_outside(rows: Words, others: Words) -> int:
    """Return the first row of the set that is not in the other set, or -1."""
    for index in range(len(rows)):
        word = rows[index] & ~others[index]
        if word != np.uint64(0):
            lowest = word & (~word + ONE)
            return index * 64 + ones(lowest - ONE)
    return -1


@shared
def nth_row_outside(rows: Words, others: Words, n: int) -> int:
    """Return row number n (from 0) of those in the set and not in the other, or -1."""
    for index in range(len(rows)):
        word = rows[index] & ~others[index]
        here = ones(word)
        if n >= here:
            n -= here
            continue
        for _ in range(n):
            word &= word - ONE
        lowest = word & (~word + ONE)
        return index * 64 + ones(lowest - ONE)
    return -1


@shared
def count_outside(rows: Words, others: Words) -> int:
    """Return how many rows are in the set and not in the other."""
    total = 0
    for index in range(len(rows)):
        total += ones(rows[index] & ~others[index])
    return total
