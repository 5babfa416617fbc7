"""All tabular learners: targets by hand, bit-equality, truncation, masks, resuming."""

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

import rlkit
from rlkit import TabularModel, agents
from rlkit.agents.tabular import MonteCarlo, QLearning
from rlkit.agents.tabular.double_q_learning import double_q_target
from rlkit.agents.tabular.expected_sarsa import expected_sarsa_target
from rlkit.agents.tabular.monte_carlo import return_of
from rlkit.agents.tabular.n_step_sarsa import n_step_return
from rlkit.agents.tabular.q_learning import q_learning_target
from rlkit.agents.tabular.rules import epsilon_greedy, sarsa_target
from rlkit.agents.tabular.sarsa_lambda import marked
from rlkit.envs.adapter import MDPEnv

LEARNERS = (
    "monte-carlo",
    "sarsa",
    "expected-sarsa",
    "n-step-sarsa",
    "sarsa-lambda",
    "q-learning",
    "double-q-learning",
)
Q = np.array([[0.0, 0.0, 0.0], [1.0, 5.0, 3.0]])
ALL = np.ones((2, 3), dtype=np.bool_)
SOME = np.array([[True, True, True], [True, False, True]])


def test_targets_by_hand() -> None:
    other = np.array([[0.0, 0.0, 0.0], [7.0, 8.0, 9.0]])

    assert q_learning_target(Q, ALL, 2.0, 1, False, 0.5) == 2 + 0.5 * 5
    assert q_learning_target(Q, SOME, 2.0, 1, False, 0.5) == 2 + 0.5 * 3
    assert q_learning_target(Q, ALL, 2.0, 1, True, 0.5) == 2
    assert sarsa_target(Q, 2.0, 1, 0, False, 0.5) == 2 + 0.5 * 1
    assert sarsa_target(Q, 2.0, 1, -1, True, 0.5) == 2
    assert expected_sarsa_target(Q, ALL, 2.0, 1, False, 0.5, 0.3) == pytest.approx(
        2 + 0.5 * (0.7 * 5 + 0.3 * 3)
    )
    assert expected_sarsa_target(Q, SOME, 2.0, 1, False, 0.5, 0.3) == pytest.approx(
        2 + 0.5 * (0.7 * 3 + 0.3 * 2)
    )
    assert double_q_target(Q, other, ALL, 2.0, 1, False, 0.5) == 2 + 0.5 * 8
    assert double_q_target(Q, other, SOME, 2.0, 1, False, 0.5) == 2 + 0.5 * 9
    assert return_of(2.0, 4.0, 0.5) == 4.0
    # Steps 3, 4, 5 of a ring of 4, then the value 8: 1 + .5 * 2 + .25 * 4 + .125 * 8.
    assert n_step_return(np.array([2.0, 4.0, 99.0, 1.0]), 3, 6, 8.0, 0.5) == 4.0
    assert (marked(0.5, float("inf")), marked(0.5, 1.0)) == (1.5, 1.0)


def test_epsilon_greedy_has_the_textbook_odds_and_keeps_the_mask() -> None:
    memory = (
        np.array([[0.0, 2.0, 2.0, 9.0]]),
        np.array([[4, 4, 4, 4]]),
        np.array([[True, True, True, False]]),
    )
    draws = (np.arange(30_000) + 0.5) / 30_000
    chosen = np.array([epsilon_greedy(memory, 0, 0.3, 0.0, draw) for draw in draws])

    odds = np.bincount(chosen, minlength=4) / len(draws)
    np.testing.assert_allclose(odds, [0.1, 0.45, 0.45, 0.0], atol=1e-3)


def test_the_count_bonus_by_hand() -> None:
    """1 + 6/sqrt(9) = 3 beats 2 + 6/sqrt(100) = 2.6; without the bonus 2 beats 1."""
    memory = (np.array([[1.0, 2.0]]), np.array([[9, 100]]), np.ones((1, 2), dtype=np.bool_))

    assert epsilon_greedy(memory, 0, 0.0, 6.0, 0.5) == 0
    assert epsilon_greedy(memory, 0, 0.0, 0.0, 0.5) == 1


