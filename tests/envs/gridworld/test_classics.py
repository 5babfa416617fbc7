"""The classics: values printed in books, and Gymnasium's own P entry by entry."""

from typing import Any

import gymnasium
import numpy as np
import pytest

from rlkit import TabularModel
from rlkit.agents.planning import PolicyIteration
from rlkit.envs.gridworld.problem import GridWorldMDP

WIND = (0, 0, 0, 1, 1, 1, 2, 2, 1, 0)
COSTS: dict[str, Any] = {"step_reward": -1.0, "goal_reward": 0.0, "discount": 1.0}
LAKE_ACTIONS = ("left", "down", "right", "up")


def model_of(env_id: str, **arguments: Any) -> TabularModel:
    return TabularModel.from_env(gymnasium.make(env_id, **arguments))


def optimum(model: TabularModel) -> float:
    return float(model.initial @ PolicyIteration(model).solve().values)


def entries(row: Any) -> dict[tuple[int, float, bool], float]:
    """Return {(next state, reward, terminated): probability} of outcomes, equal ones added."""
    merged: dict[tuple[int, float, bool], float] = {}
    for odd, after, paid, over in row:
        key = (int(after), float(paid), bool(over))
        merged[key] = merged.get(key, 0.0) + float(odd)
    return merged


def assert_same_entries(grid: GridWorldMDP, env: Any, actions: list[int]) -> None:
    """Compare every outcome of every cell that is not terminal; `actions` are ours, in its order.

    Gymnasium numbers all cells, walls and cliffs too.
    """
    columns = len(grid.rows[0])
    outcomes = grid.tabulate().outcomes
    cell = [place.row * columns + place.column for place in grid.states]
    compared = 0
    for s, place in enumerate(grid.states):
        if grid.terminal(place):
            continue
        for theirs, ours in enumerate(actions):
            span = slice(*outcomes.starts[s * 4 + ours : s * 4 + ours + 2])
            row = zip(
                outcomes.probs[span],
                (cell[after] for after in outcomes.next_states[span]),
                outcomes.rewards[span],
                outcomes.terminated[span],
                strict=True,
            )
            assert entries(row) == pytest.approx(entries(env.P[cell[s]][theirs])), (place, theirs)
            compared += 1
    assert compared >= 4 * (len(grid.states) - 11)


@pytest.mark.parametrize("slippery", [False, True])
def test_cliff_walking_is_gymnasiums(slippery: bool) -> None:
    slip: dict[str, Any] = {"slip": 2 / 3} if slippery else {}
    ours: Any = gymnasium.make("rlkit/CliffWalking-v0", **slip).unwrapped
    theirs: Any = gymnasium.make("CliffWalking-v1", is_slippery=slippery).unwrapped

    assert_same_entries(ours.grid, theirs, [0, 1, 2, 3])
    assert len(ours.grid.states) == 48 - 10
    first = np.zeros(48)
    first[[12 * row + column for row, column, _ in ours.grid.initial.support]] = 1.0
    np.testing.assert_array_equal(first, theirs.initial_state_distrib)


@pytest.mark.parametrize("name", ["4x4", "8x8"])
@pytest.mark.parametrize("slippery", [False, True])
def test_frozen_lake_is_gymnasiums(name: str, slippery: bool) -> None:
    env: Any = gymnasium.make("FrozenLake-v1", map_name=name, is_slippery=slippery).unwrapped
    translation = str.maketrans("FH", ".P")
    rows = ["".join(map(bytes.decode, row)).translate(translation) for row in env.desc]
    # Its ends can be reached in the model only if somebody can step on them.
    grid = GridWorldMDP(rows, slip=2 / 3 if slippery else 0.0, pit_reward=0.0)

    assert_same_entries(grid, env, [grid.actions.index(name) for name in LAKE_ACTIONS])


def test_frozen_lakes_optimum() -> None:
    """14/17 undiscounted (the lake is worth that from its start)."""
    rows = ("S...", ".P.P", "...P", "P..G")
    grid = GridWorldMDP(rows, slip=2 / 3, pit_reward=0.0, discount=1.0)

    # A third is not a multiple of 2^-24.
    assert optimum(grid.tabulate()) == pytest.approx(14 / 17, abs=1e-7)


