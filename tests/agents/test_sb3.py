"""Stable-Baselines3 and sb3-contrib on native vector environments."""

from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from rlkit.registration import TABLE

if TYPE_CHECKING:
    from rlkit.agents.sb3.vectors import SB3VecEnv

pytest.importorskip("stable_baselines3")

OURS = [entry.id for entry in TABLE]
BENCH = "rlkit/CabinBench1-v0"


def adapted(env_id: str = BENCH, count: int = 4, **arguments: Any) -> "SB3VecEnv":
    from rlkit.agents.sb3.vectors import make_sb3

    return make_sb3(env_id, count, **arguments)


@pytest.mark.parametrize("env_id", OURS)
def test_steps_equal_those_of_the_vector(env_id: str) -> None:
    env = adapted(env_id)
    vector: Any = gymnasium.make_vec(env_id, num_envs=4, autoreset_mode=AutoresetMode.SAME_STEP)
    env.seed(5)
    expected, _ = vector.reset(seed=list(env._seeds))
    np.testing.assert_array_equal(env.reset(), expected)
    rng = np.random.default_rng(0)
    ended = 0
    while ended < 3:
        masks = np.stack(env.env_method("action_masks"))
        actions = np.array([rng.choice(np.flatnonzero(mask)) for mask in masks])
        seen, reward, over, infos = env.step(actions)
        expected, rewards, terminated, truncated, info = vector.step(actions)
        np.testing.assert_array_equal(seen, expected)
        np.testing.assert_array_equal(reward, rewards.astype(np.float32))
        np.testing.assert_array_equal(over, terminated | truncated)
        for i in range(4):
            if not over[i]:
                assert infos[i] == {}
                continue
            ended += 1
            np.testing.assert_array_equal(infos[i]["terminal_observation"], info["final_obs"][i])
            assert infos[i]["TimeLimit.truncated"] == (truncated[i] and not terminated[i])


def test_steps_tell_what_ended() -> None:
    env = adapted(count=16)
    env.seed(3)
    seen = env.reset()
    assert seen.shape == (16, *env.observation_space.shape)  # type: ignore[misc]
    finished = 0
    for _ in range(30):
        seen, reward, over, infos = env.step(np.zeros(16, np.int64))
        assert isinstance(seen, np.ndarray)
        assert reward.dtype == np.float32
        for i in np.flatnonzero(over).tolist():
            finished += 1
            assert infos[i]["terminal_observation"].shape == seen[i].shape
            assert not infos[i]["TimeLimit.truncated"]
            assert infos[i]["turns"] >= 1
            assert sum(infos[i]["reward_terms"].values()) == reward[i]
        assert all(not infos[i] for i in np.flatnonzero(~over))
    assert finished > 0


def test_only_same_step_vectors_are_adapted() -> None:
    from rlkit.agents.sb3.vectors import SB3VecEnv

    with pytest.raises(ValueError, match="SAME_STEP"):
        SB3VecEnv(gymnasium.make_vec(BENCH, num_envs=2))
    with pytest.raises(ValueError, match="no native vector form"):
        adapted("Acrobot-v1")


def test_maskable_ppo_trains_and_obeys_the_mask() -> None:
    contrib = pytest.importorskip("sb3_contrib")
    from sb3_contrib.common.maskable.utils import get_action_masks

    env = adapted(on_illegal="error")  # a masked act would raise
    model = contrib.MaskablePPO("MlpPolicy", env, n_steps=16, batch_size=32, n_epochs=1, seed=0)

    model.learn(128)

    assert np.array_equal(get_action_masks(env), env.env.action_masks())


def test_dqn_trains() -> None:
    from stable_baselines3 import DQN

    model = DQN("MlpPolicy", adapted(), learning_starts=20, train_freq=4, seed=0)
    model.learn(200)

    assert model.num_timesteps >= 200
