"""Which units of a replay memory are learned from: uniformly, or in proportion to their errors.

A unit is one slot for networks without memory, and a sequence's first slot for those with. It can
be drawn while it is in the ring and enough slots have been filled after it.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from rlkit.agents.deep.experience.replay import Replay, Slots
from rlkit.agents.deep.experience.sum_tree import SumTree
from rlkit.arrays import Array, Bools, Floats, Ints
from rlkit.randomness import Stream


class Sample(NamedTuple):
    """Slots `(N,)`, and how much the loss of each counts, `(N,)` in (0, 1], or None for equally."""

    slots: Slots
    weights: Array | None


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


class Prioritised:
    """Draws units with probability p^a / sum p^a, p the last error. Schaul et al. 2016, eq. 1.

    New units have the highest priority so far. Weights (1 / (N P))^b, over the largest in the
    batch, correct for it (sec. 3.4).

    Args:
        replay: The memory.
        following: So many slots must have been filled after a unit's first.
        key: Of the stream of random numbers.
        exponent: a, in [0, 1].
    """

    LEAST = 1e-6
    """Added to every error, so that nothing is forgotten."""

    def __init__(self, replay: Replay, following: int, key: int, exponent: float) -> None:
        self.replay, self.following, self.exponent = replay, following, exponent
        self.stream = Stream(key)
        self._units = replay.length // replay.unit
        self._tree = SumTree(len(replay.written) * self._units)
        self._highest = 1.0
        self._seen = np.zeros_like(replay.written)

    def __len__(self) -> int:
        """Return how many units can be drawn."""
        self._follow()
        return int(np.count_nonzero(self._tree.leaves))

    def _follow(self) -> None:
        """Take in the slots that have been filled since the last call."""
        for i in np.flatnonzero(self._seen < self.replay.written):
            numbers = np.arange(self._seen[i], self.replay.written[i])
            self._admit(int(i), numbers)
        self._seen = self.replay.written.copy()

    def _admit(self, environment: int, numbers: Ints) -> None:
        """Drop the units that the slots `numbers` replaced; admit those they complete."""
        replay = self.replay
        replaced = numbers[numbers % replay.unit == 0]
        self._tree.set(self._leaves(environment, replaced), 0.0)
        starts = numbers - self.following
        starts = starts[(starts >= 0) & (starts % replay.unit == 0)]
        starts = starts[starts >= replay.written[environment] - replay.length]
        slots = Slots(np.full(len(starts), environment), starts)
        holds = replay.at(slots, "real")[0] if replay.unit == 1 else True
        self._tree.set(self._leaves(environment, starts), self._highest * np.asarray(holds))

    def _leaves(self, environments: int | Ints, numbers: Ints) -> Ints:
        return environments * self._units + numbers % self.replay.length // self.replay.unit

    def sample(self, number: int, exponent: float) -> Sample:
        """Draw units, one from each of `number` equal parts of the total priority.

        Args:
            number: How many.
            exponent: b, in [0, 1].
        """
        self._follow()
        shares: Floats = (np.arange(number) + self.stream.randoms(number)) / number
        leaves = self._tree.find(shares)
        environments, units = np.divmod(leaves, self._units)
        weights = self._tree.leaves[leaves] ** -exponent
        slots = Slots(environments, self._numbers(environments, units * self.replay.unit))
        return Sample(slots, (weights / weights.max()).astype(np.float32))

    def samples(self, number: int, times: int, exponent: float) -> Iterator[Sample]:
        """Draw `times` samples, each after `update` was told how wrong the one before was."""
        for _ in range(times):
            yield self.sample(number, exponent)

    def _numbers(self, environments: Ints, places: Ints) -> Ints:
        """Return the numbers of the newest slots at places of the rings."""
        newest = self.replay.written[environments] - 1
        return newest - (newest - places) % self.replay.length

    def update(self, slots: Slots, errors: Array) -> None:
        """Let units count as much as they were wrong."""
        priorities = (np.abs(errors) + self.LEAST) ** self.exponent
        self._highest = max(self._highest, float(priorities.max()))
        self._tree.set(self._leaves(slots.environments, slots.numbers), priorities)

    def state_dict(self) -> dict[str, Array]:
        """Return what the next draw depends on beside the memory."""
        return {
            "counter": np.array(self.stream.counter),
            "priorities": self._tree.leaves.copy(),
            "highest": np.array(self._highest),
            "seen": self._seen.copy(),
        }

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Go on exactly where `state_dict` was called."""
        self.stream.counter = int(state["counter"].item())
        self._tree.set(np.arange(self._tree.size), state["priorities"])
        self._highest = float(state["highest"].item())
        self._seen = state["seen"].astype(np.int64)


Sampler = Uniform | Prioritised
