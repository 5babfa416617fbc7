"""The reward is paid for events: what happens, and what is observed, does not depend on weights."""

from dataclasses import fields
from typing import Any

import gymnasium
import numpy as np
import pytest
from numpy.typing import NDArray

from rlkit.envs.cabin.state.record import DIALOGUE, WITHOUT_EVENTS
from rlkit.envs.cabin.state.reward import EVENT_WRONG, REWARD_TERMS
from rlkit.envs.cabin.tabular.config import Weights

IDS = (
    "rlkit/CabinBench3-v0",
    "rlkit/Cabin-v0",
    "rlkit/CabinCity-v0",
    "rlkit/CabinMotorway-v0",
    "rlkit/CabinParked-v0",
)
PAID = ("reward", "terms")
"""Fields of the record that may depend on the weights."""


def random_weights(names: tuple[str, ...], seed: int) -> dict[str, float]:
    """Return a weight of either sign, or 0, for every name."""
    rng = np.random.default_rng(seed)
    return {name: float(rng.choice([0.0, 1.0]) * rng.normal(0.0, 10.0)) for name in names}


def seen(env_id: str, count: int, steps: int, reward: dict[str, float] | None) -> list[Any]:
    """Play random legal acts that the weights have no part in; return all but the reward."""
    env: Any = gymnasium.make_vec(env_id, num_envs=count, reward=reward).unwrapped
    rng = np.random.default_rng(0)
    observation, info = env.reset(seed=0)
    moments = [(observation, info["action_mask"])]
    for _ in range(steps):
        actions = (rng.random(info["action_mask"].shape) * info["action_mask"]).argmax(axis=1)
        observation, _, *ends, info = env.step(actions)
        moments.append((observation, *ends, info["action_mask"], *hidden(env)))
    env.close()
    return moments


def hidden(env: Any) -> list[NDArray[Any]]:
    """Return copies of what a simulator keeps, without the reward."""
    if not hasattr(env, "simulator"):
        return []
    record, car = env.simulator.record, env.simulator.state.car
    kept = [record[name].copy() for name in record.dtype.names if name not in PAID]
    return [*kept, *(car[name].copy() for name in car.dtype.names)]


def assert_same(first: list[Any], second: list[Any]) -> None:
    """Assert that two courses are equal, bit for bit."""
    for one, other in zip(first, second, strict=True):
        for left, right in zip(one, other, strict=True):
            np.testing.assert_array_equal(left, right)


@pytest.mark.parametrize("env_id", IDS)
def test_what_happens_does_not_depend_on_the_weights(env_id: str) -> None:
    usual = seen(env_id, 64, 60, None)

    assert_same(usual, seen(env_id, 64, 60, random_weights(REWARD_TERMS, 1)))
    assert_same(usual, seen(env_id, 64, 60, dict.fromkeys(REWARD_TERMS, 0.0)))


def test_the_exact_cabin_does_not_depend_on_the_weights() -> None:
    names = tuple(field.name for field in fields(Weights))
    usual = seen("rlkit/CabinTabular-v0", 64, 60, None)

    assert_same(usual, seen("rlkit/CabinTabular-v0", 64, 60, random_weights(names, 2)))


@pytest.mark.parametrize("env_id", IDS[:2])
def test_each_term_is_its_weight_times_what_happened(env_id: str) -> None:
    weights = random_weights(REWARD_TERMS, 3)
    env: Any = gymnasium.make_vec(env_id, num_envs=64, reward=weights).unwrapped
    prices = np.array([weights[name] for name in REWARD_TERMS])
    rng = np.random.default_rng(0)
    _, info = env.reset(seed=0)
    happened = np.zeros(len(REWARD_TERMS))
    for _ in range(60):
        actions = (rng.random(info["action_mask"].shape) * info["action_mask"]).argmax(axis=1)
        _, reward, *_, info = env.step(actions)
        events = env.simulator.record["events"]
        happened += events.sum(axis=0)
        assert reward == pytest.approx(events @ prices, rel=1e-5, abs=1e-4)
    env.close()
    assert happened[EVENT_WRONG] > 0 or env_id == IDS[0]
    assert (happened >= 0).all()


def test_a_mood_falls_as_far_whatever_a_wrong_command_costs() -> None:
    moods = []
    for reward in (None, {"wrong": 0.0}):
        env: Any = gymnasium.make_vec("rlkit/Cabin-v0", num_envs=128, reward=reward).unwrapped
        policy, rng = env.handcrafted(), np.random.default_rng(0)
        _, info = env.reset(seed=0)
        for _ in range(60):
            mask = info["action_mask"]
            wild = (rng.random(mask.shape) * mask).argmax(axis=1)
            *_, info = env.step(np.where(rng.random(128) < 0.3, wild, policy.actions()))
            moods.append(env.simulator.record["mood"].copy())
        env.close()
    half = len(moods) // 2

    assert min(mood.min() for mood in moods) < 1.0
    np.testing.assert_array_equal(moods[:half], moods[half:])


def test_a_state_that_was_saved_without_events_goes_on() -> None:
    env: Any = gymnasium.make("rlkit/CabinBench3-v0").unwrapped
    env.reset(seed=0)
    env.step(0)
    now = env.get_state()
    saved = np.zeros(1, WITHOUT_EVENTS)
    for name in WITHOUT_EVENTS.names or ():
        saved[name] = now["record"].view(DIALOGUE)[0][name]
    expected = env.step(3)[:2]

    env.set_state({**now, "record": saved.view(np.uint8).reshape(1, -1)})
    observation, reward = env.step(3)[:2]

    np.testing.assert_array_equal(observation, expected[0])
    assert reward == expected[1]
