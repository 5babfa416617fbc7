"""Counter-based random numbers: draw number n of a stream is a pure function of (key, n).

Nothing is hidden in a generator object, so a single environment, a vector of thousands and a
compiled loop give the same bits, a trajectory is resumed from two integers, and no stream can
disturb another. The functions use plain integer arithmetic that Python integers, NumPy `uint64`
arrays and compiled kernels evaluate alike.

The mixing function is SplitMix64's (Steele, Lea and Flood, "Fast splittable pseudorandom number
generators", OOPSLA 2014), which passes BigCrush when it is fed with a counter times `GOLDEN`.
"""

import zlib
from operator import index
from typing import Any, Protocol

import numpy as np

from rlkit.arrays import Array, Floats
from rlkit.compiled import shared

MASK = 0xFFFF_FFFF_FFFF_FFFF
GOLDEN = 0x9E37_79B9_7F4A_7C15

Word = Any
"""A 64-bit word: a Python integer, a `uint64` array, or an integer in a kernel."""


@shared
def scramble(word: Word) -> Word:
    """Return a bijective mix of a 64-bit word (SplitMix64's finaliser)."""
    word = ((word ^ (word >> 30)) * 0xBF58_476D_1CE4_E5B9) & MASK
    word = ((word ^ (word >> 27)) * 0x94D0_49BB_1331_11EB) & MASK
    return word ^ (word >> 31)


@shared
def uniform(key: Word, counter: Word) -> Any:
    """Return draw number `counter` of the stream `key`: a multiple of 2^-53 in [0, 1)."""
    return (scramble((key + counter * GOLDEN) & MASK) >> 11) * 2.0**-53


def derive(seed: int, *path: int | str) -> int:
    """Return the 64-bit key of the stream that `path` names below `seed`.

    Keys are mixed, so consecutive seeds and indices give unrelated streams: environment i of a
    vector seeded with s has the key `derive(s, i)`, and a scalar environment is index 0.

    Args:
        seed: A non-negative integer of any size.
        path: Integers or names, from the outermost to the innermost.
    """
    seed = index(seed)  # NumPy's would overflow
    if seed < 0:
        raise ValueError(f"a seed is a non-negative integer, got {seed}")
    key: int = scramble((seed + GOLDEN) & MASK)
    while seed := seed >> 64:
        key = _below(key, (seed ^ GOLDEN) & MASK)
    for part in path:
        key = _below(key, _number_of(part))
    return key


def _number_of(part: int | str) -> int:
    return zlib.crc32(part.encode()) << 31 if isinstance(part, str) else index(part)


def derive_many(seed: int, count: int) -> Array:
    """Return `derive(seed, i)` for i = 0 ... count - 1, shape `(count,)`."""
    numbers = np.arange(count, dtype=np.uint64)
    return np.asarray(scramble(np.uint64(scramble(derive(seed) ^ GOLDEN)) + numbers))


def _below(key: int, number: int) -> int:
    """Return the key of branch `number` below `key`; not symmetric in the two."""
    return int(scramble((scramble(key ^ GOLDEN) + number) & MASK))


class Rng(Protocol):
    """What the library asks of a source of random numbers; NumPy's `Generator` meets it too."""

    def random(self) -> float:
        """Return a uniform number in [0, 1)."""
        ...

    def integers(self, high: int, /) -> int:
        """Return a uniform integer in 0 ... high - 1."""
        ...


class Stream:
    """The stream of uniforms of one key, with the counter of the next draw."""

    __slots__ = ("counter", "key")

    def __init__(self, key: int, counter: int = 0) -> None:
        self.key = key
        self.counter = counter

    def random(self) -> float:
        """Return the next uniform number in [0, 1)."""
        draw: float = uniform(self.key, self.counter)
        self.counter += 1
        return draw

    def integers(self, high: int, /) -> int:
        """Return a uniform integer in 0 ... high - 1 (one draw, biased by less than high/2^53)."""
        return int(self.random() * high)

    def randoms(self, number: int) -> Floats:
        """Return what so many calls of `random` would, `(number,)`."""
        counters = np.arange(self.counter, self.counter + number, dtype=np.uint64)
        self.counter += number
        return np.asarray(uniform(np.uint64(self.key), counters))

    def __repr__(self) -> str:
        return f"Stream(key={self.key:#018x}, counter={self.counter})"
