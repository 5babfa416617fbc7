"""Algorithms of Stable-Baselines3 in the seat of our agents, and our agents in its tools."""

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import rlkit
from rlkit import TabularModel, agents, checkpoint
from rlkit.agents.sb3.algorithms import SB3, fitting_sb3

pytest.importorskip("stable_baselines3")
pytest.importorskip("sb3_contrib")

SMALL: dict[str, Any] = {"map": "small"}
BRIEF = {"n_steps": 32, "batch_size": 32, "n_epochs": 1}


def small_grid(**arguments: Any) -> gymnasium.Env[Any, Any]:
    return gymnasium.make("rlkit/GridWorld-v0", **SMALL, **arguments)


def weights(model: Any) -> list[Any]:
    return [value.detach().numpy() for value in model.policy.state_dict().values()]


class Still(gymnasium.Env[Any, Any]):
    """Nothing happens, in any space of actions."""

    observation_space = spaces.Box(-1.0, 1.0, (2,), np.float32)

    def __init__(self, action_space: spaces.Space[Any]) -> None:
        self.action_space = action_space

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        """Begin."""
        del options
        super().reset(seed=seed)
        return np.zeros(2, np.float32), {}

    def step(self, action: Any) -> Any:
        """Do nothing."""
        del action
        return np.zeros(2, np.float32), 0.0, False, False, {}


def test_one_of_ours_learns_what_it_learns_on_the_native_vector() -> None:
    from stable_baselines3 import PPO

    from rlkit.agents.sb3.vectors import make_sb3

    ours: Any = agents.make("sb3:ppo", small_grid(slip=0.2), seed=3, num_envs=4, **BRIEF).learn(200)
    vector = make_sb3("rlkit/GridWorld-v0", 4, slip=0.2, **SMALL)
    theirs = PPO("MlpPolicy", vector, seed=3, device="cpu", **BRIEF).learn(200)  # type: ignore[arg-type]

    assert ours.num_timesteps == theirs.num_timesteps == 256
    for x, y in zip(weights(ours.model), weights(theirs), strict=True):
        np.testing.assert_array_equal(x, y)


def test_another_learns_what_it_learns_in_stable_baselines3() -> None:
    from stable_baselines3 import DQN

    ours: Any = agents.make("sb3:dqn", "CartPole-v1", seed=1, learning_starts=50).learn(150)
    theirs = DQN("MlpPolicy", "CartPole-v1", seed=1, learning_starts=50).learn(150)

    for x, y in zip(weights(ours.model), weights(theirs), strict=True):
        np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("name", SB3)
def test_the_table_of_actions_is_that_of_the_libraries(name: str) -> None:
    from stable_baselines3.common.vec_env import DummyVecEnv

    from rlkit.agents.sb3.agent import algorithm_of, policy_for

    kind = algorithm_of(name)
    small = [spaces.Discrete(3), spaces.Box(-1.0, 1.0, (2,), np.float32)]
    for space in (*small, spaces.MultiDiscrete([2, 3]), spaces.MultiBinary(2)):
        env = Still(space)
        policy = policy_for(kind, env.observation_space)
        more = {} if name == "sb3:ars" else {"device": "cpu"}
        try:
            kind(policy, DummyVecEnv([lambda env=env: env]), **more)  # type: ignore[misc]
        except AssertionError:
            fits = False
        else:
            fits = True
        assert (name in fitting_sb3(space)) == fits, space


def test_the_table_has_every_algorithm_of_both_libraries() -> None:
    import sb3_contrib
    import stable_baselines3
    from stable_baselines3.common.base_class import BaseAlgorithm

    exported = {
        f"{library.__name__}:{name}"
        for library in (stable_baselines3, sb3_contrib)
        for name, entry in vars(library).items()
        if isinstance(entry, type) and issubclass(entry, BaseAlgorithm)
    }

    assert {entry.target for entry in SB3.values()} == exported


def test_an_environment_lends_its_discount() -> None:
    def discount(env: Any, **settings: Any) -> float:
        return float(agents.make("sb3:dqn", env, **settings).discount)

    assert discount(small_grid(discount=0.5)) == 0.5
    assert discount(small_grid(discount=0.5), gamma=0.7) == 0.7
    assert discount("CartPole-v1") == 0.99  # what the algorithm has by default


def test_names_and_settings_have_hints() -> None:
    with pytest.raises(KeyError, match="Did you mean 'sb3:maskable-ppo'"):
        agents.make("sb3:maskableppo", small_grid())
    with pytest.raises(TypeError, match="Did you mean 'learning_rate'"):
        agents.make("sb3:ppo", small_grid(), learning_rat=1e-3)
    with pytest.raises(ValueError, match="num_envs must be a whole number from 1 on, got 0"):
        agents.make("sb3:ppo", small_grid(), num_envs=0)
    with pytest.raises(ValueError, match="cannot be made 2 times"):
        agents.make("sb3:ppo", Still(spaces.Discrete(2)), num_envs=2)


@pytest.mark.parametrize("name", ["q-learning", "sb3:dqn"])
def test_continuous_actions_are_refused_with_what_fits(name: str) -> None:
    with pytest.raises(TypeError, match=r"sb3:ppo, .*sb3:sac, sb3:td3") as caught:
        agents.make(name, "Pendulum-v1")
    assert "sb3:dqn," not in str(caught.value)


