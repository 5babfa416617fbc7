"""Minibatches of a rollout: single steps, or stretches of episodes for networks with memory."""

from collections.abc import Iterator
from heapq import heapify, heappush, heapreplace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from rlkit.agents.deep.experience.encoding import Encoding
from rlkit.agents.deep.experience.rollout import Rollout
from rlkit.arrays import Array, Bools, Ints
from rlkit.nets.core import State


class Batch(NamedTuple):
    """What one gradient step reads: sequences for the core, and n steps to learn from.

    Attributes:
        x: Encoded observations, `(L, B, *input_shape)`; L = 1 without memory.
        state: Of the core before them.
        reset: `(L, B)`.
        places: Which of the L B rows are learned from, `(n,)`; None for all in order.
        actions: `(n,)`.
        masks: `(n, A)` bool, or None.
        log_probs: `(n,)`, when the actions were taken.
        advantages: `(n,)`.
        returns: `(n,)`, targets of the values.
    """

    x: Tensor
    state: State
    reset: Tensor
    places: Tensor | None
    actions: Tensor
    masks: Tensor | None
    log_probs: Tensor
    advantages: Tensor
    returns: Tensor


class Segment(NamedTuple):
    """A stretch of one environment in a rollout: steps start <= t < stop."""

    env: int
    start: int
    stop: int


