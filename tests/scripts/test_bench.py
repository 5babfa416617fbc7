"""The command `rlkit bench`: its problems, its peers' protocol, its output."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rlkit import TabularModel
from rlkit.agents.planning import ModifiedPolicyIteration, PolicyIteration
from rlkit.envs.gridworld.problem import GridWorldMDP
from rlkit.scripts.benches.dqn import settings
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
        cells = matrix.toarray().reshape(36, 4, 36)[:-1, :, :-1].round(9)
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


def test_a_solver_that_the_peer_lacks_is_not_measured(tmp_path: Path) -> None:
    with Peer(Path(sys.executable), PROGRAM) as peer:
        row = Race("small", slippery_grid(5), 1e-6, tmp_path, peer).run(0.9, 1)

    assert row["rlkit"] > 0
    assert row["quantecon"] is None


def test_a_peer_that_ends_is_an_error(tmp_path: Path) -> None:
    program = tmp_path / "ends.py"
    program.write_text("raise SystemExit(3)")

    with Peer(Path(sys.executable), program) as peer, pytest.raises(ValueError, match="code 3"):
        peer.ask(solver="quantecon")


def test_vector_beats_gymnasiums_loop(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rlkit.scripts.benches.vector.SECONDS", 0.2)

    assert main(["bench", "vector", "--repeats", "1", "--json"]) == 0

    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["environments"] for row in rows] == [64, 4096]
    assert rows[1]["rlkit"] > 10 * rows[1]["SyncVectorEnv"] > 0


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


def test_a_learner_that_the_peer_lacks_is_not_measured() -> None:
    with Peer(Path(sys.executable), LEARNERS) as peer:
        assert peer.ask(learner="bettermdptools", steps=100) == {"steps": None, "seconds": None}


def test_dqn_is_compared_with_stable_baselines3s(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("stable_baselines3")
    monkeypatch.setattr("rlkit.scripts.benches.dqn.STEPS", 2_000)
    monkeypatch.setattr("rlkit.scripts.benches.dqn.EPISODES", 2)

    assert main(["bench", "dqn", "--repeats", "1", "--json"]) == 0

    ours, theirs = json.loads(capsys.readouterr().out)["rows"]
    assert ours["times"] > 0.0
    assert theirs["times"] == 1.0
    assert min(ours["mean return"], theirs["mean return"]) >= 8.0


def test_dqn_is_given_the_peers_defaults() -> None:
    from rlkit.agents.deep.dqn import DQNConfig

    peer = pytest.importorskip("stable_baselines3").DQN("MlpPolicy", "CartPole-v1", device="cpu")
    wanted = {
        "learning_rate": peer.learning_rate,
        "capacity": peer.buffer_size,
        "learning_starts": peer.learning_starts,
        "batch_size": peer.batch_size,
        "train_every": peer.train_freq.frequency,
        "gradient_steps": peer.gradient_steps,
        "target_every": peer.target_update_interval,
    }
    given = settings(1_000)

    assert {name: given[name] for name in wanted} == wanted
    assert given["epsilon"]["stop"] == peer.exploration_final_eps
    assert given["epsilon"]["steps"] == peer.exploration_fraction * 1_000
    assert given["core_settings"]["hidden"] == peer.q_net.net_arch
    assert DQNConfig().max_gradient_norm == peer.max_grad_norm
    assert peer.tau == 1.0


def test_unknown_names_have_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "planers"]) == 2
    assert "planners" in capsys.readouterr().err


def test_the_bound_of_the_benchmarks_planner_holds_on_its_own_problem() -> None:
    P, R = slippery_grid(12)
    model = TabularModel(P, R, 0.99)
    rough = ModifiedPolicyIteration(model, tolerance=1e-2).solve()

    assert np.abs(rough.values - PolicyIteration(model).solve().values).max() <= rough.bound
