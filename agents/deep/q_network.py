"""Networks that value actions: a core and a plain or a dueling head."""

import torch
from torch import Tensor, nn

from rlkit.agents.deep.networks import dense_layers, orthogonal
from rlkit.nets.core import Core, Feedforward, State


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
    """

    def __init__(self, core: Core, head: nn.Module, seed: int) -> None:
        super().__init__()
        self.core = core
        self.head = head
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

    def dense(self) -> tuple[list[nn.Linear], bool] | None:
        """Return its layers if it is an MLP, see `dense_layers`."""
        return dense_layers(self.core, self.head)
