"""Gridworlds: what moves do, and what is wrong with a map."""

import gymnasium
import numpy as np
import pytest

from rlkit import TabularModel
from rlkit.agents.planning import PolicyIteration
from rlkit.envs.gridworld.problem import GridWorldMDP
from rlkit.model import _enumerate


def test_a_slipping_move_by_hand() -> None:
    grid = GridWorldMDP(("S.", ".G"), slip=0.2)
    following = dict(grid.transition((0, 0), "right"))

    assert following == pytest.approx({(0, 1): 0.8, (1, 0): 0.1, (0, 0): 0.1})


def test_the_shortest_way_is_optimal() -> None:
    grid = GridWorldMDP(("S..", "##.", "G.."), step_reward=-1.0, goal_reward=0.0, discount=1.0)
    solution = PolicyIteration(grid).solve()

    assert solution.values[0] == -6.0


def test_arrays_equal_the_enumeration() -> None:
    grid = GridWorldMDP(("S.P", ".#.", "..G"), slip=0.3, step_reward=-0.1)
    fast, slow = TabularModel.from_mdp(grid), _enumerate(grid)
    policy = np.full((8, 4), 0.25)

    np.testing.assert_allclose(fast.evaluate(policy), slow.evaluate(policy), atol=1e-12)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (("S.", "G"), "ragged: line 2"),
        (("S.", "xG"), "line 2, column 1: 'x' is no tile. The legend: # wall"),
        (("S.", ".."), "no goal"),
        (("##", "#G"), "no start"),
        (("S#G", "##."), "line 1, column 3 cannot be reached"),
        ((), "empty"),
    ],
)
def test_wrong_maps_are_explained(rows: tuple[str, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        gymnasium.make("rlkit/GridWorld-v0", map=rows)


def test_the_overlay_changes_the_picture() -> None:
    env = gymnasium.make("rlkit/GridWorld-v0", render_mode="rgb_array")
    env.reset(seed=0)
    plain = np.asarray(env.render())
    solution = PolicyIteration(env).solve()
    env.unwrapped.overlay(solution.values)  # type: ignore[attr-defined]
    heat = np.asarray(env.render())
    env.unwrapped.overlay(solution.values, solution.policy)  # type: ignore[attr-defined]
    arrows = np.asarray(env.render())

    assert plain.shape == heat.shape
    assert (plain != heat).any()
    assert (heat != arrows).any()