@pytest.mark.parametrize("name", ["sb3:maskable-ppo", "sb3:ppo"])
def test_the_table_of_a_policy_has_its_choices(name: str) -> None:
    env = small_grid()
    agent = agents.make(name, env, seed=2, **BRIEF).learn(64)
    states = np.arange(TabularModel.from_env(env).num_states)
    table = agent.policy.table(states, np.ones((len(states), 4), np.bool_))

    assert table is not None
    assert [agent.predict(s, deterministic=True)[0] for s in states] == table.actions.tolist()


def test_a_mask_is_obeyed_where_the_algorithm_knows_masks() -> None:
    agent = agents.make("sb3:maskable-ppo", small_grid(), seed=0, **BRIEF)
    for allowed in range(4):
        mask = np.arange(4) == allowed
        assert agent.predict(0, action_masks=mask) == (allowed, None)
    legal = np.zeros((11, 4), np.bool_)
    legal[:, 1] = True
    assert agent.policy.table(np.arange(11), legal).actions.tolist() == [1] * 11
    unmasked = agents.make("sb3:ppo", small_grid(), seed=0, **BRIEF)
    only = [np.tile(np.arange(4) == a, (11, 1)) for a in range(4)]
    tables = [unmasked.policy.table(np.arange(11), legal) for legal in only]
    assert tables.count(None) >= 3  # at most one act can be its choice in every state


def test_a_recurrent_policy_has_no_table_and_is_played() -> None:
    agent = agents.make("sb3:recurrent-ppo", small_grid(), seed=0, **BRIEF).learn(32)

    assert agent.policy.table(np.arange(11), np.ones((11, 4), np.bool_)) is None
    assert rlkit.evaluate(agent, small_grid(), episodes=2).lengths.min() >= 1


def test_a_callback_sees_the_steps_and_stops() -> None:
    seen = []

    def stop(progress: Any) -> bool:
        seen.append(progress.step)
        return len(seen) < 3

    agent = agents.make("sb3:ppo", small_grid(), seed=0, **BRIEF).learn(1000, callback=stop)
    assert seen == [5, 10, 15]
    assert agent.num_timesteps == 15

    seen.clear()
    agent.learn(50, callback=lambda progress: seen.append((progress.step, progress.target)))
    assert seen[-1] == (15 + 64, 15 + 50)  # whole rollouts


def test_it_is_saved_and_loaded_if_trusted(tmp_path: Path) -> None:
    agent: Any = agents.make("sb3:dqn", small_grid(), seed=0, learning_starts=20).learn(60)
    agent.save(tmp_path / "agent")

    with pytest.raises(checkpoint.CheckpointError, match="trust=True"):
        rlkit.load(tmp_path / "agent")
    again: Any = rlkit.load(tmp_path / "agent", trust=True)
    assert again.num_timesteps == 60
    assert again.config == agent.config
    for x, y in zip(weights(agent.model), weights(again.model), strict=True):
        np.testing.assert_array_equal(x, y)
    again.learn(20)
    assert again.num_timesteps == 80


class Payload:
    """What a stranger may put into a zip: unpickling it touches a file."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> Any:
        return Path.touch, (self.target,)


def test_the_zip_of_a_stranger_runs_code_only_if_trusted(tmp_path: Path) -> None:
    import cloudpickle  # type: ignore[import-untyped]

    harm, folder = tmp_path / "harm", tmp_path / "agent"
    agent = agents.make("sb3:ppo", small_grid(), **BRIEF)
    agent.save(folder)
    meta, tensors = checkpoint.read(folder)
    with zipfile.ZipFile(io.BytesIO(tensors["zip"].tobytes())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    data = json.loads(parts["data"])
    pickled = base64.b64encode(cloudpickle.dumps(Payload(harm))).decode()
    data["extra"] = {":type:": "object", ":serialized:": pickled}
    parts["data"] = json.dumps(data).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    checkpoint.write(folder, meta, {"zip": np.frombuffer(buffer.getvalue(), np.uint8)})

    with pytest.raises(checkpoint.CheckpointError):
        rlkit.load(folder)
    assert not harm.exists()
    rlkit.load(folder, trust=True)
    assert harm.exists()  # so the warning is true


@pytest.mark.parametrize("name", ["policy-iteration", "q-learning"])
def test_evaluate_policy_of_stable_baselines3_takes_our_agents(name: str) -> None:
    """400 episodes: the mean return within four errors of the computed one."""
    from stable_baselines3.common.evaluation import evaluate_policy
    from stable_baselines3.common.monitor import Monitor

    env = gymnasium.make("FrozenLake-v1")
    agent = agents.make(name, env).learn(100_000)
    model = TabularModel.from_env(env, 1.0)
    exact = float(model.initial @ model.evaluate(agent.policy, 100))
    env.reset(seed=7)
    mean, _ = evaluate_policy(agent, Monitor(env), n_eval_episodes=400)

    assert 0.02 < exact < 0.98
    assert mean == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 400))


def test_evaluate_policy_takes_our_agents_on_our_vectors() -> None:
    from stable_baselines3.common.evaluation import evaluate_policy

    from rlkit.agents.sb3.vectors import make_sb3

    agent: Any = agents.make("value-iteration", small_grid()).learn(0)
    vector = make_sb3("rlkit/GridWorld-v0", 4, **SMALL)
    returns, lengths = evaluate_policy(agent, vector, 8, warn=False, return_episode_rewards=True)
    assert (returns, lengths) == ([1.0] * 8, [3] * 8)
