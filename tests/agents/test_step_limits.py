"""A step limit of one's own holds in training, in the file, and where a run goes on."""

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

import rlkit
from rlkit import agents

pytest.importorskip("torch")

from rlkit.agents.deep.vectors import make_vector
from rlkit.agents.saving import describe_env

IDS = ["rlkit/GridWorld-v0", "CartPole-v1", "MountainCar-v0"]


def ends(vector: Any, steps: int) -> list[int]:
    """Return after how many steps the first of several episodes was truncated."""
    vector.reset(seed=0)
    actions = np.zeros(vector.num_envs, np.int64)
    return [t for t in range(1, steps + 1) if vector.step(actions)[3][0]]


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("name", IDS)
def test_deep_agents_train_within_it(name: str, count: int) -> None:
    vector = make_vector(gymnasium.make(name, max_episode_steps=7), count)

    assert ends(vector, 7) == [7]


@pytest.mark.parametrize("name", IDS)
def test_many_can_go_on_without_any(name: str) -> None:
    vector = make_vector(gymnasium.make(name, max_episode_steps=-1), 2)

    assert not ends(vector, 250)


@pytest.mark.parametrize("limit", [7, -1])
@pytest.mark.parametrize("name", IDS)
def test_it_is_saved(name: str, limit: int, tmp_path: Path) -> None:
    env = gymnasium.make(name, max_episode_steps=limit)
    agent: Any = agents.make("ppo", env, num_envs=2, steps=8).learn(16)
    loaded = rlkit.load(agent.save(tmp_path / "agent"))

    described = describe_env(loaded.env)
    assert described is not None
    assert described["kwargs"]["max_episode_steps"] == limit


def test_the_registered_one_is_not_repeated() -> None:
    assert describe_env(gymnasium.make("CartPole-v1")) == {"id": "CartPole-v1", "kwargs": {}}


@pytest.mark.parametrize("name", IDS)
def test_stable_baselines3_trains_within_it(name: str) -> None:
    pytest.importorskip("sb3_contrib")
    env = gymnasium.make(name, max_episode_steps=7)
    agent: Any = agents.make("sb3:ppo", env, num_envs=2, n_steps=28, batch_size=56).learn(56)

    assert agent.episodes >= 8
