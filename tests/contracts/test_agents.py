"""Every agent keeps the protocol `Agent`: its signatures, and what they promise."""

import inspect
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import rlkit
from rlkit import TabularPolicy, UniformPolicy, agents
from rlkit.agent import Agent, HasModel, Player, Resumable
from rlkit.agents.sb3.algorithms import SB3
from rlkit.catalogue import AGENTS, NAMES

pytest.importorskip("torch")

from rlkit.agents.deep import DQN, PPO, REINFORCE, ActorCritic, OneStepActorCritic
from rlkit.agents.planning import ModifiedPolicyIteration, PolicyIteration, ValueIteration
from rlkit.agents.sb3.agent import SB3Agent
from rlkit.agents.tabular import SARSA, DoubleQLearning, MonteCarlo, QLearning, SARSALambda
from rlkit.envs.cabin import HandcraftedPolicy

KINDS: list[type[Agent]] = [
    *(PolicyIteration, ValueIteration, ModifiedPolicyIteration),
    *(QLearning, DoubleQLearning, MonteCarlo, SARSA, SARSALambda),
    *(DQN, PPO, REINFORCE, ActorCritic, OneStepActorCritic),
    SB3Agent,
]
"""Read by the type checker too: each is an `Agent`."""
METHODS = ("learn", "predict", "state_dict", "load_state_dict", "end_episodes", "save")
GRID = "rlkit/GridWorld-v0"
QUICK: dict[str, dict[str, Any]] = {
    "sb3:a2c": {"n_steps": 4},
    "sb3:ars": {"n_delta": 1, "n_top": 1},
    "sb3:maskable-ppo": {"n_steps": 16, "batch_size": 16},
    "sb3:ppo": {"n_steps": 16, "batch_size": 16},
    "sb3:recurrent-ppo": {"n_steps": 16, "batch_size": 16},
    "sb3:trpo": {"n_steps": 16, "batch_size": 16},
    "ppo": {"num_envs": 1, "steps": 16, "batch_size": 16},
    "reinforce": {"num_envs": 1, "longest_episode": 30},
}
MASKED = [name for name in NAMES if name not in SB3 or name == "sb3:maskable-ppo"]


def discrete(name: str) -> bool:
    """Return whether an agent acts where actions are Discrete."""
    return name in AGENTS or spaces.Discrete in SB3[name].actions


def made(name: str) -> Agent:
    """Return an agent where it can act."""
    env = GRID if discrete(name) else "Pendulum-v1"
    return agents.make(name, env, seed=1, **QUICK.get(name, {}))


@pytest.mark.parametrize("kind", KINDS)
def test_signatures_are_those_of_the_protocol(kind: type[Agent]) -> None:
    for name in METHODS:
        own = inspect.signature(getattr(kind, name)).parameters.values()
        wanted = inspect.signature(getattr(Agent, name)).parameters.values()
        assert [(one.name, one.kind) for one in own] == [(one.name, one.kind) for one in wanted]
        optional = {one.name: one.default for one in wanted if one.default is not one.empty}
        assert {one.name: one.default for one in own if one.name in optional} == optional


@pytest.mark.parametrize("name", NAMES)
def test_every_agent_does_what_an_agent_does(name: str, tmp_path: Path) -> None:
    agent = made(name)
    assert isinstance(agent, Agent)
    before = agent.num_timesteps
    assert agent.learn(32) is agent
    assert before == 0
    assert agent.num_timesteps >= 32 or name in NAMES[:4]  # planners take no steps
    assert 0 <= agent.discount <= 1
    assert all(isinstance(value, float) for value in agent.metrics.values())

    space, actions = observed(agent), agent.env
    one, state = agent.predict(space.sample(), deterministic=True)
    batch = np.stack([space.sample() for _ in range(5)])
    many, _ = agent.predict(batch, deterministic=True)
    if discrete(name):
        assert isinstance(one, np.int64)
        assert many.shape == (5,)
        assert many.dtype.kind == "i"
    else:
        assert one.shape == actions.action_space.shape
        assert many.shape == (5, *actions.action_space.shape)
    assert state is None or len(state) in {0, 2}  # the memory of an LSTM

    again = rlkit.load(agent.save(tmp_path / "agent"), agent.env, trust=True)
    assert isinstance(again, Agent)
    np.testing.assert_array_equal(again.predict(batch, deterministic=True)[0], many)
    agent.end_episodes()
    assert agent.learn(32).num_timesteps >= 64 or name in NAMES[:4]


@pytest.mark.parametrize("name", MASKED)
def test_masks_count(name: str) -> None:
    agent = made(name)
    space = observed(agent)
    batch = np.stack([space.sample() for _ in range(6)])
    free, _ = agent.predict(batch, deterministic=True)
    masks = np.ones((6, 4), np.int8)
    masks[np.arange(6), free] = 0
    assert (agent.predict(batch, deterministic=True, action_masks=masks)[0] != free).all()

    only = np.array([0, 0, 1, 0], np.int8)
    assert (agent.predict(batch, action_masks=only)[0] == 2).all()
    assert agent.predict(batch[0], action_masks=only)[0] == 2


def observed(agent: Agent) -> spaces.Space[Any]:
    """Return the space of what an agent reads, seeded."""
    env = agent.env
    space: spaces.Space[Any] = getattr(env, "single_observation_space", env.observation_space)
    space.seed(3)
    return space


def test_to_ask_whether_a_planner_is_an_agent_solves_nothing() -> None:
    planner = PolicyIteration(GRID)

    assert isinstance(planner, Agent)
    assert planner.solution is None
    assert isinstance(QLearning(GRID, seeds=3), Agent)


def test_policies_are_no_agents() -> None:
    cabin = gymnasium.make("rlkit/CabinBench1-v0")
    handcrafted = HandcraftedPolicy(cabin)

    assert isinstance(handcrafted, Player)
    assert not isinstance(handcrafted, Agent)
    for policy in (UniformPolicy(3), TabularPolicy([0, 1], 2)):
        assert not isinstance(policy, Player)


def test_environments_say_what_they_offer() -> None:
    grid, cabin = gymnasium.make(GRID).unwrapped, gymnasium.make("rlkit/CabinBench1-v0").unwrapped
    foreign = gymnasium.make("CartPole-v1").unwrapped

    assert isinstance(grid, HasModel)
    assert isinstance(grid, Resumable)
    assert isinstance(cabin, Resumable)
    assert not isinstance(cabin, HasModel)
    assert not isinstance(foreign, HasModel | Resumable)
    assert not isinstance(agents.make("sb3:ppo", GRID), HasModel)
