"""The handcrafted policies: they change nothing, and play no environment but their own."""

from functools import partial
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.wrappers import FlattenObservation, FrameStackObservation

from rlkit import evaluate
from rlkit.envs.cabin import CabinEnv, CabinVectorEnv, HandcraftedPolicy
from rlkit.envs.cabin.state.acts import SYSTEM_ACTS

BENCH = "rlkit/CabinBench3-v0"
EXACT = "rlkit/CabinTabular-v0"


def moment_of_a_masked_choice() -> CabinEnv:
    """Return the benchmark at a moment where the handcrafted policy takes a masked act."""
    env = CabinEnv(ser=0.15)
    policy = HandcraftedPolicy(env)
    env.reset(seed=0)
    for _ in range(2_000):
        action = int(policy.actions()[0])
        if not env.action_masks()[action] and env.action_names[action] == "inform_alternatives":
            return env
        if env.step(action)[2]:
            env.reset()
    raise AssertionError("every act of the policy was legal")


def test_only_the_masked_act_that_the_rules_take_is_carried_out() -> None:
    env = moment_of_a_masked_choice()
    state, chosen = env.get_state(), int(HandcraftedPolicy(env).actions()[0])
    said = {}
    for action in np.flatnonzero(~env.action_masks()):
        env.set_state(state)
        info = env.step(int(action))[-1]
        assert info["illegal"] is True
        said[int(action)] = SYSTEM_ACTS[env.simulator.record[0]["system"][0]]

    assert said.pop(chosen) == "no_other_venue"
    assert set(said.values()) == {"null"}


def test_making_policies_changes_nothing() -> None:
    env, looked_at = moment_of_a_masked_choice(), moment_of_a_masked_choice()
    for _ in range(2):
        HandcraftedPolicy(looked_at)
        looked_at.handcrafted().predict()

    for action in np.flatnonzero(~env.action_masks()).tolist():
        ours, theirs = env.step(action), looked_at.step(action)
        assert ours[1:4] == theirs[1:4]
        np.testing.assert_array_equal(ours[0], theirs[0])
        if ours[2]:
            env.reset(), looked_at.reset()
    for name, array in env.get_state().items():
        np.testing.assert_array_equal(array, looked_at.get_state()[name])


@pytest.mark.parametrize("env", [gymnasium.make("CartPole-v1"), gymnasium.make(EXACT)])
def test_it_plays_only_the_cabin(env: Any) -> None:
    with pytest.raises(TypeError, match="plays cabin environments"):
        HandcraftedPolicy(env)


@pytest.mark.parametrize(
    ("made", "met", "message"),
    [
        (CabinEnv(), CabinEnv(ontology="venues6"), r"shape \(25,\).*masks have shape \(16,\)"),
        (CabinEnv(), CabinVectorEnv(2), r"shape \(2, 16\).*masks have shape \(16,\)"),
        (CabinVectorEnv(2), CabinVectorEnv(3), r"shape \(3, 16\).*masks have shape \(2, 16\)"),
        (CabinVectorEnv(2), CabinEnv(), r"shape \(16,\).*masks have shape \(2, 16\)"),
        (CabinEnv(), gymnasium.make(EXACT), r"shape \(9,\).*masks have shape \(16,\)"),
    ],
)
def test_another_environment_is_told_by_its_masks_and_observations(
    made: Any, met: Any, message: str
) -> None:
    policy = HandcraftedPolicy(made)
    observation, info = met.reset(seed=0)

    with pytest.raises(ValueError, match=message):
        policy.predict(observation, action_masks=info["action_mask"])
    with pytest.raises(ValueError, match=r"observation of shape .* another environment"):
        policy.predict(observation)


def test_evaluation_refuses_a_policy_of_another_environment() -> None:
    env, other = gymnasium.make(BENCH), gymnasium.make(BENCH)
    policy = env.unwrapped.handcrafted()  # type: ignore[attr-defined]

    with pytest.raises(ValueError, match="the environment that it was made for, not that of"):
        evaluate(policy, other, episodes=1)
    with pytest.raises(ValueError, match="plays 2 environments at once"):
        CabinVectorEnv(2).handcrafted().distribution()
    assert evaluate(policy, env, episodes=1).returns.shape == (1,)


@pytest.mark.parametrize(
    "wrapper", [FlattenObservation, partial(FrameStackObservation, stack_size=2)]
)
def test_it_plays_its_environment_in_wrappers(wrapper: Any) -> None:
    env = gymnasium.make(BENCH, observation="dict")
    wrapped = wrapper(env)
    plain = evaluate(HandcraftedPolicy(env), env, episodes=3, seed=1)
    behind = evaluate(env.unwrapped.handcrafted(), wrapped, episodes=3, seed=1)  # type: ignore[attr-defined]

    np.testing.assert_array_equal(behind.returns, plain.returns)
    observation, info = wrapped.reset()
    action, _ = HandcraftedPolicy(wrapped).predict(observation, action_masks=info["action_mask"])
    assert action in env.action_space


@pytest.mark.parametrize("observation", ["index", "vector"])
def test_rules_of_the_exact_cabin_play_no_other(observation: str) -> None:
    env: Any = gymnasium.make(EXACT, observation=observation)
    larger = gymnasium.make(EXACT, observation=observation, slots=3)
    dearer = gymnasium.make(EXACT, observation=observation, reward={"time": -1.0})
    other = "vector" if observation == "index" else "index"
    rules = env.unwrapped.handcrafted()

    seen, info = larger.reset(seed=0)
    with pytest.raises(ValueError, match=r"mask of shape \(11,\) is of another environment"):
        rules.distribution(seen, None, info["action_mask"])
    with pytest.raises(ValueError, match="the observation"):
        rules.distribution(np.int64(60_000) if observation == "index" else seen)
    for met in (larger, dearer, gymnasium.make(EXACT, observation=other)):
        with pytest.raises(ValueError, match="made for another exact cabin"):
            evaluate(rules, met, episodes=1)
    with pytest.raises(TypeError, match="play a single exact cabin"):
        evaluate(rules, gymnasium.make("rlkit/GridWorld-v0"), episodes=1)
    again = evaluate(rules, gymnasium.make(EXACT, observation=observation), episodes=2)
    np.testing.assert_array_equal(again.returns, evaluate(rules, env, episodes=2).returns)
