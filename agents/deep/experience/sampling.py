"""Which units of a replay memory are learned from: uniformly, or as `prioritised` draws them.

A unit is one slot for networks without memory, and a sequence's first slot for those with. It can
be drawn while it is in the ring and enough slots have been filled after it.
"""

from collections.abc import Iterator
from typing import NamedTuple, Protocol

import numpy as np

from rlkit.agents.deep.experience.replay import Replay, Slots
from rlkit.arrays import Array, Bools, Ints
from rlkit.randomness import Stream


class Sample(NamedTuple):
    """Slots `(N,)`, and how much the loss of each counts, `(N,)` in (0, 1], or None for equally."""

    slots: Slots
    weights: Array | None


class Sampler(Protocol):
    """A way to draw units of a replay memory that hold a step."""

    def __len__(self) -> int:
        """Return how many units can be drawn."""
        ...

    def samples(self, number: int, times: int, exponent: float) -> Iterator[Sample]:
        """Draw `times` samples of so many units; `exponent` is that of their weights."""
        ...

    def update(self, slots: Slots, errors: Array) -> None:
        """Tell how wrong the values of a sample were."""
        ...

    def state_dict(self) -> dict[str, Array]:
        """Return what the next draw depends on beside the memory."""
        ...

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on exactly where `state_dict` was called."""
        ...


def least_slots(following: int, unit: int) -> int:
    """Return the slots of the shortest ring that always holds a unit with a step to draw.

    Args:
        following: So many slots must have been filled after a unit's first.
        unit: Slots of a unit. Of two single slots that follow each other one holds a step; the
            other may hold the last observation of an episode that was truncated.
    """
    return following + 2 if unit == 1 else (1 + -(-following // unit)) * unit


class Uniform:
    """Draws units uniformly, with replacement.

    Args:
        replay: The memory.
        following: So many slots must have been filled after a unit's first.
        key: Of the stream of random numbers.
    """

    def __init__(self, replay: Replay, following: int, key: int) -> None:
        self.replay, self.following = replay, following
        self.stream = Stream(key)

    def __len__(self) -> int:
        """Return how many units can be drawn."""
        first, after = self._range()
        return int((after - first).sum())

    def _range(self) -> tuple[Ints, Ints]:
        """Return the first unit of each environment that can be drawn, and the first after it."""
        replay = self.replay
        first = -(-np.maximum(replay.written - replay.length, 0) // replay.unit)
        after = (replay.written - 1 - self.following) // replay.unit + 1
        return first, np.maximum(after, first)

    def sample(self, number: int, exponent: float) -> Sample:
        """Draw units that hold a step; `exponent` is without meaning here."""
        del exponent
        first, after = self._range()
        bounds = np.cumsum(after - first)
        slots = self._draw(number, first, bounds)
        empty = self._empty(slots)
        while empty.any():
            again = self._draw(int(empty.sum()), first, bounds)
            for column, other in zip(slots, again, strict=True):
                column[empty] = other
            empty = self._empty(slots)
        return Sample(slots, None)

    def samples(self, number: int, times: int, exponent: float) -> Iterator[Sample]:
        """Draw `times` samples, all at once: how wrong one was does not change the next."""
        slots = self.sample(number * times, exponent).slots
        for start in range(0, number * times, number):
            yield Sample(Slots(*(column[start : start + number] for column in slots)), None)

    def _draw(self, number: int, first: Ints, bounds: Ints) -> Slots:
        drawn = (self.stream.randoms(number) * bounds[-1]).astype(np.int64)
        if len(bounds) == 1:
            return Slots(np.zeros(number, np.int64), (first[0] + drawn) * self.replay.unit)
        environments = np.searchsorted(bounds, drawn, side="right")
        before = np.concatenate([[0], bounds[:-1]])[environments]
        units = first[environments] + drawn - before
        return Slots(environments, units * self.replay.unit)

    def _empty(self, slots: Slots) -> Bools:
        (real,) = self.replay.at(slots, "real")
        return ~real if self.replay.unit == 1 else np.zeros(len(real), np.bool_)

    def update(self, slots: Slots, errors: Array) -> None:
        """Take no notice of how wrong the values were."""

    def state_dict(self) -> dict[str, Array]:
        """Return what the next draw depends on beside the memory."""
        return {"counter": np.array(self.stream.counter)}

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on exactly where `state_dict` was called."""
        self.stream.counter = int(state["counter"].item())
