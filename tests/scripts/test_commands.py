"""The commands as a user types them: what they print and write."""

import sys
from pathlib import Path

import gymnasium
import pygame
import pytest

from rlkit.scripts.cli import main
from rlkit.scripts.runs import config_of
from tests.scripts.support import GRID, ask, refuse


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


def test_pairs_after_repeated_options_all_count(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "run"
    grid = ("--env", "slip", "0.1", "--env", "map", "small", "max_episode_steps", "30")
    rates = ("--set", "epsilon", "0.1", "--set", "initial_value", "-1")
    ask(capsys, *GRID[:2], *grid, *rates, *GRID[2:], "--steps", "50", "--out", str(out))

    config = config_of(out)
    assert config["environment"]["kwargs"] == {"slip": 0.1, "map": "small", "max_episode_steps": 30}
    assert config["settings"]["epsilon"] == {"kind": "constant", "value": 0.1}
    assert config["settings"]["initial_value"] == -1


OWN = """
import gymnasium
from rlkit.envs.gridworld.env import GridWorldEnv
gymnasium.register("Own-v0", entry_point=lambda **kw: GridWorldEnv(map="small", **kw))
"""


def test_a_users_module_registers_environments(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_environments.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    module = ("--module", "own_environments")
    learning = ("train", "Own-v0", "--agent", "q-learning", "--steps", "50", "--out", "run")
    steps = ("--steps", "50")

    assert "unknown environment 'Own-v0'" in refuse(capsys, *learning)
    ask(capsys, *learning, *module)
    monkeypatch.delitem(gymnasium.registry, "Own-v0")
    assert "--module NAME" in refuse(capsys, "evaluate", "run")
    assert "cannot import the module 'own'" in refuse(capsys, "evaluate", "run", "--module", "own")
    monkeypatch.delitem(sys.modules, "own_environments")
    assert ask(capsys, "evaluate", "run", *module, "--episodes", "2")["agent"] == "q-learning"
    assert ask(capsys, "train", "--resume", "run", *module, *steps)["step"] == 100
    monkeypatch.delitem(gymnasium.registry, "Own-v0")
    assert str(tmp_path) not in sys.path


def test_a_folder_of_seeds_asks_for_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out = tmp_path / "runs"
    ask(capsys, *GRID, "--steps", "50", "--seeds", "2", "--out", str(out))

    for words in (("evaluate", str(out)), ("train", "--steps", "5", "--resume", str(out))):
        assert f"several runs; name one of {out}/seed-0, {out}/seed-1" in refuse(capsys, *words)


def test_without_a_screen_watch_says_what_works(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pygame.display.quit()
    monkeypatch.setenv("SDL_VIDEODRIVER", "nosuchdriver")

    for agent, env in (("value-iteration", GRID[1]), ("handcrafted", "rlkit/CabinMotorway-v0")):
        assert "--video FILE" in refuse(capsys, "watch", env, "--agent", agent)


def test_a_video_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "film.gif"
    words = ["watch", "rlkit/GridWorld-v0", "--agent", "policy-iteration", "--video", str(target)]

    assert main(words) == 0
    assert target.read_bytes().startswith(b"GIF8")
    assert "film.gif" in capsys.readouterr().out


def test_text_needs_no_screen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "rlkit/CabinTabular-v0", "--agent", "handcrafted", "--text"]) == 0
    assert "mishears" in capsys.readouterr().out
