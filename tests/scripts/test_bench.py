"""The command `rlkit bench`: its problems, its peers' protocol, its output."""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rlkit import TabularModel
from rlkit.agents.schedules import Constant
from rlkit.envs.gridworld.problem import GridWorldMDP
from rlkit.scripts.benches import Options, deep, solving, timing, training
from rlkit.scripts.benches.learners import PROGRAM as LEARNERS
from rlkit.scripts.benches.planners import PROGRAM, Race
from rlkit.scripts.benches.problems import random_sparse, slippery_grid
from rlkit.scripts.benches.timing import Peer, alternating
from rlkit.scripts.cli import main


def test_the_grid_of_the_benchmark_is_a_gridworld() -> None:
    rows = ["......", "......", "......", "......", "......", ".....G"]
    gridworld = TabularModel.from_mdp(GridWorldMDP(rows, slip=0.2))
    P, _ = slippery_grid(6)

    def shapes(matrix: Any) -> Any:
        """Return p between the cells that are not the goal, whatever the order of actions."""
        cells = matrix.toarray().reshape(36, 4, 36)[:-1, :, :-1].round(6)  # ours are of 2^-24
        return [sorted(map(tuple, cell)) for cell in cells]

    assert shapes(gridworld.P) == shapes(P)


def test_random_problems_are_the_same_each_time() -> None:
    (P, R), (again, _) = random_sparse(50), random_sparse(50)

    assert (P.toarray() == again.toarray()).all()
    np.testing.assert_allclose(P.sum(axis=1), 1)
    assert R.shape == (50, 4)


def test_contestants_take_turns() -> None:
    order: list[str] = []

    def measure(name: str) -> float:
        order.append(name)
        return float(len(order))

    medians = alternating({"a": lambda: measure("a"), "b": lambda: measure("b")}, 3)

    assert order == ["a", "b"] * 3
    assert medians == {"a": 3.0, "b": 4.0}


def test_who_is_slow_has_one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "PATIENCE", 0.02)
    turns = []

    def slow() -> float:
        turns.append("slow")
        time.sleep(0.03)
        return 0.03

    def fast() -> float:
        turns.append("fast")
        return 0.0

    alternating({"slow": slow, "fast": fast}, 3)
    assert turns == ["slow", "fast", "fast", "fast"]


def test_a_solver_that_the_peer_lacks_is_not_measured(tmp_path: Path) -> None:
    with Peer(Path(sys.executable), PROGRAM) as peer:
        row = Race("small", slippery_grid(5), 1e-6, tmp_path, peer).run(0.9, 1)

    assert row["rlkit"] > 0
    assert row["quantecon"] is None


def test_a_peer_that_ends_is_an_error(tmp_path: Path) -> None:
    program = tmp_path / "ends.py"
    program.write_text("raise SystemExit(3)", "utf-8")

    with Peer(Path(sys.executable), program) as peer, pytest.raises(ValueError, match="code 3"):
        peer.ask(solver="quantecon")


def test_vector_environments_are_measured_against_gymnasiums_loop(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rlkit.scripts.benches.vector.SECONDS", 0.2)

    assert main(["bench", "vector", "--repeats", "1", "--json"]) == 0

    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["environments"] for row in rows] == [64, 4096]
    assert all(min(row["rlkit"], row["SyncVectorEnv"]) > 0 for row in rows)


def test_gridworlds_are_measured_against_frozen_lake(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rlkit.scripts.benches.gridworld.SECONDS", 0.1)

    assert main(["bench", "gridworld", "--repeats", "1", "--json"]) == 0

    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["environments"] for row in rows] == [1, 64, 4096]
    assert all(min(row["rlkit"], row["FrozenLake"]) > 0 for row in rows)


