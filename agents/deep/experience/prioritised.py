"""Drawing what is learned from in proportion to how wrong its value was."""

from collections.abc import Iterator

import numpy as np

from rlkit.agents.deep.experience.replay import Replay, Slots
from rlkit.agents.deep.experience.sampling import Sample
from rlkit.agents.deep.experience.sum_tree import SumTree
from rlkit.arrays import Array, Floats, Ints
from rlkit.randomness import Stream


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
