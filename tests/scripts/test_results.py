"""The results table: cells that are kept, statistics that are right, settings that are valid."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import tyro

pytest.importorskip("torch")

import rlkit
from rlkit.agents import making
from rlkit.agents.presets import Preset
from rlkit.registration import TABLE
from rlkit.scripts.common import UserError
from rlkit.scripts.presets import training_command
from rlkit.scripts.results import measuring as results
from rlkit.scripts.results.measuring import Cell, Results, measure_cell
from rlkit.scripts.results.page import write
from rlkit.scripts.results.players import roster
from rlkit.scripts.train import Train
from tests.scripts.support import ask, refuse

GRID = "rlkit/GridWorld-v0"


def test_every_cabin_has_players() -> None:
    assert rlkit.__version__  # importing it registers the environments
    cabins = {entry.id for entry in TABLE if entry.id.startswith("rlkit/Cabin")}
    assert cabins - roster().keys() == {"rlkit/CabinParked-v0"}
    assert [name for name in roster() if "handcrafted" not in roster()[name]] == [
        "rlkit/CabinTabular-v0"
    ]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return a list that is filled with what agents are asked for; none is made."""
    found: list[Any] = []

    def make(name: str, env: Any, **settings: Any) -> None:
        found.append((name, env.spec.id, env.spec.kwargs, env.spec.max_episode_steps, settings))
        raise InterruptedError

    monkeypatch.setattr(making, "make", make)
    return found


LEARNING = [
    pytest.param(cell, id=f"{cell.environment}-{cell.player}")
    for cell in Results(seeds=1).cells()
    if cell.preset is not None
]


@pytest.mark.parametrize("cell", LEARNING)
def test_a_player_is_what_train_makes_of_its_preset(cell: Cell, asked: list[Any]) -> None:
    """The command on the page of results asks for the same agent in the same environment."""
    assert cell.preset is not None
    train = tyro.cli(Train, args=shlex.split(training_command(cell.preset, 1))[2:])
    with pytest.raises(InterruptedError):
        train.begin()
    with pytest.raises(InterruptedError):
        measure_cell(cell, None, 5)

    by_hand, in_results = asked
    assert by_hand == in_results
    name, environment, _, _, settings = by_hand
    assert (name, environment) == (cell.preset.agent, cell.environment)
    assert settings == {**cell.preset.settings, "seed": 0}
    assert (train.steps, train.episodes) == (cell.preset.steps, cell.preset.episodes)


def small() -> dict[str, dict[str, Preset | None]]:
    dqn = Preset("DQN", GRID, "dqn", {"learning_starts": 100}, 1_000, episodes=20)
    ppo = {"num_envs": 2, "steps": 64, "epochs": 1}
    return {GRID: {"DQN": dqn, "PPO": Preset("PPO", GRID, "ppo", ppo, 1_000, episodes=20)}}


def test_cells_are_measured_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "roster", small)
    made = Results(tmp_path / "cells", tmp_path / "page.md", seeds=2, episodes=5, json=True)
    made.main()
    files = sorted((tmp_path / "cells").glob("*/*/*.json"))
    assert [file.stem for file in files] == ["seed-0", "seed-1"] * 2
    before = {file: file.stat().st_mtime_ns for file in files}
    lost = files.pop()
    alone = json.loads(lost.read_text("utf-8"))
    lost.unlink()
    made.jobs = 2
    made.main()
    again = json.loads(lost.read_text("utf-8"))
    assert {**again, "cpu_seconds": 0} == {**alone, "cpu_seconds": 0}

    assert lost.exists()
    assert all(file.stat().st_mtime_ns == before[file] for file in files)
    cell = json.loads(lost.read_text("utf-8"))
    assert cell["trained_episodes"] >= 20 or cell["steps"] >= 1_000
    assert cell["curve"]
    page = (tmp_path / "page.md").read_text("utf-8")
    assert "| PPO | 2 |" in page
    assert (tmp_path / "images" / "results-GridWorld-v0.png").exists()


def cell(player: str, seed: int, success: float, **more: Any) -> dict[str, Any]:
    return {
        "environment": "rlkit/X-v0",
        "player": player,
        "seed": seed,
        "steps": 1_000 + seed,
        "trained_episodes": 70,
        "curve": [],
        "evaluation": {"success": {"mean": success, "ci95": [0, 1]}, **more},
    }


