"""Networks of deep agents: a core and the heads that read it."""

from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor, nn

from rlkit.arrays import Array
from rlkit.nets.core import Core, Feedforward, State

if TYPE_CHECKING:
    from rlkit.agents.deep.arithmetic.dense import Dense


class ScoringNetwork(Protocol):
    """What acting needs of a network: a score of every action, and memory."""

    def initial_state(self, batch: int) -> State:
        """Return the state of `batch` rows before their first observation."""
        ...

    def scores(self, x: Tensor, state: State, reset: Tensor) -> tuple[Tensor, State]:
        """Map x `(T, B, ...)`, a state and reset `(T, B)` to scores `(T, B, A)` and a state.

        The scores are the logits of a policy, or the values of actions.
        """
        ...

    def dense(self) -> "Dense":
        """Return the layers that score if they are an MLP and may be compiled."""
        ...


class DuelingHead(nn.Module):
    """Q(s, a) = V(s) + A(s, a) - mean_a' A(s, a'). Wang et al. 2016, eq. 9.

    Args:
        features: The number of features of a state.
        num_actions: A.
    """

    def __init__(self, features: int, num_actions: int) -> None:
        super().__init__()
        self.value = nn.Linear(features, 1)
        self.advantage = nn.Linear(features, num_actions)

    def forward(self, features: Tensor) -> Tensor:
        """Map `(..., features)` to `(..., A)`."""
        advantages: Tensor = self.advantage(features)
        value: Tensor = self.value(features)
        return value + advantages - advantages.mean(dim=-1, keepdim=True)


class QNetwork(nn.Module):
    """The value of every action: a core and a head.

    Args:
        core: The core.
        head: Maps its features to A values.
        seed: Of the initial weights of the head, and of a core without memory.

    Attributes:
        compiled: Whether it may act and learn without torch where it is an MLP.
    """

    def __init__(self, core: Core, head: nn.Module, seed: int) -> None:
        super().__init__()
        self.core = core
        self.head = head
        self.compiled = True
        generator = torch.Generator().manual_seed(seed)
        if isinstance(core, Feedforward):
            orthogonal(core, 2**0.5, generator)
        orthogonal(head, 1.0, generator)

    def initial_state(self, batch: int) -> State:
        """Return the core's state before the first observation."""
        return self.core.initial_state(batch)

    def scores(self, x: Tensor, state: State, reset: Tensor) -> tuple[Tensor, State]:
        """Map x `(T, B, ...)`, a state and reset `(T, B)` to values `(T, B, A)` and a state."""
        y, after = self.core(x, state, reset)
        return self.head(y), after

    def dense(self) -> "Dense":
        """Return its layers if it is an MLP and may be `compiled`."""
        from rlkit.agents.deep.arithmetic.dense import dense_layers

        return dense_layers(self.core, self.head) if self.compiled else None


def state_arrays(state: State) -> dict[str, Array]:
    """Return the state of a core with memory as arrays by name, for a checkpoint."""
    return {f"core.{i}": part.cpu().numpy().copy() for i, part in enumerate(state)}


def state_from(arrays: dict[str, Array], like: State) -> State:
    """Return the state that `state_arrays` was given, where the tensors of `like` are."""
    return tuple(
        torch.from_numpy(arrays[f"core.{i}"].copy()).to(part.device) for i, part in enumerate(like)
    )


def orthogonal(network: nn.Module, gain: float, generator: torch.Generator) -> None:
    """Give linear and convolutional layers orthogonal weights and zero biases. Saxe et al. 2014."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            nn.init.orthogonal_(layer.weight, gain, generator=generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
