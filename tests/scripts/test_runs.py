"""Run folders: what is in them, what is kept, and that going on repeats nothing."""

import csv
import json
import sys
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.spaces import Discrete

import rlkit
from rlkit import checkpoint
from rlkit.roles import for_tests, for_validation
from rlkit.scripts.cli import main
from rlkit.scripts.runs import events
from rlkit.scripts.runs.folder import Run, config_of
from rlkit.scripts.runs.training import EarlyStop
from tests.scripts.support import GRID, ask

CONFIG = {"environment": {"id": "rlkit/GridWorld-v0", "kwargs": {}}, "agent": "q-learning"}


def event_steps(run: Path, name: str = "value") -> list[int]:
    """Return the steps of the numbers of a name that TensorBoard itself reads from a run."""
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    read = accumulator.EventAccumulator(str(run))
    read.Reload()
    known = name in read.Tags()["scalars"]
    return [scalar.step for scalar in read.Scalars(name)] if known else []


def metric_steps(run: Path) -> list[int]:
    """Return the steps of `metrics.csv`."""
    with (run / "metrics.csv").open(newline="", encoding="utf-8") as file:
        return [int(row["step"]) for row in csv.DictReader(file)]


def test_train_then_resume_equals_training_at_once(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run, whole = tmp_path / "run", tmp_path / "whole"
    words = ("--seed", "4", "--set", "horizon", "40000")
    ask(capsys, *GRID, "--steps", "20000", "--out", str(run), *words)
    answer = ask(capsys, "train", "--resume", str(run), "--steps", "20000")
    ask(capsys, *GRID, "--steps", "40000", "--out", str(whole), *words)

    assert answer["step"] == 40_000
    assert config_of(run)["steps"] == config_of(whole)["steps"] == 40_000
    assert (rlkit.load(run).state_dict()["q"] == rlkit.load(whole).state_dict()["q"]).all()
    assert {"config.json", "metrics.csv", "curve.png", "evaluation.json", "checkpoints"} <= {
        file.name for file in run.iterdir()
    }
    steps = metric_steps(run)
    assert steps == sorted(set(steps))
    assert len(steps) == 40
    assert event_steps(run) == steps
    assert event_steps(run, "discount") == []


def test_a_run_that_goes_on_for_fewer_steps_than_it_had_left_is_complete(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    ask(capsys, *GRID, "--steps", "200", "--out", str(run))
    opened = Run.reopen(run)[0]  # as one that was interrupted on its way to a million steps
    opened.aim(1_000_000)
    ask(capsys, "train", "--resume", str(run), "--steps", "100")
    row = ask(capsys, "compare", str(run), "--out", str(tmp_path / "c.png"))["runs"][0]

    assert config_of(run)["steps"] == 300
    assert row["early"] == []


def test_what_was_written_after_a_checkpoint_is_dropped(tmp_path: Path) -> None:
    """A run that was killed between a row of metrics and its checkpoint has neither twice."""
    run = Run.create(tmp_path / "run", CONFIG)
    agent = rlkit.agents.make("q-learning", "rlkit/GridWorld-v0").learn(100)
    run.log({"step": 100, "value": 1.0})
    run.save(agent)
    run.log({"step": 200, "value": 2.0})
    with (run.folder / "metrics.csv").open("a", encoding="utf-8") as file:
        file.write("300,3.")
    half_written = run.folder / "checkpoints" / ".step-200.partial-7"
    half_written.mkdir()

    again, newest = Run.reopen(run.folder)
    again.log({"step": 150, "value": 4.0})

    assert newest.name == "step-100"
    assert not half_written.exists()
    assert metric_steps(run.folder) == [100, 150]
    assert event_steps(run.folder) == [100, 150]


def test_events_that_were_torn_off_are_dropped(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    for step in (1, 2):
        events.add(tmp_path, {"step": step, "value": 1.0})
    (file,) = tmp_path.glob("events.out.tfevents.*")
    file.write_bytes(file.read_bytes()[:-5])
    events.truncate(tmp_path, 2)
    events.add(tmp_path, {"step": 3, "value": 1.0})

    assert event_steps(tmp_path) == [1, 3]


def test_without_tensorboard_a_run_says_so_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard.compat.proto.event_pb2", None)
    events._available.cache_clear()
    try:
        assert main([*GRID, "--steps", "500", "--out", str(tmp_path / "run")]) == 0
        message = capsys.readouterr().err
    finally:
        events._available.cache_clear()

    assert message.count("TensorBoard is not installed") == 1
    assert not list((tmp_path / "run").glob("events*"))


def test_events_need_no_torch(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tests.scripts.support import python

    program = (
        f"import sys, pathlib; from rlkit.scripts.runs import events; "
        f"events.add(pathlib.Path({str(tmp_path)!r}), {{'step': 1, 'value': 2.0}}); "
        f"print('torch' in sys.modules)"
    )

    assert python(program).stdout.strip() == "False"
    assert list(tmp_path.iterdir())


def test_a_new_column_is_empty_before(tmp_path: Path) -> None:
    run = Run.create(tmp_path / "run", CONFIG)
    run.log({"step": 1, "value": 1.0})
    run.log({"step": 2, "value": 2.0, "loss": 0.5})

    assert run.metrics() == [{"step": 1, "value": 1.0}, {"step": 2, "value": 2.0, "loss": 0.5}]


def test_the_last_two_checkpoints_and_the_best_are_kept(tmp_path: Path) -> None:
    for step, score in ((10, 1.0), (20, 5.0), (30, 4.0), (40, np.nan), (50, 2.0)):
        checkpoint.save_step(tmp_path, step, {}, {"x": np.zeros(1)}, score)

    names = {entry.name for entry in (tmp_path / "checkpoints").iterdir()}
    assert names == {"latest.json", "step-20", "step-40", "step-50"}
    assert checkpoint.latest(tmp_path).name == "step-50"
    assert checkpoint.best(tmp_path).name == "step-20"


def test_without_scores_there_is_no_best(tmp_path: Path) -> None:
    for step in (10, 20, 30):
        checkpoint.save_step(tmp_path, step, {}, {"x": np.zeros(1)})

    names = {entry.name for entry in (tmp_path / "checkpoints").iterdir()}
    assert names == {"latest.json", "step-20", "step-30"}
    with pytest.raises(checkpoint.CheckpointError, match="damaged"):
        checkpoint.best(tmp_path)


def test_train_several_seeds_in_several_processes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "runs"
    words = ("--seeds", "2", "--jobs", "2", "--out", str(out))
    answer = ask(capsys, *GRID, "--steps", "500", *words)
    ask(capsys, *GRID, "--steps", "500", "--seed", "1", "--out", str(tmp_path / "alone"))

    assert [row["run"] for row in answer["runs"]] == [str(out / "seed-0"), str(out / "seed-1")]
    assert (
        rlkit.load(out / "seed-1").state_dict()["q"]
        == rlkit.load(tmp_path / "alone").state_dict()["q"]
    ).all()


def test_the_evaluation_of_a_run_has_the_form_of_the_command(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run = tmp_path / "run"
    ask(capsys, *GRID, "--steps", "20000", "--out", str(run))
    after_training: Any = json.loads((run / "evaluation.json").read_text("utf-8"))
    answer = ask(capsys, "evaluate", str(run), "--episodes", "7", "--seed", "3")

    assert list(after_training) == list(answer)
    assert list(answer)[:4] == ["env", "agent", "episodes", "discount"]
    assert list(answer)[4:7] == ["return", "discounted_return", "length"]
    assert list(answer["return"]) == ["mean", "ci95"]
    assert json.loads((run / "evaluation.json").read_text("utf-8")) == answer


def test_metrics_tell_regret_and_success_within_the_step_limit_too(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """FrozenLake at discount 1 within 100 steps: the optimum that knows the time is .744190."""
    words = ("train", "FrozenLake-v1", "--agent", "value-iteration", "--set", "discount", "1.0")
    answer = ask(capsys, *words, "--steps", "1", "--out", str(tmp_path / "run"))

    assert answer["value"] == pytest.approx(14 / 17)
    assert answer["success"] == pytest.approx(14 / 17)
    assert answer["regret"] == pytest.approx(0.0, abs=1e-7)
    assert answer["limited_value"] == answer["limited_success"] == pytest.approx(0.740165, abs=1e-6)
    assert answer["limited_regret"] == pytest.approx(0.744190 - 0.740165, abs=2e-6)


def test_a_policy_that_never_ends_is_logged(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """After ten steps nobody leaves the windy grid: at discount 1 that is worth minus infinity."""
    run = tmp_path / "run"
    words = ("train", "rlkit/WindyGridWorld-v0", "--agent", "q-learning")
    answer = ask(capsys, *words, "--steps", "10", "--out", str(run))

    assert answer["value"] is None
    assert Run(run, CONFIG).metrics()[-1]["value"] == -np.inf
    assert answer["limited_value"] == -200.0
    assert answer["limited_success"] == 0.0
    assert main(["compare", str(run), "--out", str(tmp_path / "c.png")]) == 2
    assert "limited_value" in capsys.readouterr().err


def test_training_stops_at_its_goal_and_can_go_on(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The last row of metrics is the first that reaches the goal, long before all steps."""
    run = tmp_path / "run"
    words = ("--steps", "200000", "--out", str(run), "--set", "horizon", "200000")
    answer = ask(capsys, *GRID, "--goal", "0.5", *words)
    rows = Run.reopen(run)[0].metrics()

    assert answer["step"] < 200_000
    assert answer["stopped"].endswith("reaches the goal of 0.5")
    assert [row["value"] >= 0.5 for row in rows] == [False] * (len(rows) - 1) + [True]
    assert (run / "evaluation.json").exists()
    assert main(["train", "--resume", str(run), "--steps", "1000"]) == 0
    assert "stopped early" not in capsys.readouterr().out


def test_training_stops_when_nothing_gets_better(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    words = ["--steps", "200000", "--out", str(tmp_path / "run"), "--patience", "3"]
    assert main([*GRID, *words, "--set", "horizon", "200000"]) == 0
    printed = capsys.readouterr().out
    values = [row["value"] for row in Run.reopen(tmp_path / "run")[0].metrics()]

    assert "stopped early: no better value than" in printed
    assert max(values) == values[-4]
    assert len(values) < 20


class Coin(gymnasium.Env[Any, Any]):
    """An episode pays 1 or 0 by a coin; every policy is worth one half."""

    observation_space, action_space = Discrete(2), Discrete(2)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """Begin."""
        super().reset(seed=seed, options=options)
        return 0, {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Toss it."""
        del action
        return 1, float(self.np_random.random() < 0.5), True, False, {}


def coins(seed: int, count: int) -> float:
    """Return the mean of the coins that are tossed after a reset with a seed."""
    return float((np.random.default_rng(seed).random(count) < 0.5).mean())


@pytest.mark.parametrize("seed", [0, 1])
def test_what_is_sampled_is_chosen_by_other_episodes_than_it_is_reported_by(
    seed: int,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The coins of both kinds are known: each seed's own generators toss them."""
    monkeypatch.setitem(gymnasium.registry, "Coin-v0", EnvSpec("Coin-v0", lambda **_: Coin()))
    out = tmp_path / "run"
    words = ("train", "Coin-v0", "--agent", "q-learning", "--steps", "100", "--seed", str(seed))
    chosen_by = coins(for_tests(for_validation(seed)), 20)
    answer = ask(capsys, *words, "--goal", str(chosen_by), "--out", str(out))
    (row,) = Run(out, CONFIG).metrics()

    assert answer["stopped"] == f"the value {chosen_by:g} reaches the goal of {chosen_by:g}"
    assert config_of(out)["ended"] == answer["stopped"]
    assert row["validation"] == chosen_by
    assert row["value"] == coins(for_tests(seed), 20) != chosen_by
    assert row["discount"] == 1.0
    latest = json.loads((out / "checkpoints" / "latest.json").read_text("utf-8"))
    assert latest["best"]["score"] == chosen_by
    reported = json.loads((out / "evaluation.json").read_text("utf-8"))["return"]["mean"]
    assert reported == pytest.approx(coins(for_tests(seed), 100))
    assert ask(capsys, "evaluate", str(out))["return"]["mean"] == reported


def test_reasons_to_stop_early() -> None:
    stop = EarlyStop(goal=5.0, patience=2)

    assert stop.reason([1.0, 4.9, 3.0]) is None
    assert stop.reason([1.0, 4.9, 3.0, 4.9]) == "no better value than 4.9 in 2 measurements"
    assert stop.reason([4.0, 3.0, 5.0]) == "the value 5 reaches the goal of 5"
    assert EarlyStop().reason([1.0] * 99) is None


def test_a_value_that_is_nan_is_neither_the_best_nor_the_goal() -> None:
    stop = EarlyStop(goal=5.0, patience=2)

    assert stop.reason([np.nan, 1.0, 2.0]) is None
    assert stop.reason([np.nan, 1.0, np.nan, np.nan]) == "no better value than 1 in 2 measurements"
    assert stop.reason([1.0, np.nan]) is None
