"""The commands as a user types them: what they print and write."""

from pathlib import Path

import pytest

from rlkit.scripts.cli import main
from tests.scripts.support import ask


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


def test_a_video_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "film.gif"
    words = ["watch", "rlkit/GridWorld-v0", "--agent", "policy-iteration", "--video", str(target)]

    assert main(words) == 0
    assert target.read_bytes().startswith(b"GIF8")
    assert "film.gif" in capsys.readouterr().out


def test_text_needs_no_screen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "rlkit/CabinTabular-v0", "--agent", "handcrafted", "--text"]) == 0
    assert "mishears" in capsys.readouterr().out
