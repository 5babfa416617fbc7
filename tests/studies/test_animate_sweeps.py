"""The animation of value iteration: its sweeps on paper, its file."""

from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import pytest

from rlkit import TabularModel
from rlkit.agents.planning import PolicyIteration
from rlkit.envs.gridworld.problem import GridWorldMDP
from rlkit.scripts.common import command
from studies.reproductions.animate_sweeps import MAZE, AnimateSweeps, sweeps

GIF = Path(__file__).parents[2] / "docs" / "gallery" / "images" / "sweeps.gif"


@pytest.mark.parametrize(
    ("corridor", "way", "expected"),
    [
        ("G....S", "synchronous", 5),
        ("S....G", "synchronous", 5),
        ("G....S", "in place", 1),  # along the order of the states
        ("S....G", "in place", 5),  # against it
    ],
)
def test_news_travel_as_on_paper(corridor: str, way: str, expected: int) -> None:
    """Five cells to the goal: a cell a sweep, or all of them in one."""
    model = TabularModel.from_mdp(GridWorldMDP([corridor], discount=0.5))

    found = list(sweeps(model, way))

    assert len(found) - 1 == expected
    assert model.initial @ found[-1] == 0.5**4


@pytest.mark.parametrize("way", ["synchronous", "in place"])
def test_the_last_sweep_of_the_maze_is_the_optimum(way: str) -> None:
    model = TabularModel.from_mdp(GridWorldMDP(list(MAZE), discount=0.98))

    *_, last = sweeps(model, way)

    np.testing.assert_allclose(last, PolicyIteration(model).solve().values, atol=1e-12)


def test_the_animation_is_small_and_has_a_frame_a_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "sweeps.gif"
    monkeypatch.setattr("studies.reproductions.animate_sweeps.MAZE", ("G...S", "....."))
    monkeypatch.setattr("sys.argv", ["animate", "--out", str(out), "--hold", "0"])

    assert command(AnimateSweeps) == 0
    assert len(imageio.imread(out)) == 6  # before, and five that change
    assert GIF.stat().st_size < 1_000_000
