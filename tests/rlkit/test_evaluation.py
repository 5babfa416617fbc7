"""The loop, and evaluation by playing: an environment whose every number is known."""

from fractions import Fraction
from itertools import islice, pairwise
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.spaces import Discrete

import rlkit
from rlkit import Categorical, Step, certain, evaluate, steps
from rlkit.evaluation import CutWarning, Evaluation
from rlkit.randomness import Rng
from rlkit.roles import for_tests


class Counter(gymnasium.Env[Any, Any]):
    """Episode k has k + 2 steps, each paid its number; the even ones are truncated."""

    observation_space, action_space = Discrete(100), Discrete(3)
    discount = 0.5

    def __init__(self) -> None:
        self.episode, self.time = -1, 0
        self.seeds: list[int | None] = []

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """Begin the next episode."""
        super().reset(seed=seed, options=options)
        self.seeds.append(seed)
        self.episode, self.time = self.episode + 1, 0
        return 0, {"action_mask": self._mask()}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Count on."""
        assert self._mask()[action]
        self.time += 1
        over = self.time == self.episode + 2
        info = {"action_mask": self._mask(), "success": self.episode > 0, "word": "x"}
        info |= {"pace": self.time}
        even = self.episode % 2 == 0
        return self.time, float(self.time), over and not even, over and even, info

    def _mask(self) -> Any:
        return np.arange(3) == self.time % 3


class Remembering:
    """A policy with memory: it takes the number of its own earlier calls, modulo 3."""

    def distribution(
        self, observation: Any, state: Any = None, mask: Any = None
    ) -> tuple[Categorical[int], Any]:
        """Return the next number for sure."""
        del observation, mask
        calls = 0 if state is None else state
        return certain(calls % 3), calls + 1


class Predicting:
    """A model with Stable-Baselines3's `predict`: it is told where episodes start."""

    def predict(
        self, observation: Any, state: Any, start: Any, deterministic: bool
    ) -> tuple[Any, Any]:
        """Return the number of calls since the start."""
        assert deterministic
        assert bool(start[0]) == (observation == 0)
        calls = 0 if start[0] else state
        return np.int64(calls % 3), calls + 1


def check(evaluation: Evaluation) -> None:
    """Compare with three episodes of 2, 3 and 4 steps, paid 1, 2, 3, ... each."""
    assert evaluation.returns.tolist() == [3.0, 6.0, 10.0]
    assert evaluation.lengths.tolist() == [2, 3, 4]
    assert evaluation.discounted.tolist() == [2.0, 1 + 1 + 0.75, 1 + 1 + 0.75 + 0.5]
    assert {name: list(values) for name, values in evaluation.reports.items()} == {
        "success": [0.0, 1.0, 1.0]
    }
    assert evaluation.discount == 0.5


@pytest.mark.parametrize("player", [Remembering(), Predicting()])
def test_evaluation_by_hand(player: Any) -> None:
    env, seen = Counter(), list[int]()
    check(evaluate(player, env, episodes=3, seed=9, tick=seen.append))

    assert env.seeds == [for_tests(9), None, None]
    assert seen == [1, 2, 3]


def test_an_agent_is_played_by_its_policy() -> None:
    class Agent:
        policy = Remembering()

    check(evaluate(Agent(), Counter(), episodes=3))


def test_the_json_form() -> None:
    content = evaluate(Remembering(), Counter(), episodes=3).as_json()

    assert list(content) == ["return", "discounted_return", "length", "success"]
    assert content["return"]["mean"] == pytest.approx(19 / 3)
    low, high = content["return"]["ci95"]
    assert 3.0 <= low < 19 / 3 < high <= 10.0


