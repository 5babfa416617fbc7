"""Copies and pickles: of environments, vectors, policies and all that is made of them."""

import copy
import multiprocessing
import pickle
from collections.abc import Callable
from operator import methodcaller
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import SyncVectorEnv

from rlkit import MDP, Categorical, TabularModel, certain, evaluate, uniform
from rlkit.agents.planning import PolicyIteration
from rlkit.envs.adapter import MDPEnv, MDPVectorEnv
from rlkit.envs.cabin.tabular.problem import TabularCabin
from tests.contracts.test_environments import IDS, play

Copying = Callable[[Any], Any]
WAYS: dict[str, Copying] = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda one: pickle.loads(pickle.dumps(one)),  # noqa: S301 - our own
}
FEW = ("rlkit/GridWorld-v0", "rlkit/CabinTabular-v0", "rlkit/CabinBench1-v0")
"""One of each kind, none of which takes long to compile."""
way = pytest.mark.parametrize("way", WAYS)


class Coin(MDP[str, str]):
    """Throw a coin until heads."""

    states = ("tails", "heads")
    actions = ("throw",)
    initial = certain("tails")
    discount = 0.9

    def transition(self, s: str, a: str) -> Categorical[str]:
        """Return even odds."""
        del s, a
        return uniform(self.states)

    def reward(self, s: str, a: str, s_next: str) -> float:
        """Return 1 for heads."""
        del s, a
        return float(s_next == "heads")

    def terminal(self, s: str) -> bool:
        """Return whether it is heads."""
        return s == "heads"


def begun(env_id: str, **settings: Any) -> Any:
    """Return an environment in the middle of an episode."""
    env = gymnasium.make(env_id, **settings)
    env.reset(seed=3)
    play(env, 3, 0)
    return env


def play_many(env: Any, steps: int) -> list[Any]:
    """Play the last legal act everywhere and return all that is told."""
    rows: list[Any] = []
    for _ in range(steps):
        masks = env.action_masks() if hasattr(env, "action_masks") else env.call("action_masks")
        actions = np.array([np.flatnonzero(mask)[-1] for mask in np.asarray(masks)])
        answer = env.step(actions)
        rows += [np.asarray(part).tolist() for part in answer[:4]]
        rows.append({name: str(part) for name, part in answer[4].items()})
    return rows


@way
@pytest.mark.parametrize("env_id", IDS)
def test_a_copied_environment_goes_on_alike_and_by_itself(env_id: str, way: str) -> None:
    env = begun(env_id)
    first, second = WAYS[way](env), WAYS[way](env)

    tail = play(first, 40, 1)
    twice = play(WAYS[way](second), 40, 1)

    assert play(env, 40, 1) == tail == twice
    assert play(second.unwrapped, 40, 1) == play(begun(env_id).unwrapped, 40, 1)


@way
@pytest.mark.parametrize(
    ("env_id", "mode"),
    [(env_id, "NextStep") for env_id in IDS] + [(env_id, "SameStep") for env_id in FEW],
)
def test_a_copied_vector_goes_on_alike_and_by_itself(env_id: str, mode: str, way: str) -> None:
    def vector() -> Any:
        many = gymnasium.make_vec(env_id, num_envs=3, autoreset_mode=mode)
        many.reset(seed=1)
        play_many(many, 2)
        return many

    many = vector()
    copied = WAYS[way](many)

    assert play_many(copied, 30) == play_many(many, 30) == play_many(vector(), 30)


@pytest.mark.parametrize("env_id", FEW)
def test_a_vector_of_gymnasium_is_copied_with_its_environments(env_id: str) -> None:
    many = SyncVectorEnv([lambda: gymnasium.make(env_id)] * 2)
    many.reset(seed=1)
    copied = copy.deepcopy(many)

    assert play_many(copied, 20) == play_many(many, 20)


