"""Stable-Baselines3 and sb3-contrib on the native vector."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from rlkit.envs.cabin import CabinVectorEnv

if TYPE_CHECKING:
    from rlkit.envs.cabin.sb3 import SB3VecEnv

pytest.importorskip("stable_baselines3")


def adapted(count: int, **arguments: Any) -> "SB3VecEnv":
    from rlkit.envs.cabin.sb3 import SB3VecEnv

    return SB3VecEnv(CabinVectorEnv(count, autoreset_mode="same_step", **arguments))


def test_steps_tell_what_ended() -> None:
    env = adapted(16)
    env.seed(3)
    seen = env.reset()
    assert seen.shape == (16, *env.observation_space.shape)  # type: ignore[misc]
    finished = 0
    for _ in range(30):
        seen, reward, over, infos = env.step(np.zeros(16, np.int64))
        assert reward.dtype == np.float32
        for i in np.flatnonzero(over):
            finished += 1
            assert infos[i]["terminal_observation"].shape == seen[i].shape
            assert not infos[i]["TimeLimit.truncated"]
            assert infos[i]["turns"] >= 1
        assert all(not infos[i] for i in np.flatnonzero(~over))
    assert finished > 0


def test_only_same_step_vectors_are_adapted() -> None:
    from rlkit.envs.cabin.sb3 import SB3VecEnv

    with pytest.raises(ValueError, match="SAME_STEP"):
        SB3VecEnv(CabinVectorEnv(2))


def test_maskable_ppo_trains_and_obeys_the_mask() -> None:
    contrib = pytest.importorskip("sb3_contrib")
    from sb3_contrib.common.maskable.utils import get_action_masks

    env = adapted(4, on_illegal="error")  # a masked act would raise
    model = contrib.MaskablePPO("MlpPolicy", env, n_steps=16, batch_size=32, n_epochs=1, seed=0)

    model.learn(128)

    assert np.array_equal(get_action_masks(env), env.env.action_masks())


def test_dqn_trains() -> None:
    from stable_baselines3 import DQN

    model = DQN("MlpPolicy", adapted(4), learning_starts=20, train_freq=4, seed=0)
    model.learn(200)

    assert model.num_timesteps == 200
