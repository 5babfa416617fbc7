"""Presets where people train: taken by themselves, said, written down, and listed."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from rlkit.agents.presets import presets
from rlkit.scripts.cli import main
from rlkit.scripts.presets import pairs, told
from rlkit.scripts.runs.folder import config_of
from tests.scripts.support import ask, refuse

BENCH = "rlkit/CabinBench1-v0"
TRAIN = ("train", BENCH, "--steps", "40")


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Measure once, with one episode, and test nothing, in a folder of the test."""
    monkeypatch.setattr("rlkit.scripts.runs.training.EPISODES", 1)
    monkeypatch.setattr("rlkit.scripts.runs.training.measure", lambda *_, **__: {})
    monkeypatch.setattr("rlkit.scripts.runs.training.LOG_POINTS", 1)
    monkeypatch.chdir(tmp_path)


def test_train_takes_the_tuned_preset_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, *TRAIN, "--agent", "actor-critic", "--set", "steps", "5")
    config = config_of(Path(answer["run"]))

    tuned = presets()[BENCH]["ActorCritic"].settings
    assert (answer["preset"], config["preset"]) == ("ActorCritic", "ActorCritic")
    assert config["settings"]["lambda_"] == tuned["lambda_"]
    assert config["settings"]["learning_rate"]["start"] == tuned["learning_rate"]["start"]
    assert config["settings"]["steps"] == 5
    assert "reward" not in config["environment"]["kwargs"]


def test_none_begins_with_the_defaults(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--agent", "actor-critic", "--preset", "none")
    answer = ask(capsys, *TRAIN, *words)
    config = config_of(Path(answer["run"]))

    assert (answer["preset"], config["preset"]) == (None, None)
    assert config["settings"]["lambda_"] != presets()[BENCH]["ActorCritic"].settings["lambda_"]


def test_the_line_comes_once_for_all_seeds(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*TRAIN, "--agent", "actor-critic", "--seeds", "2"]) == 0
    said = capsys.readouterr().out

    assert said.count(f"begins with the preset ActorCritic of {BENCH}") == 1
    seeds = Path("runs/CabinBench1-v0-actor-critic-0")
    assert [config_of(seeds / f"seed-{k}")["preset"] for k in (0, 1)] == ["ActorCritic"] * 2


def test_a_preset_by_name_brings_its_agent(capsys: pytest.CaptureFixture[str]) -> None:
    small = ("--set", "steps", "5", "epochs", "1", "core_settings", "{hidden_size: 4}")
    answer = ask(capsys, *TRAIN, "--preset", "PPO+LSTM", *small)
    config = config_of(Path(answer["run"]))

    assert answer["run"] == "runs/CabinBench1-v0-PPO+LSTM-0"
    assert (config["agent"], config["preset"]) == ("ppo", "PPO+LSTM")
    assert config["settings"]["core"] == "lstm"

    resumed = ask(capsys, "train", "--resume", answer["run"], "--steps", "40")
    assert resumed["preset"] == "PPO+LSTM"
    assert config_of(Path(answer["run"]))["preset"] == "PPO+LSTM"
    again = ("--resume", answer["run"], "--preset", "PPO", "--steps", "40")
    assert "leave out --preset" in refuse(capsys, "train", *again)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--agent", "ppo", "--preset", "PPO+LSMT"), "Did you mean 'PPO+LSTM'"),
        (("--agent", "dqn", "--preset", "PPO"), "the preset PPO is one of ppo"),
        (("--preset", "none"), "give an environment and --agent NAME"),
        (("--agent", "PPO"), "Did you mean 'ppo'"),
    ],
)
def test_mistakes_are_named(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in refuse(capsys, *TRAIN, *words)
    assert not Path("runs").exists()


def test_training_stops_after_so_many_episodes(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("train", BENCH, "--agent", "actor-critic", "--set", "num_envs", "1", "steps", "4")
    answer = ask(capsys, *words, "--steps", "4000", "--episodes", "3")

    assert answer["stopped"] == "3 episodes have been played"
    assert answer["step"] < 400
    grid = ("train", "rlkit/GridWorld-v0", "--agent", "sarsa", "--steps", "10", "--episodes", "3")
    assert "SARSA does not count its episodes" in refuse(capsys, *grid)


def test_where_the_environment_differs_is_said() -> None:
    road, exact = presets()["rlkit/Cabin-v0"], presets()["rlkit/CabinTabular-v0"]["DQN"]
    assert "tuned with" not in told(road["PPO"], {})
    assert "defaults, and here masks is another" in told(road["PPO"], {"masks": False})
    weights = {"hand_over": -15.0, "risk": -1.0}
    line = told(road["PPO-errands"], {})
    assert "--env reward '{hand_over: -15.0, risk: -1.0}', and here reward is another" in line
    assert "tuned with" not in told(road["PPO-errands"], {"reward": weights})
    line = told(exact, {"observation": "index"})
    assert "observation vector max_episode_steps 1000" in line
    assert "here observation, max_episode_steps are others" in line


@pytest.mark.parametrize(
    ("value", "word"), [(1, "1"), ("a b", "'a b'"), ([1, 2], "'[1, 2]'"), (None, "null")]
)
def test_values_are_written_as_they_are_read(value: Any, word: str) -> None:
    assert pairs("--set", {"name": value}) == f"--set name {word}"


def test_list_shows_them(capsys: pytest.CaptureFixture[str]) -> None:
    rows = {
        (row["environment"], row["preset"]): row
        for row in ask(capsys, "list", "--presets")["presets"]
    }
    row = rows[BENCH, "PPO"]
    assert (row["agent"], row["tuned"], row["steps"], row["episodes"]) == (
        "ppo",
        True,
        44_000,
        4_000,
    )
    assert row["settings"] == presets()[BENCH]["PPO"].settings
    assert not rows[BENCH, "PPO+LSTM"]["tuned"]
    assert rows["rlkit/Cabin-v0", "PPO-errands"]["env"]["reward"]["hand_over"] < 0

    assert main(["list", "--presets"]) == 0
    text = capsys.readouterr().out
    assert "    PPO*: --agent ppo, 44,000 steps or 4,000 episodes\n      --set num_envs 4" in text
    assert "    PPO+LSTM: --agent ppo" in text
