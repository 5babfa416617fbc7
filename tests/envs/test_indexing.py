"""Numbered observations: every Blackjack hand has its own index, and a table learns the game."""

from typing import Any

import gymnasium
import numpy as np
import pytest

from rlkit import agents
from rlkit.envs.indexing import IndexObservation


def test_blackjack_is_numbered_one_to_one() -> None:
    env = IndexObservation(gymnasium.make("Blackjack-v1"))

    assert env.observation_space == gymnasium.spaces.Discrete(32 * 11 * 2)
    assert env.observation((13, 10, 1)) == 13 * 22 + 10 * 2 + 1
    assert env.parts(13 * 22 + 10 * 2 + 1) == (13, 10, 1)
    assert len({int(env.observation(env.parts(i))) for i in range(704)}) == 704


def test_starts_are_respected() -> None:
    class Dice(gymnasium.Env[Any, Any]):
        observation_space = gymnasium.spaces.MultiDiscrete([6, 6], start=[1, 1])
        action_space = gymnasium.spaces.Discrete(1)

    env = IndexObservation(Dice())
    assert env.observation(np.array([1, 1])) == 0
    assert env.observation(np.array([6, 6])) == 35


def test_other_spaces_are_refused() -> None:
    with pytest.raises(TypeError, match="deep agents"):
        IndexObservation(gymnasium.make("CartPole-v1"))


def test_monte_carlo_learns_to_stick_on_twenty() -> None:
    """Sutton and Barto, fig. 5.2: stick on 20 and 21, hit below 12."""
    env = IndexObservation(gymnasium.make("Blackjack-v1", sab=True))
    agent = agents.make("monte-carlo", env, discount=1.0, epsilon=0.2).learn(40_000)
    actions = agent.policy.actions
    dealers = range(1, 11)

    sticks = [actions[env.observation((20, dealer, 0))] == 0 for dealer in dealers]
    hits = [actions[env.observation((11, dealer, 0))] == 1 for dealer in dealers]
    assert np.mean(sticks) == 1.0
    assert np.mean(hits) >= 0.8
