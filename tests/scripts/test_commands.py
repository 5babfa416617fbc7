"""The commands as a user types them: what they print and write."""

import sys
import threading
from pathlib import Path
from typing import Any

import gymnasium
import pygame
import pytest
from gymnasium.spaces import Discrete
from gymnasium.wrappers import TransformAction

from rlkit.evaluation import evaluate
from rlkit.scripts.cli import main
from rlkit.scripts.common import make_player
from rlkit.scripts.runs.folder import config_of
from tests.scripts.support import GRID, ask, refuse


def test_list_names_everything(capsys: pytest.CaptureFixture[str]) -> None:
    listed = ask(capsys, "list")

    assert "rlkit/CabinTabular-v0" in listed["environments"]
    assert {"q-learning", "policy-iteration", "random"} <= set(listed["agents"])


def test_elements_prints_five(capsys: pytest.CaptureFixture[str]) -> None:
    answer = ask(capsys, "elements", "rlkit/CabinTabular-v0")

    assert list(answer["elements"]) == ["state", "action", "policy", "transition", "reward"]


@pytest.mark.parametrize("start", [1, -1])
def test_random_plays_all_actions_and_no_others(start: int) -> None:
    played: set[int] = set()

    def taken(action: Any) -> Any:
        played.add(int(action))
        return action - start

    env = gymnasium.make("rlkit/GridWorld-v0")
    shifted = TransformAction(env, taken, Discrete(4, start=start))
    evaluate(make_player("random", shifted), shifted, 3)
    assert played == {start, start + 1, start + 2, start + 3}


@pytest.mark.parametrize(
    ("env_id", "tables", "noted"),
    [("CabinBench3", 1, True), ("CabinBench3", 2, False), ("CabinBench1", 1, False)],
)
def test_evaluate_notes_that_an_interval_knows_one_table(
    capsys: pytest.CaptureFixture[str], env_id: str, tables: int, noted: bool
) -> None:
    words = ("evaluate", f"rlkit/{env_id}-v0", "--agent", "handcrafted", "--episodes", "2")
    assert main([*words, "--env", "confusion_tables", str(tables)]) == 0

    assert ("one table of" in capsys.readouterr().out) is noted


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


