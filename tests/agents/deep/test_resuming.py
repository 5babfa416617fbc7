"""Training twice as long equals training, dying, and going on: bit for bit."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.wrappers import TransformReward

pytest.importorskip("torch")

import torch
from threadpoolctl import threadpool_limits

import rlkit
from rlkit import agents

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
import os, signal, sys
import rlkit
for case in sys.argv[2:]:
    def stop(progress):
        os.kill(os.getpid(), signal.SIGKILL)
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
    assert subprocess.run(command, check=False).returncode == -9

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
    whole.state_dict()  # a checkpoint, at which nobody dies
    whole.learn(100)
    agent().learn(100).save(tmp_path / "half")
    resumed = rlkit.load(tmp_path / "half", env()).learn(100)
    other = agent().learn(200)

    np.testing.assert_array_equal(resumed.parameters.detach(), whole.parameters.detach())
    assert (other.parameters.detach() != whole.parameters.detach()).any()


def test_a_memory_ends_the_episode_that_cannot_be_copied(tmp_path: Path) -> None:
    def agent() -> Any:
        env = TransformReward(gymnasium.make("CartPole-v1"), lambda reward: float(reward) / 2)
        return agents.make("dqn", env, horizon=1000, seed=2, learning_starts=32, **OFTEN)

    one = agent().learn(100)
    one.save(tmp_path / "half")
    env = TransformReward(gymnasium.make("CartPole-v1"), lambda reward: float(reward) / 2)
    resumed = rlkit.load(tmp_path / "half", env).learn(100)
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
    from rlkit.scripts.runs import Run

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


def test_weights_do_not_depend_on_the_number_of_cores() -> None:
    def trained(cores: int) -> Any:
        torch.set_num_threads(cores)
        with threadpool_limits(cores):
            agent = agents.make("dqn", "CartPole-v1", seed=0, learning_starts=256).learn(512)
        return agent.parameters.detach().numpy().copy()

    before = torch.get_num_threads()
    try:
        first, *others = [trained(cores) for cores in (1, 2, 3)]
    finally:
        torch.set_num_threads(before)

    for other in others:
        np.testing.assert_array_equal(other, first)
