"""Exact evaluation against published values of FrozenLake and problems solved on paper."""

import gymnasium
import numpy as np
import pytest

import rlkit
from rlkit import TabularModel
from rlkit.agents.planning import PolicyIteration
from rlkit.exact import evaluate_exactly, optimal_value, success_probability


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


def test_the_optimal_cabin_succeeds_as_often_as_its_simulation() -> None:
    """Published: right command 86.2 %, justified refusal 8.6 % of dialogues."""
    from rlkit.envs.cabin.tabular.acts import Event

    model = gymnasium.make("rlkit/CabinTabular-v0").unwrapped.model  # type: ignore[attr-defined]
    policy = PolicyIteration(model).solve().policy
    good = (model.outcomes.events & (Event.SUCCESS | Event.REFUSED)) > 0

    chance = success_probability(model, policy, good & model.outcomes.terminated)
    assert float(model.initial @ chance) == pytest.approx(0.948, abs=0.002)
    assert rlkit.__version__