@pytest.mark.parametrize("name", LEARNERS)
def test_compiled_plain_and_many_agree_bit_for_bit(name: str) -> None:
    """The cabin has masks, the grid a time limit."""
    for env_id in ("rlkit/CabinTabular-v0", "rlkit/GridWorld-v0"):
        plain: Any = agents.make(name, env_id, seed=3, count_bonus=0.5, compiled=False).learn(1_500)
        compiled: Any = agents.make(name, env_id, seed=3, count_bonus=0.5).learn(1_500)
        many: Any = agents.make(name, env_id, seed=1, seeds=4, count_bonus=0.5).learn(1_500)

        for name_of, array in plain.state_dict().items():
            np.testing.assert_array_equal(array, compiled.state_dict()[name_of], name_of)
        np.testing.assert_array_equal(many.q[2], compiled.q)
        assert not np.array_equal(many.visits[1], compiled.visits)
        assert plain.online == compiled.online
        assert plain.visits[~plain.env.unwrapped.model.legal].sum() == 0


@pytest.mark.parametrize("settings", [{"every_visit": True}, {"exploring_starts": True}])
def test_monte_carlo_variants_agree_bit_for_bit(settings: dict[str, bool]) -> None:
    plain, compiled = (
        MonteCarlo("rlkit/CabinTabular-v0", compiled=c, **settings).learn(2_000)
        for c in (False, True)
    )

    np.testing.assert_array_equal(plain.q, compiled.q)


def two_states(name: str, **settings: Any) -> Any:
    """Return a learner in two states that follow each other and pay 1 for ever, cut after 2 steps.

    Every episode is 0, 1, cut; the discount is .9.
    """
    P = np.zeros((2, 1, 2))
    P[0, 0, 1] = P[1, 0, 0] = 1.0
    env = MDPEnv(TabularModel(P, np.ones((2, 1)), 0.9, initial=[1, 0]))
    limited = gymnasium.wrappers.TimeLimit(env, 2)
    return agents.make(name, limited, learning_rate=0.5, **settings)


@pytest.mark.parametrize("name", LEARNERS)
@pytest.mark.parametrize("compiled", [True, False])
def test_truncation_is_no_end(name: str, compiled: bool) -> None:
    """Each state is worth r / (1 - discount) = 10."""
    agent = two_states(name, compiled=compiled).learn(2_000)

    np.testing.assert_allclose(agent.q[:, 0], 10.0, atol=1e-6)


@pytest.mark.parametrize("name", LEARNERS)
def test_a_copy_that_takes_truncation_for_an_end_is_off(name: str) -> None:
    """With k steps left before the cut it is off by discount^k / (1 - discount): 8.1 and 9."""
    agent = two_states(name, compiled=False)
    right = agent.algorithm.learn

    def wrong(memory: Any, t: Any, rules: Any) -> None:
        right(memory, t._replace(terminated=t.cut), rules)

    agent.algorithm = agent.algorithm._replace(learn=wrong)
    agent.learn(2_000)

    np.testing.assert_allclose(10.0 - agent.q[:, 0], [8.1, 9.0], atol=1e-6)


@pytest.mark.parametrize("name", LEARNERS)
def test_saved_and_resumed_equals_learned_in_one_go(name: str, tmp_path: Path) -> None:
    """Stops in the middle of an episode, so pending steps and traces must survive."""
    settings = {"seed": 5, "horizon": 2_000}
    whole = agents.make(name, "rlkit/CabinTabular-v0", **settings).learn(2_001)
    agents.make(name, "rlkit/CabinTabular-v0", **settings).learn(1_001).save(tmp_path / "half")
    resumed = rlkit.load(tmp_path / "half").learn(1_000)

    assert resumed.config == whole.config
    for name_of, array in whole.state_dict().items():
        np.testing.assert_array_equal(resumed.state_dict()[name_of], array, name_of)


