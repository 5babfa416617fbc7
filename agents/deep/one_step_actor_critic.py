"""The actor-critic of one step (NNDL Alg. 14.8; Sutton and Barto sec. 13.5).

repeat for each episode: s,  lambda = 1
    repeat until s is terminal:
        a ~ pi_theta(. | s);  act, and observe r, s'
        delta = r + discount V_phi(s') - V_phi(s)
        phi += beta delta grad V_phi(s)
        theta += alpha lambda delta grad log pi_theta(a | s)
        lambda = discount lambda;  s = s'
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rlkit.agents.checking import NotFiniteError
from rlkit.agents.deep.config import check_range
from rlkit.agents.deep.experience.lockstep import Moves
from rlkit.agents.deep.learner import DeepLearner
from rlkit.agents.deep.losses import entropies, log_probabilities, taken
from rlkit.agents.deep.networks import state_arrays, state_from
from rlkit.agents.deep.on_policy import PolicyConfig, policy_network
from rlkit.arrays import Array, Bools, Ints
from rlkit.nets.core import State
from rlkit.returns import td_target
from rlkit.schedules import Constant, Schedule


@dataclass(frozen=True)
class OneStepActorCriticConfig(PolicyConfig):
    """Hyper-parameters of the one-step actor-critic: plain gradient steps, as in the chapter."""

    learning_rate: Schedule = Constant(1e-3)  # noqa: RUF009 - immutable
    """alpha, the step size of the policy, a schedule of the absolute step."""
    optimizer: str = "sgd"
    """Of the gradient steps: a name of `rlkit.nets.optimizer_names()`."""
    value_rate_ratio: float = 2.0
    """beta / alpha: how much larger the step size of the values is."""
    max_gradient_norm: float | None = None
    """Longer gradients are shortened to this; None leaves them."""

    def __post_init__(self) -> None:
        super().__post_init__()
        check_range(self, "value_rate_ratio", 0.0)


class OneStepActorCritic(DeepLearner):
    """Learns policy and values from every single step, while the episode goes on.

    With N environments a step's gradient is the mean over them. See `DeepLearner` for the
    arguments and `OneStepActorCriticConfig` for the hyper-parameters.
    """

    config_class = OneStepActorCriticConfig
    config: OneStepActorCriticConfig

    def __init__(self, env: Any, *, seed: int | None = 0, **settings: Any) -> None:
        super().__init__(env, seed=seed, **settings)
        self._delta: Tensor | None = None
        self._lambda = np.ones(self.world.num_envs, np.float32)
        self._state = self.network.initial_state(self.world.num_envs)

    def _make_network(self) -> nn.Module:
        return policy_network(self)

    def _learn_once(self) -> None:
        world = self._started_world()
        learning, weight = ~world.idle, np.where(world.opens, np.float32(1), self._lambda)
        logits, values, after = self._read(world.observations, world.opens)
        masks = world.masks
        log_probs = log_probabilities(logits, None if masks is None else self._tensor(masks != 0))
        actions = self._drawn(logits, masks)
        moves = world.step(actions, self.num_timesteps + world.num_envs)
        self._state = tuple(part.detach() for part in after)
        delta = self._target(moves) - values.detach()
        self._check(delta, learning)
        share = self._tensor(learning / np.float32(max(learning.sum(), 1)))
        policy = share * self._tensor(weight) * delta * taken(log_probs, self._tensor(actions))
        value = share * delta * values
        gain = (policy + self.config.value_rate_ratio * value).sum()
        bonus = self._scheduled(self.config.entropy_weight) * (share * entropies(log_probs)).sum()
        (-gain - bonus).backward()
        self._descent(self.num_timesteps)
        self._lambda = np.where(learning, weight * np.float32(self.discount), weight)
        self._delta = delta[self._tensor(learning)]
        self.num_timesteps += world.num_envs

    def _target(self, moves: Moves) -> Tensor:
        """Return r + discount V(s'), `(N,)`, with the final observation where an episode ended."""
        seen = self.world.observations.copy()
        seen[moves.final] = moves.final_observations
        seen[moves.terminated] = 0  # nothing depends on it, be it no number
        with torch.no_grad():
            _, values, _ = self._read(seen, np.zeros(len(seen), np.bool_))
        rewards = self._tensor(np.asarray(moves.rewards, np.float32))
        target: Tensor = td_target(rewards, values, self._tensor(moves.terminated), self.discount)
        return target

    def _drawn(self, logits: Tensor, masks: Array | None) -> Ints:
        from rlkit.agents.deep.arithmetic.kernels import draw_actions

        legal = np.ones((0, self.num_actions), np.int8) if masks is None else masks
        scores, counter = logits.detach().cpu().numpy(), np.uint64(self.num_timesteps)
        actions, _ = draw_actions(scores, legal, self._key, counter)
        return self.world.chosen(actions)

    def _read(self, stored: Array, opens: Bools) -> tuple[Tensor, Tensor, State]:
        """Return logits `(N, A)`, values `(N,)` and the next state."""
        x = self._tensor(self.encoding.encode(stored))
        logits, values, after = self.network(x[None], self._state, self._tensor(opens)[None])
        return logits[0], values[0], after

    def _check(self, delta: Tensor, learning: Bools) -> None:
        wrong = learning & ~np.isfinite(delta.cpu().numpy())
        if wrong.any():
            raise NotFiniteError(
                f"in {self.world.name}, environment {int(wrong.argmax())} gave an observation or a "
                f"reward that is not finite at step {self.num_timesteps}. Nothing was learned from "
                "it"
            )

    def _tensor(self, array: Array) -> Tensor:
        return torch.from_numpy(array).to(self.device)

    def _report(self) -> dict[str, float]:
        return {} if self._delta is None else {"td_error": float(self._delta.abs().mean())}

    def _more_state(self) -> dict[str, Array]:
        return {**state_arrays(self._state), "lambda": self._lambda.copy()}

    def _restore_more(self, state: dict[str, Array]) -> None:
        self._lambda = state["lambda"].astype(np.float32)
        self._state = state_from(state, self._state)
