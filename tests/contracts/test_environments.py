"""What every registered environment must keep."""

import os
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode

import rlkit

IDS = sorted(name for name in gymnasium.registry if name.startswith("rlkit/"))
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")


def vector(env_id: str, mode: str, num_envs: int = 4, **settings: Any) -> Any:
    """Make a native vector environment."""
    return gymnasium.make_vec(env_id, num_envs=num_envs, autoreset_mode=mode, **settings)


def legal_actions(rng: np.random.Generator, masks: Any) -> Any:
    """Draw a legal action for each row of masks."""
    return np.array([rng.choice(np.flatnonzero(mask)) for mask in masks])


def test_something_is_registered() -> None:
    assert {"rlkit/CabinTabular-v0", "rlkit/GridWorld-v0"} <= set(IDS)
    assert rlkit.__version__


@pytest.mark.parametrize("env_id", IDS)
def test_gymnasium_accepts_it(env_id: str) -> None:
    check_env(gymnasium.make(env_id).unwrapped)


@pytest.mark.parametrize("env_id", IDS)
def test_stable_baselines3_accepts_it(env_id: str) -> None:
    checker = pytest.importorskip("stable_baselines3.common.env_checker")
    checker.check_env(gymnasium.make(env_id).unwrapped, warn=False)


@pytest.mark.parametrize("env_id", IDS)
@pytest.mark.parametrize("mode", [mode.value for mode in AutoresetMode])
def test_vector_equals_single_in_every_autoreset_mode(env_id: str, mode: str) -> None:
    """Environment 0 of a vector repeats the single environment bit for bit."""
    rng = np.random.default_rng(0)
    many, one = vector(env_id, mode), gymnasium.make(env_id)
    observations, infos = many.reset(seed=9)
    observation, info = one.reset(seed=9)
    over = np.zeros(4, dtype=bool)
    episodes = 0
    for _ in range(600):
        np.testing.assert_array_equal(observations[0], observation)
        np.testing.assert_array_equal(infos["action_mask"][0], info["action_mask"])
        actions = legal_actions(rng, infos["action_mask"])
        reset_now = over[0] and mode == "NextStep"
        observations, rewards, terminated, truncated, infos = many.step(actions)
        over = terminated | truncated
        if reset_now:
            observation, info = one.reset()
            assert (rewards[0], over[0]) == (0.0, False)
            continue
        observation, reward, ended, cut, info = one.step(actions[0])
        assert (rewards[0], terminated[0], truncated[0]) == (reward, ended, cut)
        if ended or cut:
            episodes += 1
            if mode == "SameStep":
                np.testing.assert_array_equal(infos["final_obs"][0], observation)
                observation, info = one.reset()
            elif mode == "Disabled":
                observation, info = one.reset()
        if mode == "Disabled" and over.any():
            observations, infos = many.reset(options={"reset_mask": over})
            over[:] = False
    assert episodes >= 2


@pytest.mark.parametrize("env_id", IDS)
def test_a_list_of_seeds_gives_each_the_single_trajectory(env_id: str) -> None:
    many = vector(env_id, "NextStep", 3)
    observations, infos = many.reset(seed=[5, 6, 5])
    for i, seed in enumerate((5, 6, 5)):
        one, info = gymnasium.make(env_id).reset(seed=seed)
        np.testing.assert_array_equal(observations[i], one)
        np.testing.assert_array_equal(infos["action_mask"][i], info["action_mask"])


@pytest.mark.parametrize("env_id", IDS)
def test_a_copied_state_goes_on_alike(env_id: str) -> None:
    env = gymnasium.make(env_id).unwrapped
    env.reset(seed=3)
    state = env.get_state()  # type: ignore[attr-defined]

    def tail() -> list[Any]:
        env.set_state(state)  # type: ignore[attr-defined]
        rng = np.random.default_rng(1)
        rows = []
        for _ in range(30):
            action = rng.choice(np.flatnonzero(env.action_masks()))  # type: ignore[attr-defined]
            observation, reward, terminated, _, _ = env.step(action)
            rows.append((int(observation), reward, terminated))
            if terminated:
                env.reset()
        return rows

    assert tail() == tail()


@pytest.mark.parametrize("env_id", IDS)
def test_rendering_touches_nothing(env_id: str) -> None:
    def play(*, look: bool) -> list[Any]:
        env = gymnasium.make(env_id, render_mode="rgb_array")
        rng = np.random.default_rng(2)
        _, info = env.reset(seed=4)
        rows = []
        for _ in range(8):
            if look:
                assert env.render().dtype == np.uint8  # type: ignore[union-attr]
            action = rng.choice(np.flatnonzero(info["action_mask"]))
            observation, reward, terminated, _, info = env.step(action)
            rows.append((int(observation), reward))
            if terminated:
                _, info = env.reset()
        return rows

    assert play(look=True) == play(look=False)


@pytest.mark.parametrize("env_id", IDS)
@pytest.mark.parametrize(
    "actions",
    [np.array([0, 0, 0, 99]), np.array([0, 0, 0, -1]), np.array([0.0, 1.0, np.nan, 0.0]), [0, 0]],
)
def test_wrong_actions_move_nothing(env_id: str, actions: Any) -> None:
    env = vector(env_id, "NextStep")
    env.reset(seed=0)
    before = env.get_state()

    with pytest.raises(ValueError, match="action"):
        env.step(actions)

    for name, array in env.get_state().items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("env_id", IDS)
def test_the_five_elements_are_named(env_id: str) -> None:
    elements = gymnasium.make(env_id).unwrapped.elements  # type: ignore[attr-defined]

    assert [row[0] for row in elements.rows()] == [
        "state",
        "action",
        "policy",
        "transition",
        "reward",
    ]
    assert "p(s'|s,a)" in elements.describe()
