"""The vector environment: bit for bit the single one, in every autoreset mode."""

from typing import Any

import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from rlkit.envs.cabin import CabinEnv, CabinVectorEnv, HandcraftedPolicy

COUNT, STEPS = 5, 60
MODES = list(AutoresetMode)
Trail = list[tuple[NDArray[Any], float, bool]]


def wish(rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw a preference over actions; the preferred legal one is taken."""
    return rng.random(16)


def single_trail(seed: int, index: int) -> Trail:
    """Play environment `index` of a vector alone, over several dialogues."""
    env = CabinEnv(ser=0.3)
    env.reset(seed=seed)
    env.simulator.seed([CabinVectorKeys(seed)[index]])
    seen, info = env.reset()
    rng = np.random.default_rng(index)
    trail: Trail = [(seen, 0.0, False)]
    while len(trail) < STEPS:
        action = int((wish(rng) * info["action_mask"]).argmax())
        seen, reward, terminated, _, info = env.step(action)
        trail.append((seen, reward, terminated))
        if terminated:
            seen, info = env.reset()
            trail.append((seen, 0.0, False))
    return trail


def CabinVectorKeys(seed: int) -> NDArray[np.uint64]:  # noqa: N802 (reads like the class)
    """Return the keys of a vector with this seed."""
    env = CabinVectorEnv(COUNT)
    env.reset(seed=seed)
    return env.simulator.record["key"].copy()


def vector_trails(mode: AutoresetMode, seed: Any) -> list[Trail]:
    """Play a vector, and sort what happened by environment; an end is followed by a reset."""
    env = CabinVectorEnv(COUNT, ser=0.3, autoreset_mode=mode, threads=2)
    seen, info = env.reset(seed=seed)
    rngs = [np.random.default_rng(i) for i in range(COUNT)]
    trails: list[Trail] = [[(seen[i].copy(), 0.0, False)] for i in range(COUNT)]
    ended = np.zeros(COUNT, bool)
    while min(map(len, trails)) < STEPS:
        resets = ended if mode is AutoresetMode.NEXT_STEP else np.zeros(COUNT, bool)
        actions = np.array(
            [
                0 if resets[i] else (wish(rngs[i]) * info["action_mask"][i]).argmax()
                for i in range(COUNT)
            ]
        )
        seen, reward, terminated, truncated, info = env.step(actions)
        assert not truncated.any()
        final = info.get("final_obs")
        for i in range(COUNT):
            last = final[i] if final is not None and terminated[i] else seen[i]
            trails[i].append((last.copy(), float(reward[i]), bool(terminated[i])))
        if mode is AutoresetMode.DISABLED and terminated.any():
            seen, info = env.reset(options={"reset_mask": terminated})
        if mode is not AutoresetMode.NEXT_STEP:
            for i in np.flatnonzero(terminated).tolist():
                trails[i].append((seen[i].copy(), 0.0, False))
        ended = terminated
    return trails


def assert_equal(first: Trail, second: Trail) -> None:
    for (seen, reward, ended), (other, other_reward, other_ended) in zip(
        first[:STEPS], second[:STEPS], strict=True
    ):
        assert np.array_equal(seen, other)
        assert (reward, ended) == (other_reward, other_ended)


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_equals_the_single_environment(mode: AutoresetMode) -> None:
    trails = vector_trails(mode, 11)

    assert sum(ended for _, _, ended in trails[0]) > 2
    for index in range(COUNT):
        assert_equal(trails[index], single_trail(11, index))


def test_index_0_is_the_single_environment_with_the_same_seed() -> None:
    single, _ = CabinEnv(ser=0.3).reset(seed=5)
    vector, _ = CabinVectorEnv(COUNT, ser=0.3).reset(seed=5)

    assert np.array_equal(single, vector[0])
    assert not np.array_equal(vector[0], vector[1])


def test_a_list_of_seeds_gives_single_trajectories() -> None:
    vector, _ = CabinVectorEnv(3, ser=0.3).reset(seed=[5, 9, 5])

    for row, seed in zip(vector, (5, 9, 5), strict=True):
        assert np.array_equal(row, CabinEnv(ser=0.3).reset(seed=seed)[0])


def test_many_threads_give_the_same_bits() -> None:
    results = []
    for threads in (1, 3):
        env = CabinVectorEnv(600, ser=0.15, threads=threads)
        policy = HandcraftedPolicy(env)
        env.reset(seed=0)
        for _ in range(30):
            seen, reward, *_ = env.step(policy.predict()[0])
        results.append((seen, reward, env.get_state()["record"]))
        env.close()

    for first, second in zip(*results, strict=True):
        assert np.array_equal(first, second)


def test_unseeded_vectors_differ() -> None:
    first, _ = CabinVectorEnv(4, ser=0.3).reset()
    second, _ = CabinVectorEnv(4, ser=0.3).reset()

    assert not np.array_equal(first, second)


def test_same_step_reports_what_ended() -> None:
    env = CabinVectorEnv(64, autoreset_mode="same_step")
    env.reset(seed=0)
    policy = HandcraftedPolicy(env)
    for _ in range(25):
        _, _, terminated, _, info = env.step(policy.predict()[0])
        if terminated.any():
            break

    assert np.array_equal(info["_final_obs"], terminated)
    assert np.array_equal(info["final_info"]["_success"], terminated)
    assert info["final_info"]["turns"][terminated].min() >= 2
    assert not env.simulator.record["ended"].any()


def test_next_step_ignores_the_action_and_does_not_draw() -> None:
    env = CabinVectorEnv(1)
    env.reset(seed=0)
    bye = env.action_names.index("request_area")
    while not env.simulator.record["ended"][0]:
        env.step([bye])
    other = CabinVectorEnv(1)
    other.reset(seed=1)
    other.set_state(env.get_state())

    first, reward, terminated, _, info = env.step([0])
    second, *_ = other.step([3])

    assert np.array_equal(first, second)
    assert (reward[0], terminated[0]) == (0.0, False)
    assert info["action_mask"].shape == (1, 16)


def test_disabled_needs_a_reset() -> None:
    env = CabinVectorEnv(2, autoreset_mode=AutoresetMode.DISABLED)
    env.reset(seed=0)
    terminated = np.zeros(2, bool)
    while not terminated.any():
        _, _, terminated, _, _ = env.step([0, 3])

    with pytest.raises(ValueError, match=r"are over; call reset"):
        env.step([0, 0])


@pytest.mark.parametrize(
    "actions",
    [[0, 16], [0, -1], [0.0, 1.0], [0], [[0, 1]], np.array([0, np.nan]), [True, False], ["a", "b"]],
)
def test_wrong_actions_change_nothing(actions: Any) -> None:
    env = CabinVectorEnv(2)
    env.reset(seed=0)
    before = env.get_state()

    with pytest.raises(ValueError, match="action"):
        env.step(actions)
    assert all(np.array_equal(env.get_state()[name], before[name]) for name in before)


@pytest.mark.parametrize(
    "mask", [np.zeros(2, bool), np.ones(3, bool), np.array([1, 0]), np.array([True])]
)
def test_wrong_reset_masks(mask: NDArray[Any]) -> None:
    env = CabinVectorEnv(2)
    env.reset(seed=0)
    with pytest.raises(ValueError, match="reset_mask"):
        env.reset(options={"reset_mask": mask})


def test_wrong_arguments() -> None:
    with pytest.raises(ValueError, match="Did you mean 'same_step'"):
        CabinVectorEnv(2, autoreset_mode="same_stp")
    with pytest.raises(ValueError, match="num_envs"):
        CabinVectorEnv(0)
    with pytest.raises(ValueError, match="as many seeds"):
        CabinVectorEnv(3).reset(seed=[1, 2])


def test_memory_of_an_environment() -> None:
    env = CabinVectorEnv(100, ontology="venues6")
    assert sum(array.nbytes for array in env.get_state().values()) / 100 < 16_000
