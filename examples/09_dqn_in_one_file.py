"""DQN (Mnih et al. 2015) in one file, built from the library's parts.

It learns the value Q(s, a) of each action from a memory of what happened:

    at each step:
        act greedily by Q, or with probability epsilon at random
        remember s, a, r and whether the episode terminated; s' is what comes next in the memory
    after so many steps, for some batches that are drawn from the memory:
        y = r + discount max_a' Q_old(s', a'), or r alone where the episode terminated
        descend the gradient of (y - Q(s, a))^2 / 2
    now and then:
        Q_old <- Q

`rlkit.agents.deep.DQN` is this with masks, networks that remember, many environments side by side,
and runs that go on bit for bit.

    python examples/09_dqn_in_one_file.py --seed 0
"""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
import torch
import tyro
from torch import Tensor, nn

import rlkit
from rlkit.agents.deep.experience.encoding import Encoding, encoding_of
from rlkit.agents.deep.experience.replay import Replay, Slots, Steps
from rlkit.agents.deep.experience.sampling import Uniform
from rlkit.agents.deep.losses import td_loss
from rlkit.nets import Core, make_core, make_optimizer
from rlkit.randomness import Stream, derive
from rlkit.returns import td_target

ONLY = np.zeros(1, np.int64)
"""The rows of a memory that are meant: it can serve many environments, and here there is one."""


@dataclass(frozen=True)
class Settings:
    """What to learn, and how."""

    env: str = "CartPole-v1"  # With Discrete actions.
    seed: int = 0  # Of weights, episodes and choices.
    steps: int = 50_000  # How long it learns.
    discount: float = 0.99  # Of the returns.
    hidden: tuple[int, ...] = (256, 256)  # Widths of the network's layers.
    learning_rate: float = 1e-3  # At the first step; at the last it is nearly zero.
    exploring: int = 8_000  # Steps in which epsilon falls from 1 to .04.
    capacity: int = 100_000  # Steps that the memory holds.
    learn_every: int = 256  # Steps between updates.
    batches: int = 128  # Drawn in an update.
    batch_size: int = 64  # Steps of a batch.
    renew_every: int = 256  # Steps after which Q_old becomes Q.


class Learner:
    """Q, the memory, and what is drawn at random."""

    def __init__(self, env: gymnasium.Env[Any, Any], settings: Settings) -> None:
        self.settings, self.env = settings, env
        self.encoding: Encoding = encoding_of(env.observation_space)
        self.actions = int(env.action_space.n)  # type: ignore[attr-defined]
        self.chance = Stream(derive(settings.seed, "exploring"))
        self.replay = Replay(settings.capacity, 1, self.encoding)
        self.sampler = Uniform(self.replay, following=1, key=derive(settings.seed, "replay"))
        layers = {"hidden": settings.hidden, "output_size": self.actions, "activation": "relu"}
        self.q = make_core("mlp", self.encoding.input_shape, seed=settings.seed, **layers)
        self.old_q = deepcopy(self.q)
        self.optimizer = make_optimizer("adam", self.q.parameters(), lr=settings.learning_rate)

    def values(self, q: Core, observations: Any) -> Tensor:
        """Return the values of all actions, `(N, A)`, for observations as the memory holds them."""
        inputs = torch.from_numpy(self.encoding.encode(observations))
        return q.step(inputs, (), torch.zeros(len(inputs)))[0]

    def predict(self, observation: Any, state: Any = None, *_: Any, **__: Any) -> tuple[int, Any]:
        """Return the best action for one observation, as `rlkit.evaluate` asks for it."""
        with torch.no_grad():
            values = self.values(self.q, self.encoding.store_one(observation))
        return int(values.argmax()), state

    def learn(self) -> None:
        """Play and learn for all steps."""
        settings, env = self.settings, self.env
        observation, _ = env.reset(seed=settings.seed)
        opens = True
        for step in range(1, settings.steps + 1):
            action, _ = self.predict(observation)
            if self.chance.random() < np.interp(step, [0, settings.exploring], [1.0, 0.04]):
                action = self.chance.integers(self.actions)
            following, reward, terminated, truncated, _ = env.step(action)
            self.remember(observation, opens, action, float(reward), terminated)
            observation, opens = following, terminated or truncated
            if truncated and not terminated:  # what follows is worth something, but is not played
                self.replay.truncate(ONLY, self.encoding.store_one(following), None)
            if opens:
                observation, _ = env.reset()
            if step % settings.learn_every == 0 and len(self.sampler):
                self.update(step)
            if step % settings.renew_every == 0:
                self.old_q.load_state_dict(self.q.state_dict())

    def remember(
        self, observation: Any, opens: bool, action: int, reward: float, terminated: bool
    ) -> None:
        """Record a step; each field is an array of one, for one environment."""
        fields = (np.array([value]) for value in (opens, action, reward, terminated, False))
        self.replay.add(Steps(self.encoding.store_one(observation), None, *fields), ONLY)

    def update(self, step: int) -> None:
        """Descend the gradient of some batches."""
        settings = self.settings
        for group in self.optimizer.param_groups:
            group["lr"] = settings.learning_rate * (1.0 - 0.995 * step / settings.steps)
        for slots, _ in self.sampler.samples(settings.batch_size, settings.batches, exponent=0.0):
            stored, actions, rewards, terminated = self.replay.at(
                slots, "observations", "actions", "rewards", "terminated"
            )
            after = Slots(slots.environments, slots.numbers + 1)
            (following,) = self.replay.at(after, "observations")
            with torch.no_grad():
                best = self.values(self.old_q, following).amax(dim=1)
            ended = torch.from_numpy(terminated).float()
            targets = td_target(torch.from_numpy(rewards), best, ended, settings.discount)
            chosen = torch.from_numpy(actions.astype(np.int64))[:, None]
            learned = self.values(self.q, stored).gather(1, chosen)[:, 0]
            self.optimizer.zero_grad()
            td_loss(learned, targets, None, None).backward()
            nn.utils.clip_grad_norm_(self.q.parameters(), 10.0)
            self.optimizer.step()


def main(settings: Settings) -> rlkit.Evaluation:
    """Learn, and return what the greedy policy reaches in episodes of its own."""
    learner = Learner(gymnasium.make(settings.env), settings)
    learner.learn()
    return rlkit.evaluate(learner, gymnasium.make(settings.env), episodes=100, seed=settings.seed)


if __name__ == "__main__":
    print(main(tyro.cli(Settings)).interval)
