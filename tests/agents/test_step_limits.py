"""A step limit of one's own holds in training, in the file, and where a run goes on."""

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

import rlkit
from rlkit import agents

pytest.importorskip("torch")

from rlkit.agents.deep.experience.vectors import make_vector
from rlkit.agents.saving import describe_env

IDS = ["rlkit/GridWorld-v0", "CartPole-v1", "MountainCar-v0"]
CABINS = ["rlkit/CabinBench3-v0", "rlkit/Cabin-v0", "rlkit/CabinTabular-v0"]
LIMIT = 3


def ends(vector: Any, steps: int) -> list[int]:
    """Return after how many steps the first of several episodes was truncated."""
    vector.reset(seed=0)
    actions = np.zeros(vector.num_envs, np.int64)
    return [t for t in range(1, steps + 1) if vector.step(actions)[3][0]]


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("name", [*IDS, *CABINS])
def test_deep_agents_train_within_it(name: str, count: int) -> None:
    vector = make_vector(gymnasium.make(name, max_episode_steps=LIMIT), count)

    assert ends(vector, LIMIT) == [LIMIT]


@pytest.mark.parametrize("name", CABINS)
def test_many_cabins_are_cut_as_one_is(name: str) -> None:
    """The same acts from the same seed, with a reset after every end."""
    one = gymnasium.make(name, max_episode_steps=LIMIT)
    many: Any = gymnasium.make_vec(
        name, 1, max_episode_steps=LIMIT, autoreset_mode=AutoresetMode.NEXT_STEP
    )
    one.reset(seed=5)
    many.reset(seed=[5])
    over = False
    for t in range(30):
        action = int(np.flatnonzero(many.action_masks()[0])[t % 2])
        if over:
            one.reset()
            ends = False, False
        else:
            ends = one.step(action)[2:4]
        _, _, terminated, truncated, _ = many.step(np.array([action]))
        assert ends == (terminated[0], truncated[0])
        over = any(ends)


def test_cabins_that_are_restored_know_how_far_they_are() -> None:
    vector: Any = gymnasium.make_vec("rlkit/CabinBench3-v0", 2, max_episode_steps=LIMIT)
    vector.reset(seed=0)
    vector.step(np.zeros(2, np.int64))
    state = vector.get_state()
    other: Any = gymnasium.make_vec("rlkit/CabinBench3-v0", 2, max_episode_steps=LIMIT)
    other.set_state(state)

    assert [bool(other.step(np.zeros(2, np.int64))[3].all()) for _ in range(2)] == [False, True]


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
