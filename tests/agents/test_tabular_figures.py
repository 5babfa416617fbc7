"""What the tabular learners must reach; cliff walking is among the reproductions."""

from typing import Any

import gymnasium
import numpy as np
import pytest

from rlkit import TabularModel, agents
from rlkit.envs.adapter import MDPEnv


def test_q_learning_masters_frozen_lake() -> None:
    """A hundred seeds of a million steps; at least 95 within 2 % of the exact optimum."""
    falling = {"kind": "inverse", "offset": 20}
    agent: Any = agents.make("q-learning", "FrozenLake-v1", seeds=100, learning_rate=falling)
    agent.learn(1_000_000)
    model = TabularModel.from_env(gymnasium.make("FrozenLake-v1"))
    values = np.array([model.initial @ model.evaluate(policy) for policy in agent.policies])

    assert (values > 0.98 * 0.542026).sum() >= 95


def windy_gridworld(moves: list[tuple[int, int]]) -> MDPEnv:
    """Return Sutton and Barto's example 6.5: 7 x 10 cells, wind upwards, from (3, 0) to (3, 7)."""
    wind, (rows, columns) = (0, 0, 0, 1, 1, 1, 2, 2, 1, 0), (7, 10)
    size, goal = rows * columns, 3 * columns + 7
    P = np.zeros((size, len(moves), size))
    for s in range(size):
        for a, (down, right) in enumerate(moves):
            row, column = divmod(s, columns)
            row = min(max(row + down - wind[column], 0), rows - 1)
            P[s, a, row * columns + min(max(column + right, 0), columns - 1)] = 1.0
    initial, terminal = np.zeros(size), np.arange(size) == goal
    initial[3 * columns] = 1.0
    return MDPEnv(
        TabularModel(P, -np.ones((size, len(moves))), 1.0, initial=initial, terminal=terminal)
    )


def test_sarsa_in_the_windy_gridworld() -> None:
    """The book's figure: about 170 episodes in 8,000 steps; measured elsewhere 161.5 +- 8.4."""
    env = windy_gridworld([(-1, 0), (1, 0), (0, -1), (0, 1)])
    agent: Any = agents.make("sarsa", env, seeds=100, epsilon=0.1, learning_rate=0.5).learn(8_000)

    assert np.mean([table.episodes for table in agent.online]) == pytest.approx(161.5, abs=8.4)


def test_the_optimum_of_the_windy_gridworld_is_learned() -> None:
    """15 steps with four moves, 7 with the king's eight."""
    four = [(-1, 0), (1, 0), (0, -1), (0, 1)]
    eight = [(i, k) for i in (-1, 0, 1) for k in (-1, 0, 1) if (i, k) != (0, 0)]
    for moves, steps in ((four, 15), (eight, 7)):
        env = windy_gridworld(moves)
        agent = agents.make("q-learning", env, epsilon=0.1, learning_rate=0.5).learn(100_000)
        # Where it has hardly been its policy may walk in circles: count 100 steps.
        values = env.model.evaluate(agent.policy, 100)
        assert env.model.initial @ values == pytest.approx(-steps)


@pytest.mark.parametrize("name", ["sarsa", "expected-sarsa", "n-step-sarsa", "monte-carlo"])
def test_the_random_walk_is_evaluated(name: str) -> None:
    """Sutton and Barto's example 6.2: from A to E the values are 1/6 ... 5/6.

    One action makes control evaluation. States 1 to 5; 0 and 6 are the ends, only 6 pays.
    """
    P, R = np.zeros((7, 1, 7)), np.zeros((7, 1, 7))
    for s in range(1, 6):
        P[s, 0, s - 1] = P[s, 0, s + 1] = 0.5
    R[5, 0, 6] = 1.0
    terminal = np.isin(np.arange(7), [0, 6])
    env = MDPEnv(TabularModel(P, R, 1.0, initial=np.eye(7)[3], terminal=terminal))

    rate = {"kind": "inverse", "offset": 0 if name == "monte-carlo" else 10}
    agent: Any = agents.make(name, env, seeds=20, learning_rate=rate).learn(30_000)

    means = agent.q[:, 1:6, 0].mean(axis=0)
    np.testing.assert_allclose(means, np.arange(1, 6) / 6, atol=0.02)


@pytest.mark.parametrize("name", ["q-learning", "double-q-learning"])
def test_maximisation_bias(name: str) -> None:
    """Sutton and Barto's example 6.7, with two-valued rewards: double Q-learning is not fooled.

    From A (state 0) right ends with 0; left leads to B, where each of 10 actions pays -1.1 or .9
    with equal odds and ends. Left is worth -.1. With step size .1 Q-learning takes it in most of
    the first 100 episodes, against a share of .05 at best for epsilon .1.
    """
    P = np.zeros((4, 10, 4))
    R = np.zeros((4, 10, 4))
    P[0, 0, 1], P[0, 1, 3] = 1.0, 1.0
    P[1, :, 2], P[1, :, 3] = 0.5, 0.5
    R[1, :, 2], R[1, :, 3] = -1.1, 0.9
    legal = np.ones((4, 10), dtype=np.bool_)
    legal[0, 2:] = False
    model = TabularModel(
        P, R, 1.0, initial=[1, 0, 0, 0], terminal=[False, False, True, True], legal=legal
    )
    agent: Any = agents.make(name, MDPEnv(model), seeds=200, epsilon=0.1, learning_rate=0.1)

    agent.learn(150)
    share = agent.visits[:, 0, 0].sum() / agent.visits[:, 0, :2].sum()

    assert (share > 0.5) == (name == "q-learning"), share
