"""Tabular learners that play an environment itself go on exactly where they were saved."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.toy_text.frozen_lake import FrozenLakeEnv
from gymnasium.envs.toy_text.taxi import TaxiEnv

import rlkit
from rlkit import agents
from tests.agents.test_tabular_learning import LEARNERS

learners = pytest.mark.parametrize("name", LEARNERS)
Make = Callable[[], gymnasium.Env[Any, Any]]

TAXI = max(name for name in gymnasium.registry if name.startswith("Taxi-"))
SLOW = {"learning_rate": 0.5, "epsilon": 0.3, "horizon": 200, "compiled": False}


def weather() -> gymnasium.Env[Any, Any]:
    """Return a Taxi with chance in its moves and in its passenger."""
    return gymnasium.make(TAXI, is_rainy=True, fickle_passenger=True, max_episode_steps=30)


def lake() -> gymnasium.Env[Any, Any]:
    return gymnasium.make("FrozenLake-v1")


@pytest.mark.parametrize("make", [weather, lake])
@learners
def test_training_resumed_is_training_at_once(name: str, make: Make, tmp_path: Path) -> None:
    at_once: Any = agents.make(name, make(), seed=5, **SLOW).learn(97).learn(97)
    first = agents.make(name, make(), seed=5, **SLOW).learn(97)
    first.save(tmp_path / "agent")
    resumed = rlkit.load(tmp_path / "agent", make()).learn(97)

    wanted = at_once.state_dict()
    assert at_once.visits.sum() > 50
    for path in (resumed, first.learn(97)):  # to be saved on the way changes nothing either
        found = path.state_dict()
        assert found.keys() == wanted.keys()
        assert all(np.array_equal(found[key], wanted[key]) for key in wanted)


class Remembering(FrozenLakeEnv):
    """A lake that may remember more than its parent: nobody can copy it."""


class Telling(FrozenLakeEnv):
    """A lake that tells its state in what no array can hold."""

    def get_state(self) -> Any:
        """Return names and rows of several lengths."""
        return {"place": int(self.s), "names": "lake", "rows": [[1], [1, 2]]}

    def set_state(self, state: Any) -> None:
        """Never called."""
        raise NotImplementedError


@pytest.mark.parametrize("kind", [Remembering, Telling])
def test_what_cannot_be_copied_begins_a_new_episode_at_a_checkpoint(
    kind: type[FrozenLakeEnv], tmp_path: Path
) -> None:
    def make() -> gymnasium.Env[Any, Any]:
        return gymnasium.wrappers.TimeLimit(kind(), 50)

    agent: Any = agents.make("q-learning", make(), seed=1, **SLOW).learn(60)
    agent.save(tmp_path / "agent")
    resumed: Any = rlkit.load(tmp_path / "agent", make())
    assert not any(name.startswith("world.") for name in resumed.state_dict())

    assert np.array_equal(resumed.learn(60).q, agent.learn(60).q)


def test_an_agent_loaded_for_another_environment_begins_a_new_episode(tmp_path: Path) -> None:
    agent = agents.make("q-learning", lake(), seed=1, **SLOW)
    while agent.state_dict()["situations"][0, 0] < 0:  # until it stands in the midst of an episode
        agent.learn(1)
    agent.save(tmp_path / "agent")
    played: Any = gymnasium.wrappers.TimeLimit(Remembering(), 50)

    later = rlkit.load(tmp_path / "agent", played)
    assert later.state_dict()["situations"].tolist() == [[-1, -1, 0]]
    assert later.learn(30).num_timesteps == agent.num_timesteps + 30


def test_somebody_elses_steps_are_not_part_of_what_is_saved(tmp_path: Path) -> None:
    env = weather()
    agent = agents.make("q-learning", env, seed=1, **SLOW).learn(40)
    taxi: Any = env.unwrapped
    assert isinstance(taxi, TaxiEnv)
    env.step(0)
    agent.save(tmp_path / "agent")

    state = rlkit.load(tmp_path / "agent", weather()).state_dict()
    assert state["situations"].tolist() == [[-1, -1, 0]]