@pytest.mark.parametrize("steps", ["1e2", "100", "1_00", "1.0e+2"])
def test_numbers_are_read_as_people_write_them(
    steps: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """YAML 1.1 alone takes 1e-1 and 5E-2 for words."""
    out = tmp_path / "run"
    rates = ("--set", "learning_rate", "1e-1", "epsilon", "5E-2", "initial_value", "-.5e1")
    answer = ask(
        capsys,
        *GRID,
        "--steps",
        steps,
        *rates,
        "--out",
        str(out),
        "--seed",
        steps,
        "--patience",
        "1e2",
    )

    assert answer["step"] == 100
    assert config_of(out)["seed"] == 100
    settings = config_of(out)["settings"]
    assert settings["learning_rate"] == {"kind": "constant", "value": 0.1}
    assert settings["epsilon"] == {"kind": "constant", "value": 0.05}
    assert settings["initial_value"] == -5


@pytest.mark.parametrize("steps", ["1.5", "nan", "inf", "many"])
def test_what_is_no_whole_number_is_refused(steps: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([*GRID, "--steps", steps])
    assert "--steps" in capsys.readouterr().err


OWN = """
import gymnasium
from rlkit.envs.gridworld.env import GridWorldEnv
gymnasium.register("Own-v0", entry_point=lambda **kw: GridWorldEnv(map="small", **kw))
"""


def test_a_users_module_registers_environments(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own_environments.py").write_text(OWN, "utf-8")
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


def test_a_module_before_an_id_is_imported_and_a_run_loads_without_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run keeps the bare id: a stranger's file must not say what is imported."""
    (tmp_path / "more_environments.py").write_text(OWN.replace("Own-v0", "More-v0"), "utf-8")
    monkeypatch.chdir(tmp_path)
    name = "more_environments:More-v0"
    ask(capsys, "train", name, "--agent", "q-learning", "--steps", "50")

    run = "runs/More-v0-q-learning-0"
    assert config_of(Path(run))["environment"]["id"] == "More-v0"
    assert ask(capsys, "evaluate", run, "--episodes", "2")["env"] == "More-v0"
    assert main(["watch", name, "--agent", "value-iteration", "--text"]) == 0
    assert "no module" in refuse(capsys, "evaluate", "nosuch:More-v0", "--agent", "random").lower()
    monkeypatch.delitem(gymnasium.registry, "More-v0")
    assert "--module NAME" in refuse(capsys, "evaluate", run)


@pytest.mark.parametrize("command", ["elements", "evaluate", "train"])
def test_our_own_ids_may_name_their_module(
    command: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = {
        "elements": (),
        "evaluate": ("--agent", "policy-iteration", "--episodes", "2"),
        "train": ("--agent", "sarsa", "--steps", "20", "--out", str(tmp_path / "run")),
    }
    answer = ask(capsys, command, "rlkit:rlkit/GridWorld-v0", *words[command])
    if command == "train":
        answer = ask(capsys, "evaluate", answer["run"], "--episodes", "2")
        assert answer["env"] == "rlkit/GridWorld-v0"


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_thread_may_call_a_command_twice(
    jobs: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Only the main thread may handle signals; a notebook's worker or a web application is none."""
    codes: list[int] = []
    words = [*GRID, "--steps", "100", "--seeds", "2", "--jobs", jobs, "--json", "--out"]

    def twice() -> None:
        codes.extend(main([*words, str(tmp_path / name)]) for name in ("first", "second"))

    thread = threading.Thread(target=twice)
    thread.start()
    thread.join()

    assert (codes, capsys.readouterr().err) == ([0, 0], "")


def test_a_table_has_one_discount_and_says_which(capsys: pytest.CaptureFixture[str]) -> None:
    """The player's own, else the environment's, else .99; exact and sampled figures agree in it.

    On the dry lake six steps lead to the goal, so that its reward is discounted five times.
    """
    dry = ("--env", "is_slippery", "false")
    lake = ask(capsys, "evaluate", "FrozenLake-v1", *dry, "--agent", "value-iteration")
    bored = ask(capsys, "evaluate", "FrozenLake-v1", *dry, "--agent", "random", "--episodes", "2")
    cabin = ask(capsys, "evaluate", "rlkit/CabinTabular-v0", "--agent", "handcrafted")
    walk = ["CliffWalking-v1", "--env", "max_episode_steps", "50"]
    shown = main(["evaluate", *walk, "--agent", "random", "--episodes", "1"])

    assert lake["discount"] == bored["discount"] == 0.99
    assert lake["discounted_return"]["mean"] == pytest.approx(0.99**5)
    assert lake["exact_value"] == lake["exact_limited_value"] == pytest.approx(0.99**5)
    assert cabin["discount"] == gymnasium.make("rlkit/CabinTabular-v0").unwrapped.discount  # type: ignore[attr-defined]
    assert shown == 0
    assert "random, CliffWalking-v1, discount 0.99" in capsys.readouterr().out


def test_the_agents_own_discount_judges_its_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """What training logs and what evaluation prints is the same figure, under .5."""
    words = ("--env", "is_slippery", "false", "--set", "discount", "0.5", "initial_value", "1")
    learning = ("train", "FrozenLake-v1", "--agent", "q-learning", "--steps", "20000")
    logged = ask(capsys, *learning, *words, "--out", str(tmp_path / "run"))
    printed = ask(capsys, "evaluate", str(tmp_path / "run"), "--episodes", "5")

    assert logged["discount"] == printed["discount"] == 0.5
    assert logged["value"] == printed["exact_value"] == 0.5**5
    assert printed["discounted_return"] == {"mean": 0.5**5, "ci95": [0.5**5] * 2}


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
