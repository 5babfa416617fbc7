"""Training twice as long equals training, dying, and going on: bit for bit."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.classic_control import CartPoleEnv
from gymnasium.envs.toy_text import FrozenLakeEnv
from gymnasium.wrappers import (
    FrameStackObservation,
    StickyAction,
    TimeAwareObservation,
    TimeLimit,
    TransformReward,
)

pytest.importorskip("torch")

import torch
from threadpoolctl import threadpool_info, threadpool_limits
from torch import nn

import rlkit
from rlkit import agents, checkpoint
from rlkit.envs.gridworld.env import GridWorldEnv
from rlkit.nets import Feedforward

GRU = {"core": "gru", "core_settings": {"hidden_size": 8}}
ALL = {"prioritised": True, "n_steps": 3, "dueling": True, "learning_starts": 64, "capacity": 384}
OFTEN = {"train_every": 2, "gradient_steps": 1}
CASES: dict[str, tuple[str, str, int, dict[str, Any]]] = {
    "ppo": ("ppo", "CartPole-v1", 256, {"num_envs": 1, "steps": 128, "epochs": 2}),
    "ppo-vector": ("ppo", "CartPole-v1", 256, {"num_envs": 4, "steps": 32, "epochs": 2}),
    "ppo-gru": ("ppo", "rlkit/GridWorld-v0", 256, {"steps": 16, "epochs": 2, **GRU}),
    "a2c": ("actor-critic", "CartPole-v1", 200, {"num_envs": 4}),
    "a2c-gru": ("actor-critic", "rlkit/CabinTabular-v0", 200, {"num_envs": 4, **GRU}),
    "one-step": ("one-step-actor-critic", "CartPole-v1", 100, {}),
    "reinforce": ("reinforce", "CartPole-v1", 1, {"num_envs": 2}),
    "reinforce-gru": ("reinforce", "rlkit/CabinTabular-v0", 1, {"num_envs": 2, **GRU}),
    "dqn": ("dqn", "CartPole-v1", 300, {**OFTEN, "learning_starts": 64, "capacity": 400}),
    "dqn-all": ("dqn", "rlkit/GridWorld-v0", 240, {**OFTEN, **ALL, "num_envs": 3}),
    "dqn-gru": ("dqn", "rlkit/CabinTabular-v0", 240, {**GRU, **ALL, **OFTEN, "batch_size": 8}),
    "toy-text": ("ppo", "FrozenLake-v1", 128, {"num_envs": 2, "steps": 32, "epochs": 1}),
    "blackjack": ("ppo", "Blackjack-v1", 64, {"num_envs": 1, "steps": 32, "epochs": 1}),
}
KILLED = """
import os, sys
import rlkit
for case in sys.argv[2:]:
    def stop(progress):
        os._exit(9)  # as if killed: nothing is flushed or tidied
    agent = rlkit.load(f"{sys.argv[1]}/{case}/half")
    agent.learn(LENGTHS[case]).save(f"{sys.argv[1]}/{case}/resumed")
