"""Stable-Baselines3 through the commands: the same run folder, the same words."""

from pathlib import Path

import pytest

from rlkit.scripts.runs.folder import Run, config_of
from tests.scripts.support import GRID, ask, refuse

pytest.importorskip("sb3_contrib")

SHORT = ("--env", "max_episode_steps", "20")
PPO = ("train", "rlkit/GridWorld-v0", *SHORT, "--agent", "sb3:ppo", "--set")
SETTINGS = ("n_steps", "64", "batch_size", "32", "policy_kwargs", "{net_arch: [8]}")


def test_a_run_goes_through_every_command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run, other = tmp_path / "ppo" / "seed-0", tmp_path / "table"
    ask(capsys, *PPO, *SETTINGS, "--steps", "512", "--out", str(run))
    ask(capsys, *GRID, *SHORT, "--steps", "512", "--out", str(other))
    untrusted = refuse(capsys, "train", "--resume", str(run), "--steps", "64")
    answer = ask(capsys, "train", "--resume", str(run), "--steps", "64", "--trust")

    assert "can run code" in untrusted
    assert answer["step"] == 576
    rows = Run(run, config_of(run)).metrics()
    assert [row["step"] for row in rows] == sorted({row["step"] for row in rows})
    assert rows[-1].keys() == Run(other, config_of(other)).metrics()[-1].keys()
    assert "can run code" in refuse(capsys, "evaluate", str(run))
    played = ask(capsys, "evaluate", str(run), "--trust", "--episodes", "5")
    assert played["agent"] == "sb3:ppo"
    assert played["length"]["mean"] <= 20.0
    assert played["exact_value"] == pytest.approx(rows[-1]["value"])
    words = ("compare", str(run.parent), str(other), "--out", str(tmp_path / "c.png"))
    assert [row["name"] for row in ask(capsys, *words)["runs"]] == ["sb3:ppo", "q-learning"]


def test_mistakes_name_what_fits(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("train", "Pendulum-v1", "--steps", "9", "--agent")

    assert "sb3:a2c, sb3:ars" in refuse(capsys, *words, "sb3:dqn")
    assert "sb3:sac" in refuse(capsys, *words, "q-learning")
    assert "Did you mean 'sb3:dqn'" in refuse(capsys, *words, "sb3:dqnn")
    assert "Did you mean 'n_steps'" in refuse(capsys, *PPO, "n_step", "5", "--steps", "9")
    assert "must learn first" in refuse(
        capsys, "evaluate", "rlkit/GridWorld-v0", "--agent", "sb3:ppo"
    )
