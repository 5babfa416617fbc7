"""Planners: published values, certificates, and independent oracles."""

from typing import Any

import gymnasium
import numpy as np
import pytest
from scipy.optimize import linprog

from rlkit import TabularModel
from rlkit.agents import make
from rlkit.agents.planning import (
    ConvergenceError,
    InPlaceValueIteration,
    ModifiedPolicyIteration,
    PolicyIteration,
    ValueIteration,
    modified_policy_iteration,
)
from rlkit.arrays import Floats
from rlkit.envs.gridworld.problem import GridWorldMDP
from rlkit.scripts.benches.problems import slippery_grid

PLANNERS = (PolicyIteration, ValueIteration, InPlaceValueIteration, ModifiedPolicyIteration)


@pytest.mark.parametrize("planner", PLANNERS)
@pytest.mark.parametrize(
    ("env_id", "discount", "value"),
    [
        ("FrozenLake-v1", 1.0, 14 / 17),
        ("FrozenLake-v1", 0.999, 0.785533),
        ("FrozenLake-v1", 0.99, 0.542026),
        ("FrozenLake-v1", 0.95, 0.180472),
        ("FrozenLake-v1", 0.9, 0.068891),
        ("FrozenLake8x8-v1", 1.0, 1.0),
        ("FrozenLake8x8-v1", 0.999, 0.892635),
        ("FrozenLake8x8-v1", 0.99, 0.414640),
        ("FrozenLake8x8-v1", 0.95, 0.048250),
        ("FrozenLake8x8-v1", 0.9, 0.006411),
        ("CliffWalking-v1", 1.0, -13.0),
        ("CliffWalkingSlippery-v1", 1.0, -64.709176),
    ],
)
def test_published_optima(planner: Any, env_id: str, discount: float, value: float) -> None:
    agent = planner(gymnasium.make(env_id), discount=discount)

    assert agent.model.initial @ agent.solve().values == pytest.approx(value, abs=1e-6)


def recycling_grid() -> TabularModel:
    """Sutton and Barto's Example 3.5: five by five, with two cells that jump."""
    P, R = np.zeros((25, 4, 25)), np.zeros((25, 4))
    for s in range(25):
        row, column = divmod(s, 5)
        for a, (down, right) in enumerate([(-1, 0), (0, 1), (1, 0), (0, -1)]):
            if s in {1, 3}:
                P[s, a, 21 if s == 1 else 13], R[s, a] = 1, 10 if s == 1 else 5
                continue
            inside = 0 <= row + down < 5 and 0 <= column + right < 5
            P[s, a, s + 5 * down + right if inside else s] = 1
            R[s, a] = 0 if inside else -1
    return TabularModel(P, R, 0.9)


@pytest.mark.parametrize("planner", PLANNERS)
def test_example_3_8(planner: Any) -> None:
    first_rows = [[21.98, 24.42, 21.98, 19.42, 17.48], [19.78, 21.98, 19.78, 17.80, 16.02]]

    values = planner(recycling_grid()).solve().values.reshape(5, 5)

    np.testing.assert_allclose(values[:2], first_rows, atol=0.005)


def test_example_3_5_random_policy() -> None:
    values = recycling_grid().evaluate(np.full((25, 4), 0.25))

    np.testing.assert_allclose(values[:5].round(1), [3.3, 8.8, 4.4, 5.3, 1.5])


def test_example_4_1_random_policy() -> None:
    P, R = np.zeros((16, 4, 16)), np.full((16, 4), -1.0)
    for s in range(16):
        row, column = divmod(s, 4)
        for a, (down, right) in enumerate([(-1, 0), (0, 1), (1, 0), (0, -1)]):
            inside = 0 <= row + down < 4 and 0 <= column + right < 4
            P[s, a, s + 4 * down + right if inside else s] = 1
    terminal = np.isin(np.arange(16), [0, 15])
    values = TabularModel(P, R, 1.0, terminal=terminal).evaluate(np.full((16, 4), 0.25))

    expected = [0, -14, -20, -22, -14, -18, -20, -20, -20, -20, -18, -14, -22, -20, -14, 0]
    np.testing.assert_allclose(values, expected, atol=1e-9)


def random_model(rng: np.random.Generator, discount: float) -> TabularModel:
    """Return 12 states, 3 actions, some illegal, some steps that end the episode."""
    P = rng.dirichlet(np.full(12, 0.3), size=(12, 3))
    ends = rng.uniform(0.05, 0.3, size=(12, 3))
    legal = rng.random((12, 3)) < 0.7
    legal[~legal.any(axis=1), 0] = True
    return TabularModel(
        P * (1 - ends[..., None]), rng.normal(size=(12, 3)), discount, terminates=ends, legal=legal
    )


def by_linear_program(model: TabularModel) -> Floats:
    """Return V* as the least V with V >= r + discount P V for every legal pair."""
    rows = model.legal.ravel()
    repeated = np.repeat(np.eye(model.num_states), model.num_actions, axis=0)
    system = (model.discount * model.P.toarray() - repeated)[rows]
    answer = linprog(
        np.ones(model.num_states), A_ub=system, b_ub=-model.R.ravel()[rows], bounds=(None, None)
    )
    return np.asarray(answer.x)


