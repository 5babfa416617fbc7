"""Discount 1: loops that cost nothing, gain, pay for ever, or have no limit; answers on paper."""

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.wrappers import StickyAction, TransformReward
from scipy import sparse
from scipy.optimize import linprog

from rlkit import TabularModel
from rlkit.agents.planning import (
    InPlaceValueIteration,
    ModifiedPolicyIteration,
    PolicyIteration,
    ValueIteration,
    gains,
)
from rlkit.exact import evaluate_exactly, optimal_value

PLANNERS = (PolicyIteration, ValueIteration, InPlaceValueIteration, ModifiedPolicyIteration)


def pay_or_wait() -> tuple[TabularModel, list[float]]:
    """One state: pay 1, or wait for nothing; there is no end."""
    return TabularModel(np.ones((1, 2, 1)), [[-1.0, 0.0]], 1.0), [0.0]


def leave_or_wait() -> tuple[TabularModel, list[float]]:
    """One state: end at a cost of 1, or wait for nothing."""
    P = np.zeros((1, 2, 1))
    P[0, 1, 0] = 1.0
    return TabularModel(P, [[-1.0, 0.0]], 1.0, terminates=[[1.0, 0.0]]), [0.0]


def deliveries() -> tuple[TabularModel, list[float]]:
    """State 0: deliver for 1 (1 in 10 comes back), or wait for nothing. State 1 costs 1 a step."""
    P = np.zeros((2, 2, 2))
    P[0, 0, 1], P[0, 1, 0] = 0.1, 1.0
    P[1, 0, 0], P[1, 1, 1] = 0.9, 1.0
    model = TabularModel(P, [[1.0, 0.0], [-1.0, -1.0]], 1.0, terminates=1 - P.sum(axis=2))
    return model, [0.9 / 0.91, -1 + 0.81 / 0.91]  # v0 = 1 + .1 v1, v1 = -1 + .9 v0


def lap() -> tuple[TabularModel, list[float]]:
    """Two states change places for nothing; each can end at a cost of 1."""
    P = np.zeros((2, 2, 2))
    P[0, 1, 1] = P[1, 1, 0] = 1.0
    ends = [[1.0, 0.0], [1.0, 0.0]]
    return TabularModel(P, [[-1.0, 0.0], [-1.0, 0.0]], 1.0, terminates=ends), [0.0, 0.0]


def swing() -> tuple[TabularModel, list[float]]:
    """From 0 to 1 for 2, and back at a cost of 2; only 1 can end, at a cost of 5."""
    P = np.zeros((2, 2, 2))
    P[0, :, 1] = P[1, 0, 0] = 1.0
    model = TabularModel(P, [[2, 2], [-2, -5]], 1.0, terminates=[[0, 0], [0, 1]])
    return model, [-3.0, -5.0]


def swing_with_a_rest() -> tuple[TabularModel, list[float]]:
    """As `swing`, but one may rest in 0 for nothing: going back there is worth it."""
    P = np.zeros((2, 2, 2))
    P[0, 0, 1] = P[0, 1, 0] = P[1, 0, 0] = 1.0
    model = TabularModel(P, [[2, 0], [-2, -5]], 1.0, terminates=[[0, 0], [0, 1]])
    return model, [0.0, -2.0]


def many_doors() -> tuple[TabularModel, list[float]]:
    """A ring of seven rooms, free to walk; the door of room s ends the episode and pays s - 9."""
    P, size = np.zeros((7, 2, 7)), 7
    P[np.arange(size), 0, (np.arange(size) + 1) % size] = 1.0
    rewards = np.stack([np.zeros(size), np.arange(size) - 9.0], axis=1)
    rewards[5, 1] = 3.0
    ends = np.stack([np.zeros(size), np.ones(size)], axis=1)
    return TabularModel(P, rewards, 1.0, terminates=ends), [3.0] * size


@pytest.mark.parametrize("planner", PLANNERS)
@pytest.mark.parametrize(
    "problem",
    [pay_or_wait, leave_or_wait, deliveries, lap, swing, swing_with_a_rest, many_doors],
)
def test_values_on_paper(planner: Any, problem: Any) -> None:
    model, exact = problem()
    solution = planner(model).solve()

    assert solution.values == pytest.approx(exact, abs=1e-12)
    assert solution.bound <= 1e-12
    np.testing.assert_allclose(model.evaluate(solution.policy), exact, atol=1e-12)
    assert model.regret(solution.policy) == pytest.approx(0, abs=1e-12)
    assert optimal_value(model) == pytest.approx(model.initial @ exact, abs=1e-12)
    assert evaluate_exactly(model, solution.policy).regret == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("planner", PLANNERS)
