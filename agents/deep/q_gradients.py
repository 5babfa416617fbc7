"""The gradient of a sample's loss, of single steps; `q_sequences` is for networks with memory."""

from typing import NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from rlkit.agents.deep.arithmetic.choice import is_small, make_scorer
from rlkit.agents.deep.arithmetic.modes import counting
from rlkit.agents.deep.experience.encoding import Encoding
from rlkit.agents.deep.experience.replay import Replay, Slots
from rlkit.agents.deep.experience.sampling import Sample
from rlkit.agents.deep.losses import best_values, td_loss
from rlkit.agents.deep.networks import QNetwork
from rlkit.arrays import Array, Ints
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
        self._online = make_scorer(online, device, batch_size)
        self._target = make_scorer(target, device, batch_size)
        self._backward = make_td_gradient(networks, batch_size)

    def __call__(self, sample: Sample) -> Array:
        """Add the gradient of a sample's loss to the network's; return its errors, `(N,)`."""
        observations, actions = self.replay.at(sample.slots, "observations", "actions")
        x, targets = self.encoding.encode(observations), self.targets(sample.slots)
        return self._backward(x, actions.astype(np.int64), targets, sample.weights)

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


class TDGradient(Protocol):
    """One way from targets to the gradient of `td_loss`."""

    def __call__(self, x: Array, actions: Ints, targets: Array, weights: Array | None) -> Array:
        """Add the gradient of the loss of a batch to the network's; return its errors, `(N,)`."""
        ...


class TorchTDGradient:
    """Of any network without memory.

    Args:
        networks: The networks.
    """

    def __init__(self, networks: Networks) -> None:
        self._networks = networks

    def __call__(self, x: Array, actions: Ints, targets: Array, weights: Array | None) -> Array:
        """Add the gradient of the loss of a batch to the network's; return its errors, `(N,)`."""
        networks = self._networks
        read, wanted = networks.tensor(x)[None], networks.tensor(targets)
        with counting(networks.online):
            scores, _ = networks.online.scores(read, (), read.new_zeros(1, len(actions)))
        values = scores[0].gather(1, networks.tensor(actions)[:, None])[:, 0]
        counted = None if weights is None else networks.tensor(weights)
        td_loss(values, wanted, counted, networks.error_clip).backward()
        return (wanted - values.detach()).cpu().numpy()


def make_td_gradient(networks: Networks, rows: int) -> TDGradient:
    """Return the fastest gradient of so many steps at once."""
    dense = networks.online.dense()
    if dense is None or not is_small(dense[0], networks.device, rows):
        return TorchTDGradient(networks)
    from rlkit.agents.deep.arithmetic.compiled import DenseTDGradient

    return DenseTDGradient(*dense, networks.error_clip)
