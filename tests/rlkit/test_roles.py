"""Episodes that are trained on, chosen by and reported: never the same ones."""

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.spaces import Discrete

from rlkit import agents, evaluate
from rlkit.roles import for_tests, for_validation, own_seed
from rlkit.scripts.runs.training import VALIDATION, Meter


class Draws(gymnasium.Env[Any, Any]):
    """An episode is one number, drawn at its beginning; it is paid after one act.

    `drawn` is shared by all, so that it tells which episodes anybody has played.
    """

    observation_space, action_space = Discrete(2), Discrete(2)

    def __init__(self, drawn: list[float]) -> None:
        self.drawn = drawn

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """Draw the number of the episode."""
        super().reset(seed=seed, options=options)
        self.drawn.append(float(self.np_random.random()))
        return 0, {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Pay it."""
        del action
        return 1, self.drawn[-1], True, False, {}


def played(player: Any, seed: int | None) -> set[float]:
    """Return the episodes of a test."""
    return set(evaluate(player, Draws([]), 20, seed).returns.tolist())


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("q-learning", {}),
        ("monte-carlo", {}),
        ("dqn", {"learning_starts": 10}),
        ("sb3:dqn", {"learning_starts": 10}),
        ("sb3:ppo", {"n_steps": 10, "batch_size": 10}),
    ],
)
def test_no_episode_of_a_test_was_trained_on(name: str, settings: dict[str, Any]) -> None:
    if ":" in name or name == "dqn":
        pytest.importorskip("stable_baselines3")
    drawn: list[float] = []
    agent = agents.make(name, Draws(drawn), seed=3, **settings).learn(40)
    trained = set(drawn)

    assert len(trained) >= 40
    assert not trained & played(agent, 3)
    assert not trained & played(agent, for_validation(3))


def test_all_agents_of_a_seed_are_tested_alike_and_those_of_others_are_not() -> None:
    by_seed = {seed: agents.make("q-learning", Draws([]), seed=seed).learn(9) for seed in (0, 1)}
    other = agents.make("sarsa", Draws([]), seed=1).learn(9)

    assert played(by_seed[1], None) == played(other, None) == played(object_with_policy(), 1)
    assert not played(by_seed[0], None) & played(by_seed[1], None)


def object_with_policy() -> Any:
    """Return a policy without a seed."""
    from rlkit import UniformPolicy

    return UniformPolicy(2)


def test_what_chooses_sees_other_episodes_than_what_is_reported() -> None:
    """The very numbers of the two streams, each by a generator of its own."""
    agent = agents.make("q-learning", Draws([]), seed=5).learn(9)
    measured = Meter(agent, Draws([])).measure()
    reported = np.random.default_rng(for_tests(5)).random(20)
    chosen_by = np.random.default_rng(for_tests(for_validation(5))).random(20)

    assert measured["value"] == pytest.approx(reported.mean())
    assert measured[VALIDATION] == pytest.approx(chosen_by.mean())
    assert not set(reported) & set(chosen_by)


def test_seeds_of_every_kind() -> None:
    assert for_tests(np.int64(7)) == for_tests(7) < 2**31
    assert len({for_tests(seed) for seed in range(1000)} | set(range(1000))) == 2000
    assert for_tests(2**70) < 2**31
    with pytest.raises(ValueError, match="non-negative"):
        for_tests(-1)
    with pytest.raises(TypeError):
        for_tests(0.5)  # type: ignore[arg-type]
    assert own_seed(object()) == 0