def test_the_small_grid_of_example_4_1() -> None:
    """The values and the iterates of the random policy that the book prints in figure 4.1."""
    model = model_of("rlkit/SmallGrid-v0")
    policy = np.full((16, 4), 0.25)
    book = [0, -14, -20, -22, -14, -18, -20, -20, -20, -20, -18, -14, -22, -20, -14, 0]

    np.testing.assert_allclose(model.evaluate(policy), book, atol=1e-9)
    for sweeps, row in ((2, [0, -1.75, -2, -2]), (3, [0, -2.4375, -2.9375, -3])):
        np.testing.assert_allclose(model.evaluate(policy, sweeps)[:4], row)
    row = [0, -6.138, -8.3524, -8.9673]
    np.testing.assert_allclose(model.evaluate(policy, 10)[:4], row, atol=5e-5)


def test_cliff_walking_of_example_6_6() -> None:
    """Optimum -13; the epsilon-greedy policy around it -50.800 at epsilon .1; slippery -64.709."""
    model = model_of("rlkit/CliffWalking-v0")
    solution = PolicyIteration(model).solve()
    best = solution.q >= solution.q.max(axis=1, keepdims=True) - 1e-9
    soft = 0.9 * best / best.sum(axis=1, keepdims=True) + 0.1 / 4

    assert model.initial @ solution.values == pytest.approx(-13)
    assert optimum(model_of("rlkit/CliffWalking-v0", slip=2 / 3)) == pytest.approx(-64.709176)
    # On the shortest way only moving right is best, and nothing else is reached but by exploring.
    assert model.initial @ model.evaluate(soft) == pytest.approx(-50.8, abs=0.5)


@pytest.mark.parametrize(
    ("arguments", "steps"),
    [({}, 15), ({"moves": "king"}, 7), ({"moves": "king", "stay": True}, 7)],
)
def test_the_windy_gridworld_of_example_6_5(arguments: dict[str, Any], steps: int) -> None:
    assert optimum(model_of("rlkit/WindyGridWorld-v0", **arguments)) == pytest.approx(-steps)


def test_the_wind_is_the_sum_of_the_book() -> None:
    """On a map without walls the wind adds to the move, and the border clips the sum."""
    grid = GridWorldMDP("windy", moves="king", stay=True, wind=WIND, **COSTS)
    for place in grid.states:
        for name, odds in grid.odds.items():
            ((down, right),) = odds
            row = min(max(place.row + down - WIND[place.column], 0), 6)
            column = min(max(place.column + right, 0), 9)
            if not grid.terminal(place):
                assert dict(grid.transition(place, name)) == {(row, column, ""): 1.0}


def test_the_random_walk_of_example_6_2() -> None:
    model = model_of("rlkit/RandomWalk-v0")

    assert model.num_actions == 1
    assert model.initial[3] == 1.0
    np.testing.assert_allclose(model.evaluate(np.zeros(7, int))[1:6], np.arange(1, 6) / 6)


def test_four_rooms() -> None:
    """104 cells; without noise the value is .9^(distance - 1), the distance walked by hand."""
    env: Any = gymnasium.make("rlkit/FourRooms-v0", noise=0.0).unwrapped
    values = env.grid.places.on_map(PolicyIteration(env).solve().values)

    assert len(env.grid.states) == 104
    assert values[6, 9] == 1.0
    assert values[3, 6] == pytest.approx(0.9**6)  # the hallway at the top: 3 to the right, 4 down
    assert values[1, 1] == pytest.approx(0.9**13)  # the far corner: 8 to the right, 6 down
    noisy: Any = gymnasium.make("rlkit/FourRooms-v0").unwrapped
    hallway = noisy.grid.transition((6, 2, ""), "up")
    assert hallway.prob((5, 2, "")) == pytest.approx(2 / 3)
    assert hallway.prob((7, 2, "")) == pytest.approx(1 / 9)
    assert hallway.prob((6, 2, "")) == pytest.approx(2 / 9)
