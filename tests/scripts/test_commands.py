"""The commands as a user types them: output, files, exit codes, and what goes wrong."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import rlkit
from rlkit.scripts.cli import main


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """Run a command that must succeed, and return its last line as JSON."""
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def refuse(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Run a command that must fail with exit code 2, and return its message."""
    assert main(list(words)) == 2
    return capsys.readouterr().err


def test_list_names_everything(capsys: pytest.CaptureFixture[str]) -> None:
    listed = ask(capsys, "list")

    assert "rlkit/CabinTabular-v0" in listed["environments"]
    assert {"q-learning", "policy-iteration", "random"} <= set(listed["agents"])


def test_elements_prints_five(capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, "elements", "rlkit/CabinTabular-v0")

    assert list(answer["elements"]) == ["state", "action", "policy", "transition", "reward"]


def test_evaluate_a_planner(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("evaluate", "rlkit/GridWorld-v0", "--agent", "value-iteration", "--episodes", "20")
    answer = ask(capsys, *words)

    assert answer["return"] == {"mean": 1.0, "ci95": [1.0, 1.0]}
    assert answer["success"]["mean"] == 1.0
    assert answer["exact_regret"] == pytest.approx(0.0, abs=1e-9)


def test_train_then_resume_then_evaluate(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    first = ("train", "rlkit/GridWorld-v0", "--agent", "q-learning", "--steps", "20000")
    ask(capsys, *first, "--out", str(run), "--seed", "4", "--set", "horizon", "40000")
    answer = ask(capsys, "train", "--resume", str(run), "--steps", "20000")
    whole = tmp_path / "whole"
    again = ("train", "rlkit/GridWorld-v0", "--agent", "q-learning", "--steps", "40000")
    ask(capsys, *again, "--out", str(whole), "--seed", "4", "--set", "horizon", "40000")

    assert answer["step"] == 40_000
    assert (rlkit.load(run).q == rlkit.load(whole).q).all()
    assert {"config.json", "metrics.csv", "curve.png", "evaluation.json"} <= {
        file.name for file in run.iterdir()
    }
    assert ask(capsys, "evaluate", str(run), "--episodes", "5")["agent"] == "q-learning"


def test_train_several_seeds(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    words = ("train", "rlkit/GridWorld-v0", "--agent", "q-learning", "--steps", "500")
    ask(capsys, *words, "--seeds", "2", "--out", str(tmp_path / "runs"))

    assert sorted(file.name for file in (tmp_path / "runs").iterdir()) == ["seed-0", "seed-1"]


def test_an_existing_run_is_left_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    words = ("train", "rlkit/GridWorld-v0", "--agent", "q-learning", "--steps", "10")

    assert "exists already" in refuse(capsys, *words, "--out", str(tmp_path))
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("elements", "rlkit/CabinTabula-v0"), "Did you mean 'rlkit/CabinTabular-v0'"),
        (("elements", "CartPole-v1"), "does not name its five elements"),
        (("evaluate", "rlkit/GridWorld-v0", "--agent", "randon"), "Did you mean 'random'"),
        (("evaluate", "rlkit/GridWorld-v0", "--agent", "q-learning"), "must learn first"),
        (("evaluate", "no-such-run"), "no run folder 'no-such-run'"),
        (("train", "rlkit/GridWorld-v0", "--agent", "q-learning"), "--steps must be at least 1"),
        (("train", "--steps", "5"), "give an environment"),
        (("watch", "rlkit/GridWorld-v0", "--agent", "random", "--video", "x.avi"), ".mp4 or .gif"),
        (
            ("evaluate", "rlkit/GridWorld-v0", "--agent", "random", "--env", "map", "S.x"),
            "unknown map",
        ),
    ],
)
def test_mistakes_are_explained(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    assert message in refuse(capsys, *words)


def test_unknown_options_exit_with_2() -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["train", "--stepz", "3"])
    assert stopped.value.code == 2


def test_a_video_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "film.gif"
    words = ["watch", "rlkit/GridWorld-v0", "--agent", "policy-iteration", "--video", str(target)]

    assert main(words) == 0
    assert target.read_bytes().startswith(b"GIF8")
    assert "film.gif" in capsys.readouterr().out


def test_text_needs_no_screen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "rlkit/CabinTabular-v0", "--agent", "handcrafted", "--text"]) == 0
    assert "mishears" in capsys.readouterr().out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_a_checkpoint(tmp_path: Path, number: signal.Signals) -> None:
    run = tmp_path / "run"
    words = "train rlkit/CabinTabular-v0 --agent q-learning --steps 2000000000 --out".split()  # noqa: SIM905
    process = subprocess.Popen(
        [sys.executable, "-m", "rlkit.scripts.cli", *words, str(run)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 120
    while not (run / "config.json").exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(4)
    process.send_signal(number)
    out, err = process.communicate(timeout=120)

    assert process.returncode == 130, err
    assert f"rlkit train --resume {run}" in out
    assert rlkit.load(run).num_timesteps > 0
