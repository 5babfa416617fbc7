"""The networks of the policy-gradient agents: policy and values."""

import torch
from torch import Tensor, nn

from rlkit.agents.deep.arithmetic.dense import Dense, dense_layers
from rlkit.agents.deep.networks import orthogonal
from rlkit.nets.core import Core, Feedforward, State


class ActorCriticNetwork(nn.Module):
    """A policy and a value function, each on a core of its own or both on the same.

    Args:
        actor: The core of the policy.
        critic: The core of the value function; None shares the actor's.
        num_actions: A.
        seed: Of the heads' initial weights.

    Attributes:
        compiled: Whether it may act and learn without torch where it is two MLPs.
    """

    def __init__(self, actor: Core, critic: Core | None, num_actions: int, seed: int) -> None:
        super().__init__()
        self.actor = actor
        self.critic = critic
        self.compiled = True
        self.policy_head = nn.Linear(actor.output_size, num_actions)
        self.value_head = nn.Linear((critic or actor).output_size, 1)
        generator = torch.Generator().manual_seed(seed)
        for core in (actor, critic):
            if isinstance(core, Feedforward):
                orthogonal(core, 2**0.5, generator)
        orthogonal(self.policy_head, 0.01, generator)  # nearly uniform at first
        orthogonal(self.value_head, 1.0, generator)
        self._own = len(actor.initial_state(1))
        self.forgets = actor.forgets and (critic is None or critic.forgets)

    def dense(self) -> Dense:
        """Return the layers of the policy if it is an MLP, see `dense_layers`."""
        return dense_layers(self.actor, self.policy_head) if self.compiled else None

    def initial_state(self, batch: int) -> State:
        """Return the actor's state, then the critic's, before the first observation."""
        critic = () if self.critic is None else self.critic.initial_state(batch)
        return (*self.actor.initial_state(batch), *critic)

    def scores(self, x: Tensor, state: State, reset: Tensor) -> tuple[Tensor, State]:
        """Return logits `(T, B, A)`; the critic's state stays as it is."""
        y, after = self.actor(x, state[: self._own], reset)
        return self.policy_head(y), (*after, *state[self._own :])

    def forward(self, x: Tensor, state: State, reset: Tensor) -> tuple[Tensor, Tensor, State]:
        """Return logits `(T, B, A)`, values `(T, B)` and the next state."""
        y, after = self.actor(x, state[: self._own], reset)
        z = y
        if self.critic is not None:
            z, critic = self.critic(x, state[self._own :], reset)
            after = (*after, *critic)
        return self.policy_head(y), self.value_head(z).squeeze(-1), after


class Critic:
    """The value function of a network without memory, as a `ScoringNetwork` of one score a row.

    Args:
        network: Policy and values.
    """

    def __init__(self, network: ActorCriticNetwork) -> None:
        self.core, self.head = network.critic or network.actor, network.value_head
        self.compiled = network.compiled

    def dense(self) -> Dense:
        """Return its layers if it is an MLP, see `dense_layers`."""
        return dense_layers(self.core, self.head) if self.compiled else None

    def initial_state(self, batch: int) -> State:
        """Return the empty state."""
        del batch
        return ()

    def scores(self, x: Tensor, state: State, reset: Tensor) -> tuple[Tensor, State]:
        """Return values `(T, B, 1)` and the empty state."""
        y, _ = self.core(x, state, reset)
        return self.head(y), state