def test_the_cabin_is_measured_alone_and_vectorised(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rlkit.scripts.benches.cabin.SECONDS", 0.05)
    monkeypatch.setattr("rlkit.scripts.benches.cabin.IDS", ("rlkit/CabinBench1-v0",))

    assert main(["bench", "cabin", "--repeats", "1", "--json"]) == 0

    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["scenario"] == "rlkit/CabinBench1-v0"
    assert min(row["one"], row["1,024"]) > 0


def test_q_learning_is_compared_with_a_plain_loop(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rlkit.scripts.benches.learners.TABLES", {1: 1_000_000})
    monkeypatch.setattr("rlkit.scripts.benches.learners.PEER_STEPS", 20_000)

    assert main(["bench", "learners", "--repeats", "3", "--json"]) == 0

    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert min(row["rlkit"], row["plain loop"]) > 0
    assert row["times plain loop"] == pytest.approx(row["rlkit"] / row["plain loop"], abs=1)


IMPORTED = {"rlkit": "", "json": "rlkit", "no_such_library": ""}


def test_imports_are_measured_alone(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rlkit.scripts.benches.imports.IMPORTS", IMPORTED)

    assert main(["bench", "imports", "--repeats", "1", "--json"]) == 0

    ours, loaded_already, absent = json.loads(capsys.readouterr().out)["rows"]
    assert ours["seconds"] > loaded_already["seconds"] >= 0
    assert loaded_already["after"] == "rlkit"
    assert absent["seconds"] is None


def test_a_learner_that_the_peer_lacks_is_not_measured() -> None:
    with Peer(Path(sys.executable), LEARNERS) as peer:
        assert peer.ask(learner="bettermdptools", steps=100) == {"steps": None, "seconds": None}


@pytest.mark.parametrize(
    ("name", "twins"),
    [
        ("actor-critic", "ACTOR_CRITIC"),
        ("dqn", "DQN"),
        ("ppo", "PPO"),
        ("recurrent-ppo", "RECURRENT_PPO"),
    ],
)
def test_an_agent_is_compared_with_stable_baselines3s(
    name: str, twins: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sb3_contrib")
    monkeypatch.setattr(deep, twins, replace(getattr(deep, twins), steps=1_000))
    monkeypatch.setattr(deep, "EPISODES", 2)

    assert main(["bench", name, "--repeats", "1", "--json"]) == 0

    ours, theirs = json.loads(capsys.readouterr().out)["rows"]
    assert ours["times"] > 0.0
    assert theirs["times"] == 1.0
    assert min(ours["mean return"], theirs["mean return"]) >= 8.0


@pytest.mark.parametrize("twins", [deep.ACTOR_CRITIC, deep.DQN, deep.PPO, deep.RECURRENT_PPO])
def test_twins_have_the_same_hyper_parameters(twins: deep.Twins) -> None:
    pytest.importorskip("sb3_contrib")
    ours = twins.make(deep.OURS, 1_000, 0)
    theirs = twins.make(deep.THEIRS, 1_000, 0)
    named = {
        "learning_rate": "learning_rate",
        "discount": "gamma",
        "batch_size": "batch_size",
        "steps": "n_steps",
        "epochs": "n_epochs",
        "lambda_": "gae_lambda",
        "entropy_weight": "ent_coef",
        "value_weight": "vf_coef",
        "max_gradient_norm": "max_grad_norm",
        "capacity": "buffer_size",
        "learning_starts": "learning_starts",
        "gradient_steps": "gradient_steps",
        "target_every": "target_update_interval",
    }
    shared = {us: them for us, them in named.items() if hasattr(ours.config, us)}
    wanted = {us: getattr(theirs, them) for us, them in shared.items() if hasattr(theirs, them)}
    given = {us: plain(getattr(ours.config, us)) for us in wanted} | {"discount": ours.discount}

    if twins is deep.DQN:
        assert wanted.pop("max_gradient_norm") == 10.0
        given.pop("max_gradient_norm")
    assert len(wanted) >= 6
    assert given == wanted


def plain(value: Any) -> Any:
    """Return the number of a constant schedule, and all else as it is."""
    return value.value if isinstance(value, Constant) else value


def test_exploration_falls_as_the_peers(monkeypatch: pytest.MonkeyPatch) -> None:
    peer = pytest.importorskip("stable_baselines3").DQN("MlpPolicy", "CartPole-v1", device="cpu")
    seen: list[deep.Twins] = []

    def note(twins: deep.Twins, options: Options) -> list[Any]:
        del options
        seen.append(twins)
        return []

    monkeypatch.setattr(deep, "compare", note)

    deep.dqn(Options(1, large=False, peer_python=None, note=print))

    epsilon = seen[0].settings["epsilon"]
    assert epsilon["stop"] == peer.exploration_final_eps
    assert epsilon["steps"] == peer.exploration_fraction * deep.DQN.steps


def test_training_in_the_cabin_is_timed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(training, "STEPS", 8_192)
    monkeypatch.setattr(training, "EPISODES", 4)

    assert main(["bench", "training", "--repeats", "1", "--json"]) == 0

    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["decisions a second"] > 0
    assert 0.0 <= row["success %"] <= 100.0


def test_solving_stops_after_two_good_evaluations_in_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = iter([480.0, 400.0, 470.0, 481.0, 500.0])
    monkeypatch.setattr(solving, "score", lambda *_: next(scores))
    watch = solving.Stopwatch()
    watch.start()
    assert (
        next(step for step in range(1_000, 40_000, 1_000) if not watch.goes_on(None, step))
        == 20_000
    )
    assert watch.solved
    assert watch.seconds < 1


def test_a_policy_is_scored_on_the_episodes_of_its_seed() -> None:
    """Always to the right: the pole falls within 8 to 10 steps."""

    class Right:
        def predict(self, observations: Any, deterministic: bool) -> tuple[Any, None]:
            assert deterministic
            return np.ones(len(observations), np.int64), None

    scores = [solving.score(Right(), seed) for seed in (0, 0, 1)]
    assert all(8 < score < 10 for score in scores)
    assert scores[0] == scores[1] != scores[2]


@pytest.mark.parametrize("contest", solving.CONTESTS, ids=lambda contest: contest.ours)
def test_both_sides_can_be_timed(contest: solving.Contest, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("stable_baselines3")
    monkeypatch.setattr(solving, "GOAL", 1.0)
    monkeypatch.setattr(solving, "EVERY", 300)
    monkeypatch.setattr(solving, "EPISODES", 3)
    short = replace(contest, steps=5_000)
    for side in (deep.OURS, deep.THEIRS):
        assert 0 < short.solve(side, 0) < 60