agent.learn(1000, callback=stop)
"""


def made(case: str) -> Any:
    name, env, _, settings = CASES[case]
    return agents.make(name, env, seed=3, horizon=1000, **settings)


def test_training_twice_equals_dying_and_going_on(tmp_path: Path) -> None:
    lengths = {case: length for case, (_, _, length, _) in CASES.items()}
    for case, length in lengths.items():
        made(case).learn(length).save(tmp_path / case / "half")
    program = f"LENGTHS = {lengths!r}\n{KILLED}"
    command = [sys.executable, "-c", program, str(tmp_path), *CASES]
    assert subprocess.run(command, check=False).returncode == 9

    for case, length in lengths.items():
        whole = made(case).learn(length).learn(length).state_dict()
        resumed = rlkit.load(tmp_path / case / "resumed").state_dict()
        assert whole.keys() == resumed.keys(), case
        for name, array in whole.items():
            np.testing.assert_array_equal(array, resumed[name], f"{case}: {name}")
        start = rlkit.load(tmp_path / case / "half").state_dict()
        assert any((whole[k] != start[k]).any() for k in whole if k.startswith("network.")), case


def test_an_environment_that_cannot_be_copied_begins_an_episode(tmp_path: Path) -> None:
    def env() -> Any:
        return TransformReward(gymnasium.make("CartPole-v1"), lambda reward: float(reward) / 2)

    def agent() -> Any:
        return agents.make("ppo", env(), num_envs=1, steps=50, epochs=1, horizon=1000, seed=2)

    whole = agent().learn(100)
    whole.save(tmp_path / "whole")  # nobody dies
    whole.learn(100)
    agent().learn(100).save(tmp_path / "half")
    resumed: Any = rlkit.load(tmp_path / "half", env()).learn(100)
    other = agent().learn(200)

    np.testing.assert_array_equal(resumed.parameters.detach(), whole.parameters.detach())
    assert (other.parameters.detach() != whole.parameters.detach()).any()


class Waxing(FrozenLakeEnv):
    """Pays more, the longer it has been played: a subclass that remembers more."""

    worth = 0.0

    def step(self, a: Any) -> Any:
        """Take a step."""
        s, _, *rest = super().step(a)  # type: ignore[no-untyped-call]
        self.worth += 0.125
        return s, self.worth, *rest

    def reset(self, **given: Any) -> Any:
        """Begin an episode, which is worth nothing yet."""
        self.worth = 0.0
        return super().reset(**given)


class WaxingGrid(GridWorldEnv):
    """The same of one of ours, whose `get_state` knows nothing of it."""

    worth = 0.0

    def step(self, action: Any) -> Any:
        """Take a step."""
        s, _, *rest = super().step(action)
        self.worth += 0.125
        return s, self.worth, *rest

    def reset(self, **given: Any) -> Any:
        """Begin an episode, which is worth nothing yet."""
        self.worth = 0.0
        return super().reset(**given)


WHOLE: dict[str, Any] = {
    "Taxi": lambda: gymnasium.make("Taxi-v4", fickle_passenger=True, is_rainy=True),
    "CliffWalking": lambda: gymnasium.make("CliffWalking-v1", is_slippery=True),
    "MountainCar": lambda: gymnasium.make("MountainCar-v0"),
    "Acrobot": lambda: gymnasium.make("Acrobot-v1"),
    "twice limited": lambda: TimeLimit(TimeLimit(gymnasium.make("CartPole-v1"), 30), 9),
}
"""Environments whose whole state is known."""
CUT: dict[str, Any] = {
    "subclass": lambda: TimeLimit(Waxing(), 20),
    "subclass of ours": lambda: TimeLimit(WaxingGrid(), 20),
    "sticky": lambda: StickyAction(gymnasium.make("CartPole-v1"), 0.5),
    "stacked": lambda: FrameStackObservation(gymnasium.make("CartPole-v1"), 3),
    "timed": lambda: TimeAwareObservation(gymnasium.make("CartPole-v1")),
    "other generator": lambda: TimeLimit(OtherGenerator(), 50),
}
"""Environments and wrappers that may remember more, so that a checkpoint ends the episode."""


class OtherGenerator(CartPoleEnv):
    """Draws from another kind of generator."""

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        """Begin an episode."""
        if seed is not None:
            self.np_random = np.random.Generator(np.random.MT19937(seed))
        return super().reset(options=options)


@pytest.mark.parametrize("name", [*WHOLE, *CUT])
def test_an_environment_is_resumed_wholly_or_not_at_all(name: str) -> None:
    """With everything that its steps depend on, also in wrappers and subclasses."""
    make = (WHOLE | CUT)[name]

    def agent() -> Any:
        return agents.make("actor-critic", make(), num_envs=1, horizon=999, seed=2)

    whole = agent().learn(45)
    _, state = whole.checkpoint()
    assert any(key.startswith("world.env.") for key in state) == (name in WHOLE)
    whole.learn(300)
    resumed = agent()
    resumed.load_state_dict(state)
    resumed.learn(300)
    for key, array in whole.state_dict().items():
        np.testing.assert_array_equal(array, resumed.state_dict()[key], key)


def test_a_fickle_passenger_keeps_his_mind() -> None:
    """Whether he will change it is drawn at the beginning of the episode."""
    agent = agents.make("one-step-actor-critic", WHOLE["Taxi"](), seed=0).learn(1)
    inside = agent.env.unwrapped
    inside.fickle_step = True
    state = agent.state_dict()
    other = agents.make("one-step-actor-critic", WHOLE["Taxi"](), seed=0)
    for seed in range(5):
        other.env.reset(seed=seed)
        other.load_state_dict(state)
        assert other.env.unwrapped.fickle_step is True


def test_a_memory_ends_the_episode_that_cannot_be_copied(tmp_path: Path) -> None:
    def agent() -> Any:
        env = TransformReward(gymnasium.make("CartPole-v1"), lambda reward: float(reward) / 2)
        return agents.make("dqn", env, horizon=1000, seed=2, learning_starts=32, **OFTEN)

    one: Any = agent().learn(100)
    one.save(tmp_path / "half")
    env = TransformReward(gymnasium.make("CartPole-v1"), lambda reward: float(reward) / 2)
    resumed: Any = rlkit.load(tmp_path / "half", env).learn(100)
    one.learn(100)
    fields, written = resumed._memory.replay.fields, resumed._memory.replay.written

    np.testing.assert_array_equal(resumed.parameters.detach(), one.parameters.detach())
    finals = np.flatnonzero(~fields["real"][0, : written[0]])
    assert len(finals) == 1  # the one step that was cut has a final observation
    assert fields["cut"][0, finals[0] - 1]
    assert not fields["terminated"][0, finals[0] - 1]
    assert fields["opens"][0, finals[0] + 1]


def test_the_run_folder_holds_what_the_learner_tells(tmp_path: Path) -> None:
    from rlkit.scripts.cli import main
    from rlkit.scripts.runs.folder import Run

    run = tmp_path / "run"
    words = ["train", "rlkit/GridWorld-v0", "--agent", "ppo", "--steps", "2048", "--out", str(run)]
    assert main([*words, "--set", "steps", "64", "epochs", "1", "--json"]) == 0
    assert main(["train", "--resume", str(run), "--steps", "1024", "--json"]) == 0

    opened, _ = Run.reopen(run)
    rows = opened.metrics()
    assert [row["step"] for row in rows] == sorted({row["step"] for row in rows})
    assert rows[-1]["step"] == 3072
    assert {"value", "regret", "online_return", "entropy", "kl"} <= rows[-1].keys()
    assert 0 < rows[0]["entropy"] <= np.log(4) + 1e-6


def old_style(state: dict[str, Any], seed: int) -> dict[str, Any]:
    """Return a state as earlier versions saved it."""
    kept = {k: v for k, v in state.items() if k != "predictions" and not k.startswith("target.")}
    return {**kept, "seed": np.array(seed)}


@pytest.mark.parametrize("seed", [3, 2**40])
@pytest.mark.parametrize("name", ["dqn", "ppo", "actor-critic", "reinforce"])
def test_a_checkpoint_of_an_earlier_version_is_read(name: str, seed: int, tmp_path: Path) -> None:
    often = {"learning_starts": 16, **OFTEN} if name == "dqn" else {"num_envs": 1}
    agent: Any = agents.make(name, "CartPole-v1", seed=seed, horizon=999, **often).learn(60)
    meta, tensors = checkpoint.read(agent.save(tmp_path / "agent"))
    checkpoint.write(tmp_path / "old", meta, old_style(tensors, seed))
    loaded: Any = rlkit.load(tmp_path / "old")

    assert loaded.seed == seed
    assert torch.equal(loaded.learn(60).parameters, agent.learn(60).parameters)


def normalising(shape: tuple[int, ...]) -> Any:
    layers = nn.Sequential(nn.Linear(shape[0], 8), nn.BatchNorm1d(8), nn.Tanh())
    return Feedforward(layers, shape)


def test_a_target_whose_buffers_were_not_saved_takes_those_of_the_network() -> None:
    def made() -> Any:
        return agents.make("dqn", "CartPole-v1", core=normalising, learning_starts=16, **OFTEN)

    agent, loaded = made().learn(60), made()
    loaded.load_state_dict(old_style(agent.state_dict(), 0))
    means: list[Any] = [
        m.running_mean for m in loaded._target.modules() if isinstance(m, nn.BatchNorm1d)
    ]
    assert means[0].abs().sum() > 0
    for own, counted in zip(loaded._target.buffers(), agent.network.buffers(), strict=True):
        assert torch.equal(own, counted)


def test_weights_do_not_depend_on_the_number_of_cores() -> None:
    def trained(cores: int) -> Any:
        torch.set_num_threads(cores)
        with threadpool_limits(cores):
            agent: Any = agents.make("dqn", "CartPole-v1", seed=0, learning_starts=256).learn(512)
        return agent.parameters.detach().numpy().copy()

    before = torch.get_num_threads()
    try:
        first, *others = [trained(cores) for cores in (1, 2, 3)]
    finally:
        torch.set_num_threads(before)

    for other in others:
        np.testing.assert_array_equal(other, first)


class Counting(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Notes at each step with how many threads one computes."""

    def __init__(self, env: Any) -> None:
        super().__init__(env)
        self.threads: set[int] = set()

    def step(self, action: Any) -> Any:
        """Note, and play."""
        for library in threadpool_info():
            if library["user_api"] == "blas":
                self.threads.add(library["num_threads"])
        self.threads.add(torch.get_num_threads())
        return super().step(action)


def test_a_test_does_not_depend_on_the_number_of_cores() -> None:
    """Many threads on one observation cost a hundred times what they save, and round otherwise."""
    agent = agents.make("dqn", "CartPole-v1", seed=0)
    env = Counting(gymnasium.make("CartPole-v1"))
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with threadpool_limits(2):
            rlkit.evaluate(agent, env, 1)
        after = torch.get_num_threads()
    finally:
        torch.set_num_threads(before)

    assert env.threads == {1}
    assert after == 2
