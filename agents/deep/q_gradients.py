"""The gradient of a sample's loss: of single steps, or of sequences for networks with memory."""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from rlkit.agents.deep.arithmetic.flat import dense_arrays
from rlkit.agents.deep.arithmetic.modes import counting
from rlkit.agents.deep.arithmetic.scoring import is_small, make_scorer
from rlkit.agents.deep.experience.encoding import Encoding
from rlkit.agents.deep.experience.replay import Replay, Slots
from rlkit.agents.deep.experience.sampling import Sample
from rlkit.agents.deep.losses import best_values, sequence_priority, td_loss
from rlkit.agents.deep.networks import QNetwork
from rlkit.arrays import Array, Bools, Ints
from rlkit.nets.core import State
from rlkit.returns import n_step_returns


class Networks(NamedTuple):
    """The learning network, a copy that is renewed now and then, and their device."""

    online: QNetwork
    target: QNetwork
    device: torch.device
    double: bool
    """Whether the learning network chooses the action that the copy values."""
    error_clip: float | None
    """See `td_loss`."""

    def tensor(self, array: Array) -> Tensor:
        """Return an array as a tensor on the device."""
        return torch.from_numpy(array).to(self.device)


class StepGradient:
    """Gradients of single steps, with n-step targets; for networks without memory.

    Args:
        networks: The networks.
        replay: The memory.
        encoding: Of its observations.
        discount: Of the returns.
        n_steps: n.
        batch_size: Steps of a sample.
    """

    def __init__(
        self,
        networks: Networks,
        replay: Replay,
        encoding: Encoding,
        discount: float,
        n_steps: int,
        batch_size: int,
    ) -> None:
        self.networks, self.replay, self.encoding = networks, replay, encoding
        self.discount, self.n_steps = discount, n_steps
        device = networks.device
        online, target = networks.online, networks.target
        self._online = make_scorer(online, online.dense(), device, batch_size)
        self._target = make_scorer(target, target.dense(), device, batch_size)

    def __call__(self, sample: Sample) -> Array:
        """Add the gradient of a sample's loss to the network's; return its errors, `(N,)`."""
        observations, actions = self.replay.at(sample.slots, "observations", "actions")
        x, targets = self.encoding.encode(observations), self.targets(sample.slots)
        return self._backward(x, actions.astype(np.int64), targets, sample.weights)

    def _backward(self, x: Array, actions: Ints, targets: Array, weights: Array | None) -> Array:
        networks = self.networks
        read, wanted = networks.tensor(x)[None], networks.tensor(targets)
        with counting(networks.online):
            scores, _ = networks.online.scores(read, (), read.new_zeros(1, len(actions)))
        values = scores[0].gather(1, networks.tensor(actions)[:, None])[:, 0]
        counted = None if weights is None else networks.tensor(weights)
        td_loss(values, wanted, counted, networks.error_clip).backward()
        return (wanted - values.detach()).cpu().numpy()

    def targets(self, slots: Slots) -> Array:
        """Return the n-step targets of the steps in some slots, float32 `(N,)`."""
        names = "rewards", "terminated", "cut"
        rewards, terminated, cut = self.replay.stretch(slots, self.n_steps, *names)
        after = np.where(cut.any(axis=0), cut.argmax(axis=0), self.n_steps - 1) + 1
        following = Slots(slots.environments, slots.numbers + after)
        # Each sum uses the value where it is cut or stops, so one value for all times will do.
        values = np.broadcast_to(self._values(following), rewards.shape)
        sums = n_step_returns(rewards, values, terminated, cut, self.discount, self.n_steps)
        return np.asarray(sums[0], np.float32)

    def _values(self, slots: Slots) -> Array:
        """Return the values of the observations in some slots, `(N,)`."""
        (observations,) = self.replay.at(slots, "observations")
        x, opens = self.encoding.encode(observations), np.zeros(len(observations), np.bool_)
        values, _ = self._target(x, (), opens)
        judged_by = self._online(x, (), opens)[0] if self.networks.double else values
        return best_values(values, judged_by, self.replay.masks(slots))


class DenseStepGradient(StepGradient):
    """The same for a small MLP on the CPU, without torch: a call into it costs more than this.

    Args:
        layers: Of the learning network; they and their gradients keep their place in memory.
        rectified: Whether ReLU stands between them; else tanh.
        arguments: Those of `StepGradient`.
    """

    def __init__(self, layers: list[nn.Linear], rectified: bool, *arguments: Any) -> None:
        super().__init__(*arguments)
        from rlkit.agents.deep.arithmetic.kernels import q_gradient

        self._gradient, self._rectified = q_gradient, rectified
        self._layers, self._gradients = dense_arrays(layers)

    def _backward(self, x: Array, actions: Ints, targets: Array, weights: Array | None) -> Array:
        rows = x.reshape(len(x), -1)
        counted = np.ones(len(x), np.float32) if weights is None else weights
        clip = self.networks.error_clip or np.inf
        places = self._layers, self._gradients
        errors: Array = self._gradient(
            rows, actions, targets, counted, *places, self._rectified, clip
        )
        return errors


def step_gradient(networks: Networks, *arguments: Any) -> StepGradient:
    """Return the fastest gradients of single steps; see `StepGradient` for the arguments."""
    dense = networks.online.dense()
    if dense is None or networks.device.type != "cpu" or not is_small(dense[0], arguments[-1]):
        return StepGradient(networks, *arguments)
    return DenseStepGradient(*dense, networks, *arguments)


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