@pytest.mark.parametrize("name", LEARNERS)
def test_a_foreign_environment_resumes_with_a_new_episode(name: str, tmp_path: Path) -> None:
    def agent() -> Any:
        env = gymnasium.make("Taxi-v4", max_episode_steps=50)
        return agents.make(name, env, seed=2, horizon=1_000, compiled=False)

    whole = agent().learn(525)
    whole.save(tmp_path / "whole")
    whole.learn(475)
    agent().learn(525).save(tmp_path / "half")
    env = gymnasium.make("Taxi-v4", max_episode_steps=50)
    resumed: Any = rlkit.load(tmp_path / "half", env).learn(475)

    np.testing.assert_array_equal(resumed.q, whole.q)


def test_masks_of_a_foreign_environment_are_learned_and_kept() -> None:
    """Taxi tells its masks in `info` alone; the greedy policy must not leave them."""
    agent: Any = agents.make("q-learning", "Taxi-v4", compiled=False).learn(3_000)
    env: Any = gymnasium.make("Taxi-v4").unwrapped
    met = np.flatnonzero(agent.visits.sum(axis=1))
    actions = agent.policy.actions

    assert len(met) > 50
    assert all(env.action_mask(s)[actions[s]] for s in met)
    assert all(env.action_mask(s)[agent.predict(s)[0]] for s in met)


def test_exploring_starts_reach_every_pair_without_exploring() -> None:
    settings = {"exploring_starts": True, "epsilon": 0.0, "longest_episode": 100}
    agent: Any = agents.make("monte-carlo", "FrozenLake-v1", **settings).learn(50_000)
    going = ~TabularModel.from_env(agent.env).over

    assert (agent.visits[going] > 0).all()


@pytest.mark.parametrize(
    ("name", "settings", "error", "words"),
    [
        ("n-step-sarsa", {"n": 0}, ValueError, "n must be a whole number from 1"),
        ("sarsa-lambda", {"lambda_": 1.2}, ValueError, r"\[0, 1\]"),
        ("sarsa-lambda", {"traces": "replacin"}, ValueError, "Did you mean 'replacing'"),
        ("monte-carlo", {"longest_episode": 0}, ValueError, "longest_episode .* from 1"),
        ("sarsa", {"learning_rate": 2}, ValueError, r"learning_rate must lie in \[0, 1\]"),
        ("sarsa", {"learning_rat": 0.2}, TypeError, "Did you mean 'learning_rate'"),
        ("sarsa", {"horizon": 0}, ValueError, "horizon .* from 1"),
        ("sarsa", {"discount": -0.1}, ValueError, r"\[0, 1\]"),
    ],
)
def test_wrong_settings_are_explained(
    name: str, settings: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        agents.make(name, "FrozenLake-v1", **settings)


@pytest.mark.parametrize("name", LEARNERS)
def test_continuous_spaces_are_refused_with_advice(name: str) -> None:
    with pytest.raises(TypeError, match=r"Discrete observation space.*sb3:ppo"):
        agents.make(name, "CartPole-v1")


def test_exploring_starts_need_a_model() -> None:
    agent = agents.make("monte-carlo", "Taxi-v4", compiled=False, exploring_starts=True)
    with pytest.raises(TypeError, match="begin anywhere"):
        agent.learn(10)


def test_a_wrapper_that_changes_the_rewards_is_not_bypassed() -> None:
    """The model knows nothing of the wrapper, so the agent must play the wrapped environment."""
    one_state = TabularModel(np.ones((1, 1, 1)), [[1.0]], 0.5)
    env = gymnasium.wrappers.TimeLimit(MDPEnv(one_state), 5)
    doubled = gymnasium.wrappers.TransformReward(env, lambda reward: 2 * float(reward))

    assert QLearning(env, learning_rate=0.5).learn(500).q[0] == pytest.approx(2.0)
    assert QLearning(doubled, learning_rate=0.5).learn(500).q[0] == pytest.approx(4.0)


@pytest.mark.parametrize(
    ("name", "shape", "words"),
    [("q", (1, 3, 2), "table has"), ("visits", (1, 16), r"visits has shape \(1, 16\), expected")],
)
def test_a_checkpoint_of_another_shape_is_refused(
    name: str, shape: tuple[int, ...], words: str
) -> None:
    learner = agents.make("q-learning", gymnasium.make("FrozenLake-v1")).learn(100)
    state = {**learner.state_dict(), name: np.zeros(shape)}
    with pytest.raises(ValueError, match=words):
        learner.load_state_dict(state)