class Batches:
    """Cuts a rollout into minibatches.

    Args:
        rollout: The rollout.
        advantages: `(T, N)`.
        encoding: Of the observations.
        device: Where the tensors go.
    """

    def __init__(
        self, rollout: Rollout, advantages: Array, encoding: Encoding, device: torch.device
    ) -> None:
        self.rollout, self.encoding, self.device = rollout, encoding, device
        self._observations = rollout.observations.reshape(-1, *encoding.stored_shape)
        flat = advantages.reshape(-1)
        returns = flat + rollout.values.reshape(-1)
        self._columns = [rollout.actions.reshape(-1), rollout.log_probs.reshape(-1), flat, returns]
        masks = rollout.masks
        self._masks = None if masks is None else masks.reshape(-1, masks.shape[2]) != 0
        self._valid = np.flatnonzero(rollout.valid.reshape(-1))

    def normalise_advantages(self) -> None:
        """Bring the advantages to mean 0 and standard deviation 1."""
        advantages = self._columns[2]
        known = advantages[self._valid]
        self._columns[2] = (advantages - known.mean()) / (known.std() + np.float32(1e-8))

    def weigh_advantages(self, weights: Array) -> None:
        """Multiply the advantages by `(T, N)` weights."""
        self._columns[2] = self._columns[2] * weights.reshape(-1)

    def whole(self) -> Batch:
        """Return all valid steps as one batch, in the order of the environments' stretches."""
        if not self.rollout.states:
            rows = self._valid
            columns, masks = self._gather(rows)
            read = self._tensor(self.encoding.encode(self._observations[rows]))[None]
            first = read, (), read.new_zeros(1, read.shape[1]), None
            return self._batch(first, columns, masks, slice(None))
        length = len(self.rollout.opens)
        return self._packed(segments_of(self.rollout, length), length)

    def steps(self, size: int, order: np.random.Generator) -> Iterator[Batch]:
        """Yield every valid step once, `size` at a time, in random order."""
        rows = order.permutation(self._valid)
        x = self.encoding.encode(self._observations[rows])
        columns, masks = self._gather(rows)
        for start in range(0, len(rows), size):
            part = slice(start, start + size)
            read = self._tensor(x[part])[None]
            reset = read.new_zeros(1, read.shape[1])
            yield self._batch((read, (), reset, None), [c[part] for c in columns], masks, part)

    def sequences(self, size: int, stride: int, order: np.random.Generator) -> Iterator[Batch]:
        """Yield every segment once, in random order, at least `size` steps at a time.

        Args:
            size: Steps, at least, but for the last.
            stride: The longest segment; states are known at its multiples.
            order: Draws the order.
        """
        segments = segments_of(self.rollout, stride)
        chosen: list[Segment] = []
        steps = 0
        for number in order.permutation(len(segments)):
            chosen.append(segments[number])
            steps += segments[number].stop - segments[number].start
            if steps >= size:
                yield self._packed(chosen, stride)
                chosen, steps = [], 0
        if chosen:
            yield self._packed(chosen, stride)

    def _packed(self, segments: list[Segment], stride: int) -> Batch:
        """Return segments side by side and one after the other, see `rows_of`.

        Each row is padded at its end by repeating its last step.
        """
        rows = rows_of(segments, self.rollout.free)
        length = max(segment.stop - segment.start for segment in segments)
        steps = np.empty((length, len(rows)), np.int64)  # among all of the rollout
        real = np.zeros(steps.shape, np.bool_)
        envs = self.rollout.actions.shape[1]
        for column, row in enumerate(rows):
            own = np.concatenate([np.arange(s.start, s.stop) * envs + s.env for s in row])
            steps[: len(own), column], steps[len(own) :, column] = own, own[-1]
            real[: len(own), column] = True
        reset = real & self.rollout.opens.reshape(-1)[steps]
        places = np.flatnonzero(real & self.rollout.valid.reshape(-1)[steps])
        x = self.encoding.encode(self._observations[steps.reshape(-1)])
        read = self._tensor(x).view(*steps.shape, *self.encoding.input_shape)
        state = self._states([row[0] for row in rows], stride)
        columns, masks = self._gather(steps.reshape(-1)[places])
        first = read, state, self._tensor(reset.astype(np.float32)), self._tensor(places)
        return self._batch(first, columns, masks, slice(None))

    def _states(self, segments: list[Segment], stride: int) -> State:
        """Return the state before each segment; where it is forgotten any will do."""
        kept = self.rollout.states
        numbers = [segment.start // stride for segment in segments]
        envs = [segment.env for segment in segments]
        return tuple(torch.stack(part)[numbers, envs] for part in zip(*kept, strict=True))

    def _gather(self, rows: Ints) -> tuple[list[Array], Array | None]:
        masks = None if self._masks is None else self._masks[rows]
        return [column[rows] for column in self._columns], masks

    def _batch(
        self,
        read: tuple[Tensor, State, Tensor, Tensor | None],
        columns: list[Array],
        masks: Array | None,
        part: slice,
    ) -> Batch:
        actions, log_probs, advantages, returns = (self._tensor(column) for column in columns)
        legal = None if masks is None else self._tensor(masks[part])
        return Batch(*read, actions, legal, log_probs, advantages, returns)

    def _tensor(self, array: Array) -> Tensor:
        return torch.from_numpy(array).to(self.device)


def segments_of(rollout: Rollout, stride: int) -> list[Segment]:
    """Return the stretches between what may begin from any state and multiples of `stride`."""
    length = len(rollout.opens)
    cuts = rollout.free.copy()
    cuts[::stride] = True
    segments = []
    for env in range(cuts.shape[1]):
        edges = [*np.flatnonzero(cuts[:, env]).tolist(), length]
        for start, stop in pairwise(edges):
            if rollout.valid[start:stop, env].any():
                segments.append(Segment(env, start, stop))
    return segments


def rows_of(segments: list[Segment], free: Bools) -> list[list[Segment]]:
    """Return rows of segments that follow each other, none longer than the longest segment.

    What forgets the state can follow anything; what goes on from a state begins a row. The longest
    come first, each where most room is left, so that little is left in the end.

    Args:
        segments: At least one.
        free: `(T, N)`, where a state is forgotten.
    """
    sizes = {segment: segment.stop - segment.start for segment in segments}
    longest = max(sizes.values())
    rows = [[s] for s in segments if not free[s.start, s.env]]
    filled = [(sizes[row[0]], number) for number, row in enumerate(rows)]
    heapify(filled)
    opening = (s for s in segments if free[s.start, s.env])
    for segment in sorted(opening, key=sizes.__getitem__, reverse=True):
        if filled and filled[0][0] + sizes[segment] <= longest:
            size, number = filled[0]
            rows[number].append(segment)
            heapreplace(filled, (size + sizes[segment], number))
        else:
            heappush(filled, (sizes[segment], len(rows)))
            rows.append([segment])
    return rows
