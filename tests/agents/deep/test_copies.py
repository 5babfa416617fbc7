"""Copies and pickles of agents go on as the agents themselves do."""

import copy
import pickle
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import pytest

pytest.importorskip("torch")

from rlkit import agents

GRU = {"core": "gru", "core_settings": {"hidden_size": 8}}


def pickled(agent: Any) -> Any:
    return pickle.loads(pickle.dumps(agent))  # noqa: S301 - our own


def cart_pole() -> Any:
    return gymnasium.make("CartPole-v1")


class Halved(gymnasium.RewardWrapper[Any, Any]):
    """Halves rewards; nobody knows whether it has a state."""

    def reward(self, reward: Any) -> float:
        """Return half."""
        return float(reward) / 2


def halved() -> Any:
    return Halved(gymnasium.make("CartPole-v1"))


CASES: list[tuple[str, Any, dict[str, Any]]] = [
    ("ppo", "CartPole-v1", {"num_envs": 3, "steps": 16, "epochs": 1}),
    ("ppo", "rlkit/GridWorld-v0", {"num_envs": 2, "steps": 16, "epochs": 1, **GRU}),
    ("dqn", cart_pole, {"learning_starts": 20, "train_every": 4, "gradient_steps": 1}),
    ("dqn", halved, {"learning_starts": 20, "train_every": 4, "gradient_steps": 1}),
    ("reinforce", "CartPole-v1", {"num_envs": 2}),
    ("actor-critic", halved, {"num_envs": 1}),
    ("one-step-actor-critic", "FrozenLake-v1", {}),
]


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled])
@pytest.mark.parametrize(("name", "env", "settings"), CASES)
def test_a_copy_goes_on_alike(
    name: str, env: Any, settings: dict[str, Any], duplicate: Callable[[Any], Any]
) -> None:
    agent: Any = agents.make(name, env() if callable(env) else env, seed=2, horizon=500, **settings)
    agent.learn(50)
    seen = agent.world.observations[0]
    agent.predict(seen)
    other = duplicate(agent)
    before = agent.parameters.detach().numpy().copy()

    drawn = [[one.predict(seen)[0] for _ in range(20)] for one in (agent, other)]
    assert drawn[0] == drawn[1]
    agent.learn(50)
    assert (agent.parameters.detach().numpy() != before).any()
    np.testing.assert_array_equal(other.parameters.detach(), before)  # nothing is shared
    other.learn(50)
    for key, value in agent.state_dict().items():
        np.testing.assert_array_equal(value, other.state_dict()[key], key)
    assert agent.world.env is not other.world.env


def test_a_copy_has_an_environment_of_its_own() -> None:
    env = halved()
    agent: Any = agents.make("ppo", env, num_envs=1, steps=16).learn(16)
    other = copy.deepcopy(agent)
    other.learn(16)
    assert other.env is not env
    assert not agent.world.witness.disturbed()
