"""Looking at an agent changes nothing: it learns on as if nobody had looked."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

import rlkit
from rlkit import agents
from rlkit.agent import Agent
from rlkit.agents.learning import Progress
from rlkit.catalogue import AGENTS, NAMES

pytest.importorskip("torch")

from rlkit.agents.sb3.agent import SB3Agent

STEPS = 40
GRID = "rlkit/GridWorld-v0"
SETTINGS: dict[str, dict[str, Any]] = {
    "dqn": {"learning_starts": 20, "train_every": 4, "gradient_steps": 1},
    "reinforce": {"num_envs": 1, "longest_episode": 30},
    "ppo": {"num_envs": 1, "steps": 20, "epochs": 1},
    "actor-critic": {"num_envs": 1},
    "one-step-actor-critic": {},
    "sb3:ppo": {"n_steps": 20, "batch_size": 20, "n_epochs": 1},
    "sb3:dqn": {"learning_starts": 20},
}
DEEP = [name for name, target in AGENTS.items() if "deep" in target]
TABULAR = [name for name, target in AGENTS.items() if "tabular" in target]


class Halved(gymnasium.RewardWrapper[Any, Any]):
    """Halves rewards; nobody knows whether it has a state, so it cannot be copied."""

    def reward(self, reward: Any) -> float:
        """Return half."""
        return float(reward) / 2


def halved(name: str) -> gymnasium.Env[Any, Any]:
    return Halved(gymnasium.make(name))


CASES: list[tuple[str, Callable[[], Any], dict[str, Any]]] = [
    *((name, lambda: gymnasium.make(GRID), {}) for name in NAMES if name in {*AGENTS, *SETTINGS}),
    *((name, lambda: halved("FrozenLake-v1"), {}) for name in TABULAR),
    *((name, lambda: gymnasium.make("Taxi-v4"), {"compiled": False}) for name in TABULAR[1:2]),
    *((name, lambda: halved("CartPole-v1"), {}) for name in [*DEEP, "sb3:ppo", "sb3:dqn"]),
    ("ppo", lambda: halved("CartPole-v1"), {"core": "gru", "core_settings": {"hidden_size": 4}}),
    ("dqn", lambda: halved("CartPole-v1"), {"core": "gru", "core_settings": {"hidden_size": 4}}),
]


@pytest.mark.parametrize(
    ("name", "env", "more"), CASES, ids=[f"{i}-{name}" for i, (name, *_) in enumerate(CASES)]
)
def test_training_goes_on_as_if_nobody_had_looked(
    name: str, env: Callable[[], Any], more: dict[str, Any], tmp_path: Path
) -> None:
    settings = {**SETTINGS.get(name, {}), **more}
    unseen, seen = (agents.make(name, env(), seed=3, **settings) for _ in range(2))
    for times in range(3):
        unseen.learn(STEPS)
        seen.learn(STEPS, callback=glance)
        before = fingerprint(seen)
        look(seen, tmp_path / str(times))
        assert fingerprint(seen).keys() == before.keys()
        for key, array in fingerprint(seen).items():
            np.testing.assert_array_equal(array, before[key], key)

    wanted, found = fingerprint(unseen), fingerprint(seen)
    assert found.keys() == wanted.keys()
    for key, array in wanted.items():
        np.testing.assert_array_equal(found[key], array, key)


def glance(progress: Progress) -> None:
    """Look at an agent while it learns."""
    agent = progress.agent
    agent.state_dict(), agent.metrics, repr(agent), agent.policy


def look(agent: Agent, folder: Path) -> None:
    """Do what may be done with an agent without changing it."""
    agent.state_dict(), agent.metrics, repr(agent), agent.policy, agent.discount
    isinstance(agent, Agent)
    other = copy.deepcopy(agent)
    other.save(folder)
    rlkit.load(folder, copy.deepcopy(agent.env), trust=True).learn(STEPS)
    other.learn(STEPS)
    other.end_episodes()


def fingerprint(agent: Agent) -> dict[str, Any]:
    """Return all that an agent has learned; of a seated one, whose zip has dates, its weights."""
    if not isinstance(agent, SB3Agent):
        return agent.state_dict()
    weights = agent.model.policy.state_dict()
    return {key: value.detach().cpu().numpy().copy() for key, value in weights.items()}