class Telling(gymnasium.Env[Any, Any]):
    """Three steps an episode; the words of `told` come with each step, `at_end` with the last."""

    observation_space, action_space = Discrete(2), Discrete(2)

    def __init__(self, told: list[dict[str, Any]], at_end: dict[str, Any]) -> None:
        self.told, self.at_end, self.time = told, at_end, 0

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """Begin."""
        super().reset(seed=seed, options=options)
        self.time = 0
        return 0, {"prob": 1.0}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Tell."""
        del action
        info = dict(self.told[self.time])
        self.time += 1
        over = self.time == len(self.told)
        return 0, 1.0, over, False, info | (self.at_end if over else {})


def test_a_report_is_about_the_episode_and_not_about_its_last_act() -> None:
    """Two of three acts are illegal, the last is not; what else every step says counts for none."""
    short = evaluate(rlkit.UniformPolicy(2), Telling([{"prob": 0.5}], {"turns": 1}), episodes=2)
    assert short.reports["turns"].tolist() == [1.0, 1.0]
    assert "prob" not in short.reports  # the beginning told it too

    told: list[dict[str, Any]] = [{"illegal": True, "prob": 0.5}] * 2 + [{"prob": 0.9}]
    env = Telling(told, {"turns": 3, "risk": np.float32(0.25), "note": "over"})
    reports = evaluate(rlkit.UniformPolicy(2), env, episodes=2).reports

    assert {name: values.tolist() for name, values in reports.items()} == {
        "turns": [3.0, 3.0],
        "risk": [0.25, 0.25],
        "illegal": [2.0, 2.0],
    }


def test_an_episode_that_is_cut_has_not_succeeded() -> None:
    """As `limited_success` has it; at random few leave the cliff within 300 steps, but some do."""
    env = gymnasium.make("rlkit/CliffWalking-v0", max_episode_steps=300)
    measured = evaluate(rlkit.UniformPolicy(4), env, 100)
    cut = measured.lengths == 300

    assert 0 < cut.sum() < 100
    assert measured.reports["success"].tolist() == (~cut).tolist()


def test_success_is_of_the_episodes_that_the_world_did_not_interrupt() -> None:
    """Two of four are interrupted, one of the others succeeds: one half, and not a quarter."""
    zeros, lengths = np.zeros(4), np.ones(4, np.int64)
    success, over = np.array([1.0, 0.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0, 1.0])
    reports = {"success": success, "interrupted": over}
    told = Evaluation(zeros, zeros, lengths, reports, 1.0).as_json()

    assert told["success"]["mean"] == told["interrupted"]["mean"] == 0.5
    nothing = {"success": zeros, "interrupted": zeros + 1.0}
    told = Evaluation(zeros, zeros, lengths, nothing, 1.0).as_json()
    assert np.isnan(told["success"]["mean"])
    assert told["interrupted"] == {"mean": 1.0, "ci95": [1.0, 1.0]}


@pytest.mark.parametrize("env", ["FrozenLake-v1", "Taxi-v4", "CliffWalking-v1"])
def test_the_probability_of_the_last_step_is_no_row(env: str) -> None:
    played = gymnasium.make(env, max_episode_steps=20)

    assert evaluate(rlkit.UniformPolicy(int(played.action_space.n)), played, 3).reports == {}  # type: ignore[attr-defined]


def test_whose_discount_counts() -> None:
    """That of the player, else of the environment, else .99; a figure given wins over all."""

    class Own(Predicting):
        discount = 0.25

    class Theirs(Predicting):
        gamma = 0.125

    plain = Telling([{}, {}], {})
    assert evaluate(Own(), Counter(), 1).discount == 0.25
    assert evaluate(Theirs(), Counter(), 1).discounted.tolist() == [1.0 + 0.125 * 2]
    assert evaluate(Own(), Counter(), 1, discount=0.75).discounted.tolist() == [1.0 + 0.75 * 2]
    assert evaluate(Predicting(), Counter(), 1).discount == 0.5
    assert evaluate(rlkit.UniformPolicy(2), plain, 1).discounted.tolist() == [1.99]


def test_the_seed_decides_everything() -> None:
    def play(seed: int) -> list[float]:
        policy = rlkit.UniformPolicy(9)
        return list(evaluate(policy, "rlkit/CabinTabular-v0", episodes=5, seed=seed).returns)

    assert play(3) == play(3)
    assert play(3) != play(4)


def test_wrong_use_is_explained() -> None:
    for bound in (0, 0.5, float("nan"), float("inf")):
        with pytest.raises(
            ValueError, match=f"episodes must be a whole number from 1 on, got {bound}"
        ):
            evaluate(Remembering(), Counter(), episodes=bound)  # type: ignore[arg-type]
    for seed in (-1, 1.5, "7"):
        with pytest.raises(
            ValueError, match=f"seed must be a whole number from 0 on, got {seed!r}"
        ):
            evaluate(Remembering(), Counter(), 1, seed=seed)  # type: ignore[arg-type]
    for discount in (-0.1, 1.5, float("nan"), True, "0.9"):
        with pytest.raises(ValueError, match=f"discount must .*, got {discount!r}"):
            evaluate(Remembering(), Counter(), 1, discount=discount)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"single environment or its id, got .*VectorEnv"):
        evaluate(Remembering(), gymnasium.make_vec("rlkit/GridWorld-v0"))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="needs `distribution` or `predict`"):
        evaluate(object(), Counter(), episodes=1)


def test_numbers_of_any_kind_are_taken_and_told_as_plain_ones() -> None:
    plain = evaluate(rlkit.UniformPolicy(3), Counter(), 3, seed=3, discount=0.5)
    for half in (np.float32(0.5), np.float16(0.5), Fraction(1, 2)):
        told = evaluate(rlkit.UniformPolicy(3), Counter(), 3.0, np.uint8(3), discount=half)  # type: ignore[arg-type]
        assert type(told.discount) is float
        assert told.discounted.tolist() == plain.discounted.tolist()


def test_steps_tells_the_whole_story() -> None:
    def act(observation: Any, info: dict[str, Any], rng: Rng) -> int:
        del rng
        assert info["action_mask"].argmax() == observation % 3
        return int(observation % 3)

    env = Counter()
    told: list[Step] = []
    for step in steps(env, act, rlkit.Stream(0), seed=4):
        told.append(step)
        if len(told) == 5:
            break

    assert [step.observation for step in told] == [0, 1, 0, 1, 2]
    assert [step.next_observation for step in told] == [1, 2, 1, 2, 3]
    assert [step.reward for step in told] == [1.0, 2.0, 1.0, 2.0, 3.0]
    assert [step.truncated for step in told] == [False, True, False, False, False]
    assert [step.terminated for step in told] == [False, False, False, False, True]
    assert all(
        before.next_info is after.info
        for before, after in pairwise(told)
        if not (before.terminated or before.truncated)
    )
    assert env.seeds == [4, None]


class Endless(gymnasium.Env[Any, Any]):
    """Pays 1 a step; action 0 goes on, action 1 ends, and step `own` is truncated."""

    observation_space, action_space = Discrete(1), Discrete(2)

    def __init__(self, own: int = -1) -> None:
        self.own, self.length = own, 0

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[int, dict[str, Any]]:
        """Begin."""
        del seed, options
        self.length = 0
        return 0, {}

    def step(self, action: int) -> tuple[int, float, bool, bool, dict[str, Any]]:
        """Go on, or not."""
        self.length += 1
        return 0, 1.0, action == 1, self.length == self.own, {}


class Alternating:
    """Goes on for ever in every other episode, and ends the others at once."""

    begun = 0

    def distribution(self, observation: Any, state: Any = None, mask: Any = None) -> Any:
        """Return what to do, and whether an episode has begun."""
        del observation, mask
        self.begun += state is None
        return certain(int(self.begun % 2 == 0)), True


def test_an_episode_that_never_ends_is_cut_and_that_is_told() -> None:
    with pytest.warns(CutWarning, match="going on after 20 steps and was cut"):
        told = evaluate(Alternating(), Endless(), 4, discount=0.5, longest_episode=20)

    assert told.lengths.tolist() == told.returns.tolist() == [20, 1, 20, 1]
    assert told.discounted.tolist() == [2 - 0.5**19, 1.0] * 2
    assert told.reports["cut"].tolist() == [1.0, 0.0, 1.0, 0.0]
    assert told.as_json()["cut"]["mean"] == 0.5


def test_without_being_asked_ten_thousand_steps_are_enough() -> None:
    with pytest.warns(CutWarning, match="10,000 steps"):
        assert evaluate(Alternating(), Endless(), 1).lengths.tolist() == [10_000]


@pytest.mark.parametrize(
    "env",
    [gymnasium.wrappers.TimeLimit(Endless(), 11_000), Endless(own=10_000)],
    ids=["limit", "own"],
)
def test_where_the_environment_ends_the_episode_nothing_is_cut(env: Any) -> None:
    told = evaluate(Alternating(), env, 1)

    assert told.lengths.tolist() == [getattr(env, "own", 11_000)]
    assert told.reports == {}


def test_a_longest_episode_has_steps() -> None:
    for longest in (0, 1.5, True):
        with pytest.raises(ValueError, match=f"longest_episode must .*, got {longest}"):
            evaluate(Alternating(), Endless(), longest_episode=longest)  # type: ignore[arg-type]


def test_steps_cuts_where_it_is_told_to() -> None:
    told = list(islice(steps(Endless(), lambda *_: 0, rlkit.Stream(0), longest=2), 5))

    assert [step.truncated for step in told] == [False, True, False, True, False]
    assert [step.next_info for step in told] == [{}, {"cut": True}, {}, {"cut": True}, {}]
