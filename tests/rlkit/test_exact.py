"""Exact evaluation against published values of FrozenLake and problems solved on paper."""

from typing import Any

import gymnasium
import numpy as np
import pytest

import rlkit
from rlkit import TabularModel
from rlkit.agents.planning import PolicyIteration
from rlkit.exact import (
    evaluate_exactly,
    expected_return,
    optimal_value,
    success_probability,
)


@pytest.mark.parametrize(
    ("env_id", "discount", "limited", "unlimited"),
    [
        ("FrozenLake-v1", 0.99, 0.740165, 0.823529),
        ("FrozenLake-v1", 0.9, 0.729766, 0.780488),
        ("FrozenLake8x8-v1", 0.99, 0.862955, 0.893841),
    ],
)
def test_success_of_the_discounted_optimum(
    env_id: str, discount: float, limited: float, unlimited: float
) -> None:
    env = gymnasium.make(env_id)
    model = TabularModel.from_env(env, discount)
    policy = PolicyIteration(model).solve().policy
    assert env.spec is not None
    within = evaluate_exactly(model, policy, limit=env.spec.max_episode_steps)

    assert within.success == pytest.approx(limited, abs=1e-6)
    assert evaluate_exactly(model, policy).success == pytest.approx(unlimited, abs=1e-6)
    assert evaluate_exactly(model, policy).regret == pytest.approx(0.0, abs=1e-9)


def test_the_optimum_within_a_limit_depends_on_the_time_left() -> None:
    """Published: .744190 within 100 steps, more than .740165 of the best stationary policy."""
    model = TabularModel.from_env(gymnasium.make("FrozenLake-v1"), 1.0)
    policy = PolicyIteration(model).solve().policy

    assert optimal_value(model, 100) == pytest.approx(0.744190, abs=1e-6)
    assert evaluate_exactly(model, policy, limit=100).regret == pytest.approx(
        0.744190 - 0.740165, abs=2e-6
    )


def test_a_coin_that_must_fall_in_time() -> None:
    """Ends in success with 1/2 a step: 1 - 2^-n within n steps, 1 without a limit."""
    model = TabularModel([[[0.5]]], [[0.5]], 0.9, terminates=[[0.5]])
    successes = model.outcomes.terminated

    for limit in (0, 1, 5):
        chance = success_probability(model, [0], successes, limit)
        assert chance[0] == pytest.approx(1 - 0.5**limit)
    assert success_probability(model, [0], successes)[0] == pytest.approx(1.0)


def test_wrong_successes_are_explained() -> None:
    model = TabularModel([[[0.5]]], [[0.5]], 0.9, terminates=[[0.5]])

    with pytest.raises(ValueError, match="does not end the episode"):
        success_probability(model, [0], np.ones(2))
    with pytest.raises(ValueError, match="has shape"):
        success_probability(model, [0], np.ones(3))


@pytest.mark.parametrize(
    ("env_id", "arguments"),
    [
        ("rlkit/GridWorld-v0", {"slip": 0.3}),
        ("rlkit/CabinTabular-v0", {}),
        ("FrozenLake-v1", {}),
    ],
)
def test_declared_successes_are_what_info_reports(env_id: str, arguments: dict[str, Any]) -> None:
    """A policy half optimal, half random: its computed success within four errors of 800 played."""
    env = gymnasium.make(env_id, **arguments)
    model = TabularModel.from_env(env)
    optimal = PolicyIteration(model).solve().policy
    mixed = 0.9 * optimal.probs + 0.1 * model.legal / model.legal.sum(axis=1, keepdims=True)
    assert env.spec is not None
    found = evaluate_exactly(model, mixed, limit=env.spec.max_episode_steps)

    played = rlkit.evaluate(rlkit.TabularPolicy(mixed), env, episodes=800, seed=5)
    reports = played.reports.get("success", played.returns)
    assert found.success is not None
    assert 0.02 < found.success < 0.98
    error = np.sqrt(found.success * (1 - found.success) / 800)
    assert reports.mean() == pytest.approx(found.success, abs=4 * error)


def test_a_problem_may_not_say_what_a_success_is() -> None:
    """On the cliff of Gymnasium no end pays anything; ours declares its goal."""
    theirs = TabularModel.from_env(gymnasium.make("CliffWalking-v1"), 1.0)
    ours = TabularModel.from_env(gymnasium.make("rlkit/CliffWalking-v0"))

    assert evaluate_exactly(theirs, PolicyIteration(theirs).solve().policy).success is None
    with pytest.raises(ValueError, match="does not say what a success is"):
        success_probability(theirs, np.zeros(48, np.int64))
    assert evaluate_exactly(ours, PolicyIteration(ours).solve().policy).success == 1.0


def test_without_a_discount_only_states_that_are_met_count() -> None:
    """0 -> end at a cost of 2; state 1 walks in a circle for ever and is met from nowhere."""
    P = np.zeros((2, 2, 2))
    P[0, 1, 1] = P[1, :, 1] = 1.0
    model = TabularModel(
        P, [[-2.0, -1.0], [-1.0, -1.0]], 1.0, initial=[1, 0], terminates=[[1, 0], [0, 0]]
    )

    assert expected_return(model, [0, 0]) == -2.0
    assert expected_return(model, [1, 0]) == -np.inf
    assert expected_return(model, [1, 0], limit=7) == -7.0
    assert evaluate_exactly(model, [1, 0], optimum=-2.0).regret == np.inf


def test_the_optimal_cabin_succeeds_as_often_as_its_simulation() -> None:
    """Published: right command 86.2 %, justified refusal 8.6 % of dialogues."""
    model = gymnasium.make("rlkit/CabinTabular-v0").unwrapped.model  # type: ignore[attr-defined]
    policy = PolicyIteration(model).solve().policy

    assert evaluate_exactly(model, policy).success == pytest.approx(0.948, abs=0.002)
