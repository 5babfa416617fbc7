"""Comparisons of run folders whose metrics are written by hand, so every answer is known."""

import json
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from rlkit.scripts.cli import main
from rlkit.scripts.runs.folder import COMPLETE, Run, config_of
from tests.scripts.support import GRID, ask, refuse

ENVIRONMENT = {"id": "rlkit/GridWorld-v0", "kwargs": {"slip": 0.1}}
STEPS = (100, 200, 400)


def write_run(folder: Path, agent: str, seed: int, final: float, **config: Any) -> Path:
    """Write a run that climbs from 0 to `final`; the optimum is 10."""
    settings = {
        "environment": ENVIRONMENT,
        "agent": agent,
        "seed": seed,
        "discount": 0.9,
        "settings": {"n": 1},
        **config,
    }
    run = Run.create(folder, settings)
    for step, value in zip(STEPS, (0.0, final / 2, final), strict=True):
        run.log({"step": step, "value": value, "regret": 10.0 - value})
    return folder


@pytest.fixture
def rivals(tmp_path: Path) -> tuple[Path, Path]:
    """Two agents; the good one is better by 1 on every seed, and seeds differ by more."""
    for seed, final in enumerate((2.0, 4.0, 6.0, 8.0)):
        write_run(tmp_path / "good" / f"seed-{seed}", "sarsa", seed, final + 1)
        write_run(tmp_path / "poor" / f"seed-{seed}", "q-learning", seed, final)
    return tmp_path / "good", tmp_path / "poor"


