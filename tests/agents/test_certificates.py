"""Certificates: |V - V*| <= bound, against the best of all policies, each solved densely."""

import itertools
import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from rlkit import TabularModel
from rlkit.agents.planning import (
    InPlaceValueIteration,
    ModifiedPolicyIteration,
    PolicyIteration,
    PrecisionWarning,
    ValueIteration,
)
from rlkit.arrays import Floats

PLANNERS = (PolicyIteration, ValueIteration, InPlaceValueIteration, ModifiedPolicyIteration)


def best_of_all_policies(model: TabularModel) -> Floats:
    """Return V* of a small problem as the largest V_pi over every deterministic policy."""
    P = model.P.toarray().reshape(model.num_states, model.num_actions, -1)
    states = np.arange(model.num_states)
    best = np.full(model.num_states, -np.inf)
    for choice in itertools.product(*[np.flatnonzero(row) for row in model.legal]):
        actions = np.array(choice)
        system = np.eye(model.num_states) - model.discount * P[states, actions]
        best = np.maximum(best, np.linalg.solve(system, model.R[states, actions]))
    return best


@st.composite
def problems(draw: Any, discounts: Any, ends: Any) -> TabularModel:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    num_states, num_actions = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    pairs = (num_states, num_actions)
    P = rng.dirichlet(np.full(num_states, draw(st.sampled_from([0.05, 1.0]))), size=pairs)
    share = draw(ends)
    terminates = np.where(rng.random(pairs) < share, rng.uniform(0.02, 1, pairs), 0.0)
    legal = rng.random(pairs) < 0.7
    legal[np.arange(num_states), rng.integers(num_actions, size=num_states)] = True
    R = rng.normal(draw(st.sampled_from([-1, 0, 1])), draw(st.sampled_from([0, 1, 100])), pairs)
    kept = P * (1 - terminates[..., None])
    return TabularModel(kept, R, draw(discounts), terminates=terminates, legal=legal)


def check(planner: Any, model: TabularModel, tolerance: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PrecisionWarning)
        solution = planner(model, tolerance=tolerance).solve()
    optimum = best_of_all_policies(model)
    oracle_error = 1e-11 * max(1.0, np.abs(optimum).max())
    assert np.abs(solution.values - optimum).max() <= solution.bound + oracle_error
    assert solution.bound <= max(tolerance, 1e-9 * np.abs(optimum).max())
    loss = np.abs(model.evaluate(solution.policy) - optimum).max()
    assert loss <= 2 * (solution.bound + tolerance) / (1 - min(model.discount, 0.999)) + 1e-9


@pytest.mark.parametrize("planner", PLANNERS)
@settings(max_examples=40)
@given(
    model=problems(st.sampled_from([0.0, 0.5, 0.9, 0.99, 0.999]), st.sampled_from([0.0, 0.3, 1.0])),
    tolerance=st.sampled_from([10.0, 0.1, 1e-3, 1e-6]),
)
def test_discounted(planner: Any, model: TabularModel, tolerance: float) -> None:
    check(planner, model, tolerance)


@pytest.mark.parametrize("planner", PLANNERS)
@settings(max_examples=30)
@given(
    model=problems(st.just(1.0), st.just(1.0)), tolerance=st.sampled_from([10.0, 0.1, 1e-3, 1e-6])
)
def test_undiscounted_where_every_step_can_end(
    planner: Any, model: TabularModel, tolerance: float
) -> None:
    check(planner, model, tolerance)


@pytest.mark.parametrize("planner", PLANNERS)
def test_rows_that_sum_to_a_little_more_than_one(planner: Any) -> None:
    excess = 5e-9
    model = TabularModel([[[1 + excess]]], [[1.0]], 0.999)
    exact = 1 / (1 - 0.999 * (1 + excess))

    solution = planner(model, tolerance=1e-6).solve()

    assert abs(solution.values[0] - exact) <= solution.bound + 1e-10 * exact
    assert solution.bound <= 1e-6


@pytest.mark.parametrize("planner", [PolicyIteration, ModifiedPolicyIteration])
def test_a_gain_below_the_margin_that_lasts_very_long(planner: Any) -> None:
    """Leaving pays 1; waiting ends with probability p and 1.5: better by p / 2, less than 1e-9."""
    p = 1.5e-9
    model = TabularModel(
        [[[0.0], [1 - p]]], [[1.0, 1.5 * p]], 1.0, terminates=[[1.0, p]], initial=[1.0]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PrecisionWarning)
        solution = planner(model).solve()

    assert solution.values[0] == pytest.approx(1.5, abs=1e-5)
    assert abs(solution.values[0] - 1.5) <= solution.bound


def test_a_tolerance_that_rounding_forbids_is_said_aloud() -> None:
    model = TabularModel([[[1.0]]], [[1e6]], 0.9999)

    with pytest.warns(PrecisionWarning, match="rounding forbids the tolerance 1e-08"):
        solution = ValueIteration(model).solve()

    exact = 10**6 / (1 - Fraction(0.9999))
    assert abs(Fraction(solution.values[0]) - exact) <= solution.bound <= 1


@pytest.mark.parametrize("planner", PLANNERS)
@pytest.mark.parametrize("discount", [0.9, 0.99, 0.999, 1.0])
def test_a_maze_whose_values_are_known(planner: Any, discount: float) -> None:
    """A corridor of n cells, one step each with probability 1/2: solved by hand, backwards."""
    n, rows = 600, np.arange(600)
    P = sparse.csr_array(
        (
            np.full(2 * n - 1, 0.5),
            (np.r_[rows, rows[:-1]], np.r_[rows, rows[:-1] + 1]),
        ),
        shape=(n, n),
    )
    ends = np.where(rows == n - 1, 0.5, 0.0)[:, None]
    values = [0.0]
    for _ in range(n):
        values.append((-1 + discount * 0.5 * values[-1]) / (1 - discount * 0.5))

    solution = planner(TabularModel(P, np.full((n, 1), -1.0), discount, terminates=ends)).solve()

    assert np.abs(solution.values - values[:0:-1]).max() <= solution.bound + 1e-10
    assert solution.bound <= 1e-8