def test_the_page_says_what_the_cells_say(tmp_path: Path) -> None:
    """IQM of .5, .6, .7, .8 is .65; differences of equal seeds are all .1, though seeds vary."""
    for seed, success in enumerate([0.5, 0.6, 0.7, 0.8]):
        for player, more in (("handcrafted", 0.0), ("PPO", 0.1)):
            path = tmp_path / "cells" / "X-v0" / player / f"seed-{seed}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(cell(player, seed, success + more)), "utf-8")
    (tmp_path / "cells" / "X-v0" / "handcrafted" / "seed-3.json").unlink()
    write(tmp_path / "page.md", tmp_path / "cells")
    rows = [row for row in (tmp_path / "page.md").read_text("utf-8").splitlines() if row[:1] == "|"]

    ours, difference = (row for row in rows if row.startswith("| PPO"))
    assert ours.startswith("| PPO | 4 | 1,003 | 70 | 75 [")
    assert difference == "| PPO | +10 [+10, +10] |"
    assert "| handcrafted | 3 | 1,002 | 70 | 60 [" in "\n".join(rows)


def test_the_page_names_the_discount_of_its_regret(tmp_path: Path) -> None:
    path = tmp_path / "cells" / "X-v0" / "PPO" / "seed-0.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(cell("PPO", 0, 0.5, exact_regret=0.25, discount=0.75)), "utf-8")
    write(tmp_path / "page.md", tmp_path / "cells")

    assert "Regret is of returns discounted by 0.75." in (tmp_path / "page.md").read_text("utf-8")


def test_the_page_counts_what_was_interrupted_apart(tmp_path: Path) -> None:
    path = tmp_path / "cells" / "X-v0" / "PPO" / "seed-0.json"
    path.parent.mkdir(parents=True)
    cut = {"mean": 0.125, "ci95": [0, 1]}
    path.write_text(json.dumps(cell("PPO", 0, 0.5, interrupted=cut)), "utf-8")
    write(tmp_path / "page.md", tmp_path / "cells")

    page = (tmp_path / "page.md").read_text("utf-8")
    assert "| success % | interrupted % |" in page
    assert "| 50 | 12.5 |" in page
    assert "success is of the other dialogues" in page


def test_one_seed_has_no_interval(tmp_path: Path) -> None:
    for player in ("handcrafted", "PPO"):
        path = tmp_path / "cells" / "X-v0" / player / "seed-0.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(cell(player, 0, 0.5)), "utf-8")
    write(tmp_path / "page.md", tmp_path / "cells")
    text = (tmp_path / "page.md").read_text("utf-8")
    assert "| PPO | 1 | 1,000 | 70 | 50 |" in text
    assert "| PPO | - |" in text
    assert "found" not in text
    (tmp_path / "cells" / "findings.md").write_text("## What was found\n- nothing\n", "utf-8")
    write(tmp_path / "page.md", tmp_path / "cells")
    assert "- nothing" in (tmp_path / "page.md").read_text("utf-8")


def test_unknown_words_are_named() -> None:
    with pytest.raises(UserError, match="Did you mean 'rlkit/CabinBench"):
        Results(scenarios=["rlkit/CabinBench7-v0"]).main()
    with pytest.raises(UserError, match="Did you mean 'DQN'"):
        Results(players=["DQNN"]).main()


def test_a_damaged_cell_is_named(tmp_path: Path) -> None:
    path = tmp_path / "cells" / "X-v0" / "PPO" / "seed-0.json"
    path.parent.mkdir(parents=True)
    for text in ('{"environment": ', "{}"):
        path.write_text(text, "utf-8")
        with pytest.raises(UserError, match=r"seed-0\.json is no cell of results .*delete it"):
            write(tmp_path / "page.md", tmp_path / "cells")


def test_results_go_where_the_user_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    chosen = ("--scenarios", "rlkit/CabinBench1-v0", "--players", "handcrafted")
    words = ("results", *chosen, "--seeds", "1", "--episodes", "5")
    assert "name a folder for it with --out" in refuse(capsys, *words)

    assert ask(capsys, *words, "--out", "new/cells")["page"] == "new/cells/results.md"
    assert "| handcrafted | 1 |" in (tmp_path / "new/cells/results.md").read_text("utf-8")

    (tmp_path / "studies/results/data").mkdir(parents=True)
    assert ask(capsys, *words)["page"] == "docs/results.md"
    assert (tmp_path / "studies/results/data/CabinBench1-v0/handcrafted/seed-0.json").exists()