@way
@pytest.mark.parametrize(
    "problem", [TabularModel(np.full((2, 1, 2), 0.5), [[1.0], [0.0]], 0.9), Coin()]
)
def test_environments_of_a_problem_of_ones_own_are_copied(problem: Any, way: str) -> None:
    many = MDPVectorEnv(problem, 2, max_episode_steps=5)
    one = MDPEnv(problem)
    many.reset(seed=0), one.reset(seed=0)

    assert play_many(WAYS[way](many), 20) == play_many(many, 20)
    assert play(WAYS[way](one), 20, 0) == play(one, 20, 0)


@way
@pytest.mark.parametrize("env_id", FEW)
def test_a_copy_protects_what_it_shows_as_the_original_does(env_id: str, way: str) -> None:
    """A write into a mask that is shared by all steps is refused, or changes only the mask."""

    def written(many: Any) -> Any:
        masks = many.reset(seed=0)[1]["action_mask"]
        try:
            masks[:] = 0
        except ValueError:
            return "refused"
        return many.reset(seed=0)[1]["action_mask"].tolist()

    many = gymnasium.make_vec(env_id, num_envs=2)

    assert written(WAYS[way](many)) == written(many)


@way
@pytest.mark.parametrize("mode", ["rgb_array", "ansi"])
@pytest.mark.parametrize("env_id", [*FEW, "rlkit/Cabin-v0"])
def test_a_copy_draws_the_same_picture(env_id: str, mode: str, way: str) -> None:
    env = begun(env_id, render_mode=mode)
    copied = WAYS[way](env)

    assert play(copied, 2, 5) == play(env, 2, 5)
    np.testing.assert_array_equal(copied.render(), env.render())


@way
@pytest.mark.parametrize("env_id", FEW)
def test_a_copy_opens_a_window_of_its_own(env_id: str, way: str) -> None:
    env = gymnasium.make(env_id, render_mode="human")
    env.reset(seed=2)

    copied = WAYS[way](env)
    env.close()

    seen, _ = copied.reset(seed=2)
    assert copied.observation_space.contains(seen)
    copied.close()


@way
@pytest.mark.parametrize("env_id", FEW[1:])
def test_a_policy_and_its_environment_are_copied_together(env_id: str, way: str) -> None:
    env = gymnasium.make(env_id)
    pair = env, env.unwrapped.handcrafted()  # type: ignore[attr-defined]

    theirs, ours = (evaluate(policy, one, 5) for one, policy in (WAYS[way](pair), pair))

    np.testing.assert_array_equal(theirs.returns, ours.returns)
    np.testing.assert_array_equal(theirs.lengths, ours.lengths)


@way
@pytest.mark.parametrize("env_id", IDS)
def test_the_five_elements_are_copied(env_id: str, way: str) -> None:
    elements = gymnasium.make(env_id).unwrapped.elements  # type: ignore[attr-defined]

    assert WAYS[way](elements).describe() == elements.describe()


@way
def test_problems_models_and_solutions_are_copied(way: str) -> None:
    cabin = WAYS[way](TabularCabin())
    solution = PolicyIteration("rlkit/GridWorld-v0").solve()
    again, die = WAYS[way](solution), WAYS[way](uniform(range(6)))

    start, act = cabin.named_start, cabin.actions[0]
    assert dict(cabin.transition(start, act)) == dict(TabularCabin().transition(start, act))
    for name in ("values", "q", "policy"):
        np.testing.assert_array_equal(getattr(again, name), getattr(solution, name))
    assert dict(die) == dict.fromkeys(range(6), 1 / 6)


def test_pickled_environments_go_on_in_another_process() -> None:
    """The other process need not know this file: it is asked for methods alone."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        for env in (begun(env_id) for env_id in FEW):
            for act in np.flatnonzero(env.unwrapped.action_masks())[-3:].tolist():
                theirs = pool.apply(methodcaller("step", act), (env,))
                ours = copy.deepcopy(env).step(act)
                np.testing.assert_array_equal(theirs[0], ours[0])
                assert theirs[1:4] == ours[1:4]