@pytest.mark.parametrize("planner", PLANNERS)
@pytest.mark.parametrize("discount", [0.0, 0.5, 0.9, 0.99, 1.0])
def test_random_problems_against_a_linear_program(planner: Any, discount: float) -> None:
    rng = np.random.default_rng(int(discount * 100))
    for _ in range(5):
        model = random_model(rng, discount)
        solution = planner(model).solve()
        optimum = by_linear_program(model)
        np.testing.assert_allclose(solution.values, optimum, atol=1e-6)
        np.testing.assert_allclose(model.evaluate(solution.policy), optimum, atol=1e-6)
        assert np.isneginf(solution.q[~model.legal]).all()


@pytest.mark.parametrize(
    "planner", [ValueIteration, InPlaceValueIteration, ModifiedPolicyIteration]
)
@pytest.mark.parametrize("tolerance", [1.0, 1e-2, 1e-5])
def test_the_certificate_holds(planner: Any, tolerance: float) -> None:
    rng = np.random.default_rng(8)
    ergodic = TabularModel(
        rng.dirichlet(np.full(30, 0.1), size=(30, 4)), rng.normal(size=(30, 4)), 0.97
    )
    for model in (ergodic, random_model(rng, 0.97)):
        solution = planner(model, tolerance=tolerance).solve()
        optimum = PolicyIteration(model).solve().values
        error = np.abs(solution.values - optimum).max()
        assert error <= solution.bound + 1e-12
        assert solution.bound <= tolerance


@pytest.mark.parametrize("size", [8, 16, 24, 32])
@pytest.mark.parametrize("slip", [0.2, 2 / 3])
def test_policy_iteration_stops_on_open_slippery_grids(size: int, slip: float) -> None:
    rows = ["." * size] * (size - 1) + ["." * (size - 1) + "G"]

    assert PolicyIteration(GridWorldMDP(rows, slip=slip)).solve().iterations <= 45


@pytest.mark.parametrize("planner", PLANNERS)
def test_an_improper_problem_at_discount_one_is_refused(planner: Any) -> None:
    P = np.ones((1, 1, 1))
    with pytest.raises(ValueError, match="improper"):
        planner(TabularModel(P, [[-1.0]], 1.0)).solve()


def corridor(length: int, *, forwards: bool) -> TabularModel:
    """Return a corridor that is walked to one end, which pays 1."""
    P = np.zeros((length, 1, length))
    step = 1 if forwards else -1
    end = length - 1 if forwards else 0
    for s in range(length):
        if s != end:
            P[s, 0, s + step] = 1.0
    R, ends = np.zeros((length, 1)), np.zeros((length, 1))
    R[end], ends[end] = 1.0, 1.0
    return TabularModel(P, R, 0.9, terminates=ends)


def test_news_travel_with_the_sweep() -> None:
    """In place one sweep suffices where states come after those that they lead to, else 30."""
    values = 0.9 ** np.arange(30)
    with_it = InPlaceValueIteration(corridor(30, forwards=False)).solve()
    against = InPlaceValueIteration(corridor(30, forwards=True)).solve()
    synchronous = ValueIteration(corridor(30, forwards=False)).solve()

    np.testing.assert_allclose(with_it.values, values, atol=1e-8)
    np.testing.assert_allclose(against.values, values[::-1], atol=1e-8)
    assert with_it.iterations == 1
    assert against.iterations == 30
    assert synchronous.iterations == 31


@pytest.mark.parametrize("discount", [0.985, 0.99, 0.999])
def test_faint_news_travel_far_in_a_round(discount: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """The goal is 98 moves away; where rounding breaks no ties it takes a round for every two."""
    model = TabularModel(*slippery_grid(50), discount)
    monkeypatch.setattr(modified_policy_iteration, "PATIENCE", 1_000)
    quick = ModifiedPolicyIteration(model, tolerance=1e-6).solve()
    monkeypatch.setattr(modified_policy_iteration, "CLOSE", np.inf)
    slow = ModifiedPolicyIteration(model, tolerance=1e-6).solve()
    assert quick.iterations < 0.8 * slow.iterations
    assert np.abs(quick.values - slow.values).max() < 2e-6


def test_running_out_of_iterations_is_an_error() -> None:
    for planner in (ValueIteration, InPlaceValueIteration):
        with pytest.raises(ConvergenceError, match="after 3 iterations with the bound"):
            planner(recycling_grid(), max_iterations=3).solve()


def test_unknown_names_have_a_hint() -> None:
    with pytest.raises(TypeError, match="Did you mean 'tolerance'"):
        ValueIteration(recycling_grid(), tolerence=1.0)
    with pytest.raises(KeyError, match="Did you mean 'value-iteration'"):
        make("value-iteratoin", "FrozenLake-v1")
