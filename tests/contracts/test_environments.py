"""What every registered environment must keep."""

import json
import os
import subprocess
import sys
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import AutoresetMode

import rlkit
from rlkit.registration import TABLE, register_all

IDS = sorted(name for name in gymnasium.registry if name.startswith("rlkit/"))
PICTURES = [
    (env_id, mode)
    for env_id in IDS
    for mode in gymnasium.make(env_id).metadata["render_modes"]
    if mode != "human"
]
os.environ.setdefault("SDL_VIDEODRIVER", "dummy")


def vector(env_id: str, mode: str, num_envs: int = 4, **settings: Any) -> Any:
    """Make a native vector environment."""
    return gymnasium.make_vec(env_id, num_envs=num_envs, autoreset_mode=mode, **settings)


def legal_action(rng: np.random.Generator, mask: Any) -> Any:
    """Draw a legal action."""
    return rng.choice(np.flatnonzero(mask))


def play(env: Any, steps: int, seed: int) -> list[Any]:
    """Play random legal actions from where the environment is, and return all that happened."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(steps):
        action = legal_action(rng, env.unwrapped.action_masks())
        observation, reward, terminated, truncated, _ = env.step(action)
        rows.append((np.asarray(observation).tolist(), reward, terminated, truncated))
        if terminated or truncated:
            rows.append(np.asarray(env.reset()[0]).tolist())
    return rows


def test_something_is_registered() -> None:
    conditions = {f"rlkit/CabinBench{number}-v0" for number in range(1, 7)}
    grids = ("GridWorld", "SmallGrid", "CliffWalking", "WindyGridWorld", "FourRooms", "RandomWalk")
    assert {"rlkit/CabinTabular-v0", *conditions} <= set(IDS)
    assert {f"rlkit/{name}-v0" for name in grids} <= set(IDS)
    assert rlkit.__version__


def test_registering_again_changes_nothing() -> None:
    before = {name: gymnasium.spec(name) for name in IDS}

    register_all()

    assert {name: gymnasium.spec(name) for name in IDS} == before
    assert len(TABLE) == len({entry.id for entry in TABLE}) == len(IDS)


def test_an_id_with_the_module_works_where_nothing_is_imported() -> None:
    program = (
        "import gymnasium; name = 'rlkit:rlkit/CabinBench1-v0'; gymnasium.make(name).reset(seed=0);"
        "gymnasium.make_vec(name, num_envs=2).reset(seed=0); print('fine')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert done.stdout == "fine\n", done.stderr


@pytest.mark.parametrize("env_id", IDS)
def test_a_spec_survives_json(env_id: str) -> None:
    spec = gymnasium.make(env_id).spec
    assert spec is not None

    again = EnvSpec.from_json(spec.to_json())

    assert again.kwargs == gymnasium.spec(env_id).kwargs == json.loads(json.dumps(again.kwargs))
    first, second = (gymnasium.make(one) for one in (spec, again))
    first.reset(seed=1), second.reset(seed=1)
    assert play(first, 20, 0) == play(second, 20, 0)


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
        actions = np.array([legal_action(rng, mask) for mask in infos["action_mask"]])
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
    env: Any = gymnasium.make(env_id).unwrapped
    env.reset(seed=3)
    play(env, 2, 0)
    state = env.get_state()

    def tail() -> list[Any]:
        env.set_state(state)
        return play(env, 30, 1)

    first = tail()
    play(env, 5, 2)
    assert tail() == first


@pytest.mark.parametrize(("env_id", "mode"), PICTURES)
def test_rendering_touches_nothing(env_id: str, mode: str) -> None:
    def watched(*, look: bool) -> list[Any]:
        env = gymnasium.make(env_id, render_mode=mode)
        env.reset(seed=4)
        rows = []
        for step in range(8):
            rows += play(env, 1, step)
            if look:
                picture = env.render()
                assert isinstance(picture, str) or getattr(picture, "dtype", None) == np.uint8
        return rows

    assert watched(look=True) == watched(look=False)


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