def test_seeds_are_summed_up(
    rivals: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "new" / "curves.png"
    answer = ask(capsys, "compare", *map(str, rivals), "--out", str(picture))
    good, poor = answer["runs"]

    assert [good["name"], poor["name"]] == ["sarsa", "q-learning"]
    assert good["seeds"] == [0, 1, 2, 3]
    assert (good["final"]["mean"], poor["final"]["mean"]) == (6.0, 5.0)
    low, high = good["final"]["ci95"]
    assert 3.0 <= low < 6.0 < high <= 9.0
    assert poor["iqm"]["mean"] == 5.0  # of 4 and 6
    # from 0 over half to the whole: (100 * 1/4 + 200 * 3/4) / 300 of the final 5
    assert poor["training"]["mean"] == pytest.approx(5.0 * 175 / 300)
    assert picture.read_bytes()[1:4] == b"PNG"


def test_pairs_share_their_seeds(
    rivals: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten of sixteen pairs are won; on the same seed the difference is 1, always."""
    out = ("--out", str(tmp_path / "curves.png"))
    (pair,) = ask(capsys, "compare", *map(str, rivals), *out)["pairs"]

    wins = stats.mannwhitneyu([3, 5, 7, 9], [2, 4, 6, 8]).statistic
    assert pair["probability"]["mean"] == pytest.approx(wins / 16) == 10 / 16
    assert pair["probability"]["ci95"][0] < 10 / 16 < pair["probability"]["ci95"][1]
    assert pair["difference"] == {"mean": 1.0, "ci95": [1.0, 1.0]}
    assert pair["shared_seeds"] == 4


def test_of_regret_less_is_better(
    rivals: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--measure", "regret", "--out", str(tmp_path / "curves.png"))
    (pair,) = ask(capsys, "compare", *map(str, rivals), *words)["pairs"]

    assert pair["probability"]["mean"] == 10 / 16
    assert pair["difference"]["mean"] == -1.0


def test_curves_meet_where_all_runs_have_been(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Curves and their height go to the last common step; a final score is the run's own last."""
    both = tmp_path / "both"
    write_run(both / "seed-0", "sarsa", 0, 4.0)
    short = Run.create(
        both / "seed-1",
        json.loads((both / "seed-0" / "config.json").read_text("utf-8")) | {"seed": 1},
    )
    for step in (150, 300):
        short.log({"step": step, "value": 0.0, "regret": 10.0})
    answer = ask(capsys, "compare", str(both), "--out", str(tmp_path / "c.png"))

    (row,) = answer["runs"]
    assert (row["step"], row["reached"]) == (300, [400, 300])
    assert row["final"]["mean"] == 2.0  # of 4 and 0
    # at 150, 200 and 300: 1, 2 and 3 of the one, which is 2 on average, and 0 of the other
    assert row["training"]["mean"] == pytest.approx((50 * 1.5 + 100 * 2.5) / 150 / 2)
    assert answer["pairs"] == []


def test_a_run_that_ended_early_is_named_and_pulls_nobody_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of three runs one reaches its goal early, and one has not ended."""
    runs = tmp_path / "runs"
    for seed, (steps, ended) in enumerate(
        [(STEPS, COMPLETE), (STEPS[:1], "the value 3 reaches the goal of 3"), (STEPS[:2], None)]
    ):
        settings = {"environment": ENVIRONMENT, "agent": "sarsa", "seed": seed, "steps": 400}
        run = Run.create(runs / f"seed-{seed}", settings)
        for step in steps:
            run.log({"step": step, "value": 3.0 * (seed + 1), "discount": 1.0})
        if ended is not None:
            run.end(ended)
    words = ("compare", str(runs), "--out", str(tmp_path / "c.png"))
    (row,) = ask(capsys, *words)["runs"]
    assert main(list(words)) == 0
    shown = capsys.readouterr().out

    assert row["final"]["mean"] == 6.0  # of 3, 6 and 9
    assert row["reached"] == [400, 100, 200]
    assert row["early"] == [
        "seed 1: step 100 of 400, stopped early, the value 3 reaches the goal of 3",
        "seed 2: step 200 of 400, unfinished",
    ]
    assert "100 to 400*" in shown
    assert "value (discount 1)" in shown
    assert all(f"* sarsa, {words}" in shown for words in row["early"])
    assert "own last step; all along and the curves go to step 100" in shown


def test_a_run_whose_metrics_are_torn_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said to be complete, so its last score is not that of its end."""
    folder = write_run(tmp_path / "torn", "sarsa", 0, 3.0, steps=400)
    Run(folder, config_of(folder)).end(COMPLETE)
    whole = ask(capsys, "compare", str(folder), "--out", str(tmp_path / "c.png"))["runs"][0]
    metrics = folder / "metrics.csv"
    metrics.write_text(metrics.read_text("utf-8")[:-3], "utf-8")
    torn = ask(capsys, "compare", str(folder), "--out", str(tmp_path / "c.png"))["runs"][0]

    assert whole["early"] == []
    (words,) = torn["early"]
    assert words.startswith("seed 0: step 200 of 400, where its metrics end, though all steps")


def test_a_run_that_diverged_is_named(
    rivals: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = write_run(rivals[0] / "seed-7", "sarsa", 7, float("nan"))
    words = ("compare", *map(str, rivals), "--out", str(tmp_path / "c.png"))

    assert f"of {bad} is NaN at step 200: the run diverged" in refuse(capsys, *words)


def test_single_runs_have_no_interval_and_names_tell_them_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = write_run(tmp_path / "a", "sarsa", 0, 1.0)
    second = write_run(tmp_path / "b", "sarsa", 1, 2.0)
    answer = ask(capsys, "compare", str(first), str(second), "--out", str(tmp_path / "c.png"))

    assert [row["name"] for row in answer["runs"]] == [f"sarsa ({first})", f"sarsa ({second})"]
    assert all(row["final"]["ci95"] is None for row in answer["runs"])
    (pair,) = answer["pairs"]
    assert pair["probability"] == {"mean": 0.0, "ci95": None}
    assert pair["difference"] is None


def test_the_tables_show_it(
    rivals: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *map(str, rivals), "--out", str(tmp_path / "c.png")]) == 0
    shown = capsys.readouterr().out

    assert "P(first is better)" in shown
    assert "Fewer than 5 seeds" in shown


def test_trained_runs_can_be_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = tmp_path / "runs"
    ask(capsys, *GRID, "--steps", "2000", "--seeds", "2", "--out", str(runs))
    answer = ask(capsys, "compare", str(runs), "--out", str(tmp_path / "c.png"))

    assert answer["runs"][0]["seeds"] == [0, 1]
    assert answer["runs"][0]["step"] == 2000


def test_mistakes_are_explained(
    rivals: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = str(rivals[0])
    elsewhere = write_run(
        tmp_path / "else", "sarsa", 0, 1.0, environment={"id": "CliffWalking-v1", "kwargs": {}}
    )
    farsighted = write_run(tmp_path / "far", "sarsa", 0, 1.0, discount=0.5)
    write_run(rivals[1] / "seed-9", "sarsa", 9, 1.0)

    assert "no run folder, and holds none" in refuse(capsys, "compare", str(tmp_path))
    assert "their environment is" in refuse(capsys, "compare", good, str(elsewhere))
    assert "their discount is 0.9 and 0.5" in refuse(capsys, "compare", good, str(farsighted))
    settings = json.loads((rivals[0] / "seed-0" / "config.json").read_text("utf-8"))
    sampled = Run.create(tmp_path / "some", settings)
    sampled.log({"step": 100, "value": 0.0, "discount": 1.0})
    assert "their discount is 0.9 and 1.0" in refuse(capsys, "compare", good, str(sampled.folder))
    assert "differ in `agent`" in refuse(capsys, "compare", str(rivals[1]))
    assert "Known: regret, value" in refuse(capsys, "compare", good, "--measure", "loss")
    assert "ends with .png" in refuse(capsys, "compare", good, "--out", "curves.bmp")