@pytest.mark.parametrize("discount", [1.0, 1 - 1e-9])
def test_a_lake_with_costly_holes_is_best_not_crossed(planner: Any, discount: float) -> None:
    lake = gymnasium.make("FrozenLake-v1", reward_schedule=(1, -10, 0))
    model = TabularModel.from_env(lake, discount)
    solution = planner(model).solve()

    assert abs(solution.values[0]) <= solution.bound <= 1e-8
    assert model.evaluate(solution.policy)[0] == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("planner", PLANNERS)
@pytest.mark.parametrize("discount", [1.0, 1 - 1e-9, 1 - 1e-13])
def test_policies_go_where_values_say_although_waiting_is_free(
    planner: Any, discount: float
) -> None:
    """On FrozenLake the value is the chance to reach the goal, 14/17 from the start."""
    model = TabularModel.from_env(gymnasium.make("FrozenLake-v1"), discount)
    solution = planner(model).solve()

    assert solution.values[0] == pytest.approx(14 / 17, abs=1e-6)
    assert np.abs(model.evaluate(solution.policy) - solution.values).max() <= solution.bound + 1e-12


@pytest.mark.parametrize("planner", PLANNERS)
def test_an_infinite_optimum_is_named_before_the_first_sweep(planner: Any) -> None:
    """A gain of 1/3 a step, with a cost on the way; the first state is not on it."""
    P = np.zeros((4, 1, 4))
    P[0, 0, 1] = P[1, 0, 2] = P[2, 0, 3] = P[3, 0, 1] = 1.0
    model = TabularModel(P, [[0.0], [3.0], [-1.0], [-1.0]], 1.0)

    with pytest.raises(ValueError, match="optimum is infinite: from state 1"):
        planner(model, max_iterations=1).solve()


@pytest.mark.parametrize("planner", PLANNERS)
def test_what_no_policy_ends_and_all_pay_for_is_worth_minus_infinity(planner: Any) -> None:
    P = np.zeros((2, 1, 2))
    P[0, 0, 1] = P[1, 0, 1] = 1.0
    model = TabularModel(P, [[1.0], [-1.0]], 1.0)

    with pytest.raises(ValueError, match=r"minus infinity.* from state 0 no policy ever ends"):
        planner(model).solve()


@pytest.mark.parametrize("planner", PLANNERS)
def test_a_return_without_limit_is_named(planner: Any) -> None:
    P = np.zeros((2, 1, 2))
    P[0, 0, 1] = P[1, 0, 0] = 1.0

    with pytest.raises(ValueError, match=r"no policy has a value in state 0.* no limit"):
        planner(TabularModel(P, [[1.0], [-1.0]], 1.0)).solve()


def test_the_largest_gain_against_a_linear_program() -> None:
    """The least g with g + h >= r + P h for some h (Puterman, section 9.3)."""
    rng = np.random.default_rng(5)
    for _ in range(20):
        size, actions = int(rng.integers(2, 6)), int(rng.integers(1, 4))
        P = rng.dirichlet(np.ones(size), size=size * actions)
        owner = np.arange(size * actions) // actions
        ring = rng.permutation(size)  # so that every state can be reached
        P[np.flatnonzero(np.diff(owner, prepend=-1))] = np.eye(size)[ring[np.argsort(ring) - 1]]
        rewards = rng.integers(-3, 4, size=len(P)).astype(float)
        system = np.hstack([P - np.eye(size)[owner], -np.ones((len(P), 1))])
        cost = np.r_[np.zeros(size), 1.0]
        answer = linprog(cost, A_ub=system, b_ub=-rewards, bounds=(None, None))

        for shift in (-0.1, 0.0, 0.1):
            shifted = rewards - answer.fun + shift
            gain, h = gains.largest_gain(sparse.csr_array(P), shifted, owner)

            assert np.sign(round(gain, 9)) == np.sign(shift)
            if shift == 0:
                assert (shifted + P @ h - h[owner]).max() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("planner", PLANNERS)
def test_a_changed_environment_is_not_planned_as_if_it_were_not(planner: Any) -> None:
    for name in ("FrozenLake-v1", "rlkit/SmallGrid-v0"):
        plain = gymnasium.make(name)
        paid = TransformReward(plain, lambda reward: 100 * float(reward))
        for env in (paid, StickyAction(plain, 0.5)):
            with pytest.raises(TypeError, match=f"{type(env).__name__} may change.*env.unwrapped"):
                planner(env)
        same = planner(paid.unwrapped, discount=0.9).solve().values
        np.testing.assert_array_equal(same, planner(plain, discount=0.9).solve().values)
