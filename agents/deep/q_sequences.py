"""The gradient of a sample's loss where the network has memory: of sequences of steps."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from rlkit.agents.deep.arithmetic.modes import counting
from rlkit.agents.deep.experience.encoding import Encoding
from rlkit.agents.deep.experience.replay import Replay, Slots
from rlkit.agents.deep.experience.sampling import Sample
from rlkit.agents.deep.losses import best_values, sequence_priority, td_loss
from rlkit.agents.deep.networks import QNetwork
from rlkit.agents.deep.q_gradients import Networks
from rlkit.arrays import Array, Bools, Ints
from rlkit.nets.core import State
from rlkit.returns import n_step_returns


class StateMemory:
    """The state of a network with memory before every unit of a replay memory.

    Args:
        replay: The replay memory; its units are as long as states are apart.
        like: A state of one row.
    """

    def __init__(self, replay: Replay, like: State) -> None:
        self.replay = replay
        environments, units = len(replay.written), replay.length // replay.unit
        self.parts = [
            np.zeros((environments, units, *part.shape[1:]), part.cpu().numpy().dtype)
            for part in like
        ]

    def note(self, rows: Ints, state: State) -> None:
        """Keep the state before the next slot of the environments `rows`, where a unit begins."""
        written = self.replay.written[rows]
        begins = written % self.replay.unit == 0
        if begins.any():
            chosen, units = rows[begins], self._units(written[begins])
            for part, now in zip(self.parts, state, strict=True):
                part[chosen, units] = now.cpu().numpy()[chosen]

    def at(self, slots: Slots) -> list[Array]:
        """Return the state before each slot, parts of shape `(N, ...)`."""
        return [part[slots.environments, self._units(slots.numbers)] for part in self.parts]

    def _units(self, numbers: Ints) -> Ints:
        return numbers % self.replay.length // self.replay.unit


class SequenceGradient:
    """Gradients of sequences, for networks with memory. Kapturowski et al. 2019 (R2D2).

    Both networks start from the state that was stored when the sequence was played, read `burn_in`
    slots to make it their own, and learn from the slots after those.

    Args:
        networks: The networks.
        replay: The memory.
        states: Of the core.
        encoding: Of the observations.
        discount: Of the returns.
        n_steps: n; targets near the end of a sequence take fewer.
        burn_in: Slots that are only read.
        length: Slots that are learned from.
    """

    def __init__(
        self,
        networks: Networks,
        replay: Replay,
        states: StateMemory,
        encoding: Encoding,
        discount: float,
        n_steps: int,
        burn_in: int,
        length: int,
    ) -> None:
        self.networks, self.replay, self.states = networks, replay, states
        self.encoding, self.discount, self.n_steps = encoding, discount, n_steps
        self.burn_in, self.length = burn_in, length

    def __call__(self, sample: Sample) -> Array:
        """Add the gradient of a sample's loss to the network's; return priorities, `(N,)`."""
        slots = sample.slots
        x, reset = self._read(slots)
        start = [self.networks.tensor(part) for part in self.states.at(slots)]
        with counting(self.networks.online):
            scores = self._unroll(self.networks.online, x, start, reset)
        with torch.no_grad():
            later = self._unroll(self.networks.target, x, start, reset).cpu().numpy()
        learned = Slots(slots.environments, slots.numbers + self.burn_in)
        targets = self._targets(learned, scores.detach().cpu().numpy(), later)
        actions, real = self.replay.stretch(learned, self.length, "actions", "real")
        chosen = self.networks.tensor(actions.astype(np.int64))[:, :, None]
        values = scores[:-1].gather(2, chosen)[:, :, 0]
        errors = targets - values.detach().cpu().numpy()
        weights = np.broadcast_to(1.0 if sample.weights is None else sample.weights, real.shape)
        kept = self.networks.tensor(real)
        td_loss(
            values[kept],
            self.networks.tensor(targets)[kept],
            self.networks.tensor(weights[real].astype(np.float32)),
            self.networks.error_clip,
        ).backward()
        return sequence_priority(errors, real)

    def _read(self, slots: Slots) -> tuple[Tensor, Tensor]:
        """Return encoded observations `(T, N, ...)` and where they open episodes `(T, N)`."""
        total = self.burn_in + self.length + 1
        observations, opens = self.replay.stretch(slots, total, "observations", "opens")
        flat = self.encoding.encode(observations.reshape(-1, *self.encoding.stored_shape))
        x = flat.reshape(total, len(slots.numbers), *self.encoding.input_shape)
        return self.networks.tensor(x), self.networks.tensor(opens.astype(np.float32))

    def _unroll(self, network: QNetwork, x: Tensor, state: Any, reset: Tensor) -> Tensor:
        """Return the scores after the burn-in, `(length + 1, N, A)`."""
        after: State = tuple(state)
        if self.burn_in:
            with torch.no_grad():
                _, after = network.scores(x[: self.burn_in], after, reset[: self.burn_in])
        scores, _ = network.scores(x[self.burn_in :], after, reset[self.burn_in :])
        return scores

    def _targets(self, slots: Slots, online: Array, target: Array) -> Array:
        """Return the n-step targets, float32 `(length, N)`."""
        judged_by = online if self.networks.double else target
        values = best_values(target[1:], judged_by[1:], self._following_masks(slots))
        names = "rewards", "terminated", "cut"
        rewards, terminated, cut = self.replay.stretch(slots, self.length, *names)
        sums = n_step_returns(rewards, values, terminated, cut, self.discount, self.n_steps)
        return np.stack(sums).astype(np.float32)

    def _following_masks(self, slots: Slots) -> Bools | None:
        if "masks" not in self.replay.fields:
            return None
        after = Slots(slots.environments, slots.numbers + 1)
        return self.replay.stretch(after, self.length, "masks")[0]
