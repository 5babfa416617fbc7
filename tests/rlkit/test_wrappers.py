"""What may change the problem between a model and the environment that is played."""

import copy
from typing import Any

import gymnasium
import pytest
from gymnasium import wrappers
from gymnasium.envs.toy_text.frozen_lake import FrozenLakeEnv

from rlkit.agents.witness import Witness
from rlkit.envs.adapter import MDPEnv
from rlkit.model import TabularModel
from rlkit.wrappers import changes_play, changes_problem

LAKES = ("FrozenLake-v1", "rlkit/GridWorld-v0")


class PaidLake(FrozenLakeEnv):
    """Pays one a step, which its P does not know."""

    def step(self, action: Any) -> Any:
        """Pay one."""
        state, _, terminated, truncated, info = super().step(action)  # type: ignore[no-untyped-call]
        return state, 1.0, terminated, truncated, info


class SlipperyPaidLake(PaidLake):
    """Inherits the step that pays."""


class FarLake(FrozenLakeEnv):
    """Begins elsewhere than its P says."""

    def reset(self, **options: Any) -> Any:
        """Begin in the third row."""
        _, info = super().reset(**options)
        self.s = 8
        return 8, info


class DryLake(FrozenLakeEnv):
    """Makes a P that its inherited step plays."""

    def __init__(self, **options: Any) -> None:
        super().__init__(is_slippery=False, **options)


class HonestLake(PaidLake):
    """Brings the P that belongs to the step that it inherits."""

    P: Any = None


class NoisyOne(MDPEnv):
    """One of ours with a step of its user's."""

    def step(self, action: Any) -> Any:
        """Do as before, for all that is known."""
        return super().step(action)


class Renamed(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Does nothing to a step."""

    def __repr__(self) -> str:
        return "renamed"


class Doubled(gymnasium.RewardWrapper[Any, Any]):
    """Doubles the reward."""

    def reward(self, reward: Any) -> Any:
        """Return twice the reward."""
        return 2 * reward


class Mirrored(gymnasium.ActionWrapper[Any, Any, Any]):
    """Turns left and right around."""

    def action(self, action: Any) -> Any:
        """Return the opposite action."""
        return 3 - action


class Tired(wrappers.TimeLimit):
    """A subclass of what is silent, with a step of its own."""

    def step(self, action: Any) -> Any:
        """Do anything for the first action only."""
        return super().step(0 * action)


@pytest.mark.parametrize("lake", LAKES)
def test_what_make_puts_around_an_environment_changes_nothing(lake: str) -> None:
    env = wrappers.RecordEpisodeStatistics(gymnasium.make(lake, max_episode_steps=9))
    assert changes_play(Renamed(env)) is None
    assert changes_problem(Renamed(env)) is None


@pytest.mark.parametrize("lake", LAKES)
@pytest.mark.parametrize(
    ("name", "wrap"),
    [
        ("TransformReward", lambda env: wrappers.TransformReward(env, lambda r: 100 * float(r))),
        ("ClipReward", lambda env: wrappers.ClipReward(env, 0.0, 0.5)),
        ("NormalizeReward", wrappers.NormalizeReward),
        ("StickyAction", lambda env: wrappers.StickyAction(env, 0.5)),
        ("RepeatAction", lambda env: wrappers.RepeatAction(env, 2)),
        ("TransformAction", lambda env: wrappers.TransformAction(env, lambda a: 0 * a, None)),
        ("DelayObservation", lambda env: wrappers.DelayObservation(env, 1)),
        ("Doubled", Doubled),
        ("Mirrored", Mirrored),
        ("Tired", lambda env: Tired(env, 5)),
    ],
)
def test_wrappers_that_change_a_problem_are_named(lake: str, name: str, wrap: Any) -> None:
    env = wrappers.TimeLimit(Renamed(wrap(gymnasium.make(lake))), 10)
    assert changes_problem(env) == changes_play(env) == name
    assert changes_problem(env.unwrapped) is None


def test_what_is_only_seen_must_be_played_but_is_the_same_problem() -> None:
    env = gymnasium.make("FrozenLake-v1")
    seen = wrappers.TransformObservation(env, lambda s: 15 - s, None)
    assert changes_problem(seen) is None
    assert changes_play(seen) == "TransformObservation"


def test_a_step_that_overrides_the_models_is_named() -> None:
    assert changes_problem(PaidLake()) == "PaidLake.step"
    assert changes_play(SlipperyPaidLake()) == "PaidLake.step"
    assert changes_play(FarLake()) == "FarLake.reset"
    one_state = TabularModel([[[1.0]]], [[0.0]], 0.9)
    assert changes_play(NoisyOne(one_state)) == "NoisyOne.step"
    assert changes_play(MDPEnv(one_state)) is None
    assert changes_play(DryLake()) is None


def test_a_class_that_brings_its_own_model_is_believed() -> None:
    assert changes_play(HonestLake()) is None


def test_a_step_that_was_set_on_one_object_is_named() -> None:
    env = FrozenLakeEnv()
    env.step = lambda action: (0, 0.0, True, False, {"action": action})  # type: ignore[method-assign]
    assert changes_play(env) == "FrozenLakeEnv.step"


@pytest.mark.parametrize("lake", LAKES)
def test_whose_calls_are_counted_is_not_changed_and_nor_is_a_copy(lake: str) -> None:
    env = gymnasium.make(lake)
    Witness(env)
    assert changes_play(env) is None
    assert changes_play(copy.deepcopy(env)) is None
