"""Environments without a step limit, in which a policy can go on for ever: every command ends."""

import csv
import json
import warnings
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.spaces import Discrete

from rlkit.evaluation import CutWarning, evaluate
from rlkit.scripts.cli import main
from rlkit.scripts.common import plain_warnings
from rlkit.scripts.runs.judging import measure
from tests.scripts.support import ask

ENDLESS = "Endless-v0"
WINDY = ("rlkit/WindyGridWorld-v0", "--env", "max_episode_steps", "-1")
"""Whose own limit is taken away."""


class Endless(gymnasium.Env[Any, Any]):
    """Pays 1 a step and never ends."""

    observation_space, action_space = Discrete(1), Discrete(2)
    metadata = {"render_modes": ["ansi"], "render_fps": 4}  # noqa: RUF012 - as Gymnasium has it

    def __init__(self, render_mode: str | None = None) -> None:
        self.render_mode = render_mode

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[int, dict[str, Any]]:
        """Begin."""
        del seed, options
        return 0, {}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """Go on."""
        del action
        return 0, 1.0, False, False, {}

    def render(self) -> Any:
        """Return what `watch` prints."""
        return "a step"


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, test in (("evaluate", evaluate), ("measure", measure)):
        monkeypatch.setattr(
            f"rlkit.scripts.runs.training.{name}", partial(test, longest_episode=50)
        )
    spec = EnvSpec(ENDLESS, f"{__name__}:Endless")
    monkeypatch.setitem(gymnasium.registry, ENDLESS, spec)


def test_training_ends_where_episodes_do_not(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Each measurement of training, the choice of the best and the evaluation after it."""
    run = tmp_path / "run"
    with pytest.warns(
        CutWarning, match=f"an episode of {ENDLESS} was still going on after 50 steps"
    ):
        answer = ask(
            capsys, "train", ENDLESS, "--agent", "q-learning", "--steps", "2", "--out", str(run)
        )
    with (run / "metrics.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    latest = json.loads((run / "checkpoints" / "latest.json").read_text("utf-8"))
    evaluation = json.loads((run / "evaluation.json").read_text("utf-8"))

    assert answer["value"] == 50.0
    assert answer["cut"] == 1.0
    assert [(row["value"], row["validation"], row["cut"]) for row in rows] == [
        ("50.0", "50.0", "1.0")
    ] * 2
    assert latest["best"]["score"] == 50.0
    assert evaluation["length"]["mean"] == 50.0
    assert evaluation["cut"]["mean"] == 1.0


def test_a_computed_value_stands_beside_what_was_cut(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """After ten steps nobody leaves the windy grid; the run is evaluated a second time."""
    run = tmp_path / "run"
    words = ("--agent", "q-learning", "--steps", "10", "--out", str(run))
    with pytest.warns(CutWarning):
        answer = ask(capsys, "train", *WINDY, *words)
    limit = ("--longest-episode", "30")
    with pytest.warns(CutWarning, match="30 steps"):
        again = ask(capsys, "evaluate", str(run), "--episodes", "3", *limit)

    assert answer["value"] is None  # minus infinity
    assert "cut" not in answer  # of what is computed nothing is
    assert again["exact_value"] is None
    assert again["length"]["mean"] == 30.0
    assert again["return"]["mean"] == -30.0
    assert again["cut"]["mean"] == 1.0


def test_watching_ends(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["watch", ENDLESS, "--agent", "random", "--text", "--episodes", "2"]
    with pytest.warns(CutWarning, match="7 steps"):
        assert main([*words, "--longest-episode", "7"]) == 0

    assert capsys.readouterr().out == "a step\n" * 16


def test_a_warning_is_told_in_words_alone() -> None:
    told = (UserWarning("mind the gap"), UserWarning, "station.py", 7)
    usual = warnings.formatwarning
    with plain_warnings():
        assert warnings.formatwarning(*told) == "warning: mind the gap\n"

    assert warnings.formatwarning is usual
