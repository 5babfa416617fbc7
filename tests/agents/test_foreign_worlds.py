"""Tabular learners in environments of anybody's: what is told, who plays, and what is changed."""

import copy
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.envs.toy_text.frozen_lake import FrozenLakeEnv

import rlkit
from rlkit import TabularModel, agents, evaluate
from rlkit.agents.checking import NotFiniteError, OddAnswerError
from rlkit.agents.tabular import QLearning
from rlkit.arrays import Array
from rlkit.envs.adapter import MDPEnv
from tests.agents.test_tabular_learning import LEARNERS

learners = pytest.mark.parametrize("name", LEARNERS)


class Corridor(gymnasium.Env[Any, Any]):
    """Five cells; one act goes on, the other back to the first, and the end pays 1.

    Args:
        told: What `step` tells from the fourth step on, by its name in Gymnasium's answer.
        first: Numbers with which states and actions start.
    """

    def __init__(self, told: dict[str, Any] | None = None, first: tuple[int, int] = (0, 0)) -> None:
        self.observation_space: Any = spaces.Discrete(5, start=first[0])
        self.action_space: Any = spaces.Discrete(2, start=first[1])
        self.told = told or {}
        self.cell, self.steps, self.after_end = 0, 0, 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        """Begin in the first cell."""
        super().reset(seed=seed, options=options)
        self.cell = 0
        return self.told.get("first", self._seen()), {}

    def step(self, action: Any) -> Any:
        """Go on or back."""
        assert self.action_space.contains(action), action
        self.after_end += self.cell == 4
        self.cell = min(self.cell + 1, 4) if action == self.action_space.start + 1 else 0
        self.steps += 1
        over = self.cell == 4
        told = {
            "observation": self._seen(),
            "reward": float(over),
            "terminated": over,
            "truncated": False,
            "info": {},
        }
        if self.steps > 3:
            told |= {name: value for name, value in self.told.items() if name in told}
        return tuple(told.values())

    def _seen(self) -> int:
        return int(self.observation_space.start) + self.cell


def limited(**arguments: Any) -> gymnasium.Env[Any, Any]:
    """Return a corridor whose episodes are cut."""
    return gymnasium.wrappers.TimeLimit(Corridor(**arguments), 20)


def mask(values: Any) -> dict[str, Any]:
    return {"info": {"action_mask": values}}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"reward": float("nan")}, "a reward that is not finite at its step 4: nan"),
        ({"reward": np.float32("inf")}, "a reward that is not finite at its step 4"),
        ({"reward": 10**400}, "the reward 1000.* at its step 4"),
        ({"reward": None}, "the reward None at its step 4"),
        ({"reward": "1"}, "the reward '1' at its step 4"),
        ({"reward": np.array([1.0])}, r"the reward array\(\[1\.\]\) at its step 4"),
        ({"observation": -1}, r"the observation -1 at its step 4: its space holds 0 \.\.\. 4"),
        ({"observation": 2.7}, "the observation 2.7 at its step 4"),
        ({"observation": 5}, "the observation 5 at its step 4"),
        ({"observation": None}, "the observation None at its step 4"),
        ({"observation": np.array([2])}, r"the observation array\(\[2\]\) at its step 4"),
        ({"first": -1}, "the observation -1 at its step 0"),
        ({"terminated": None}, "`terminated` None at its step 4: it is True or False"),
        ({"truncated": "no"}, "`truncated` 'no' at its step 4"),
        (mask([1]), r"the action mask \[1\] at its step 4: .* shape"),
        (mask([0.5, float("nan")]), "the action mask .* at its step 4"),
        (mask("no"), "the action mask 'no' at its step 4"),
    ],
)
@learners
def test_what_is_no_number_no_state_and_no_mask_is_named(
    name: str, told: dict[str, Any], words: str
) -> None:
    agent: Any = agents.make(name, Corridor(told), seed=0)
    with pytest.raises((NotFiniteError, OddAnswerError), match=f"in Corridor, .* gave {words}"):
        agent.learn(200)
    assert np.isfinite(agent.q).all()


@learners
def test_a_mask_must_leave_an_action_while_the_episode_goes_on(name: str) -> None:
    with pytest.raises(
        OddAnswerError, match=r"in Corridor, the action mask of state . at its step 4 forbids"
    ):
        agents.make(name, Corridor(mask([0, 0]))).learn(200)


@pytest.mark.parametrize(
    "told",
    [
        {"reward": np.float32(1.0)},
        {"reward": np.array(1)},
        {"reward": True},
        {"reward": np.bool_(True)},
        {"observation": np.int8(3)},
        {"observation": np.array(3)},
        {"observation": 3.0},
        {"terminated": np.bool_(False), "truncated": 1},
        mask(None),
        mask([1.0, 0.0]),
        {**mask([0, 0]), "terminated": True},
    ],
)
def test_numbers_states_and_masks_of_other_types_are_taken(told: dict[str, Any]) -> None:
    agent: Any = agents.make("sarsa", Corridor(told), seed=0).learn(50)
    assert agent.visits.sum() == 50


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid value")
@learners
def test_values_that_grow_beyond_all_bounds_are_an_error(name: str) -> None:
    agent = agents.make(name, Corridor({"reward": 1.7e308, "truncated": True}), discount=1.0)
    with pytest.raises(NotFiniteError, match="beyond all bounds"):
        agent.learn(400)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ((1.0, 0, float("nan"), False), "R is nan"),
        ((1.0, 0, float("inf"), False), "R is inf"),
        ((1.0, 0, None, False), "the reward None"),
        ((1.0, 0, np.array([1.0]), False), "the reward array"),
        ((1.0, -1, 1.0, False), "the next state -1"),
        ((1.0, 0.7, 1.0, False), "the next state 0.7"),
        ((1.0, 16, 1.0, False), "the next state 16"),
        ((float("nan"), 0, 1.0, False), "the probability nan"),
        ((1.0, 0, 1.0), "the outcome"),
    ],
)
def test_a_toy_text_model_is_refused_in_the_same_words(outcome: Any, words: str) -> None:
    env = gymnasium.make("FrozenLake-v1")
    env.unwrapped.P[14][2] = [outcome]  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match=f"the P of FrozenLake-v1 is no model: .*{words}"):
        agents.make("q-learning", env)


@pytest.mark.parametrize("first", [(5, 3), (-2, 0), (0, -7), (1, 1)])
@learners
def test_numbers_that_start_elsewhere_name_the_same_rows(name: str, first: tuple[int, int]) -> None:
    env = limited(first=first)
    pair: list[Any] = [
        agents.make(name, one, seed=1, learning_rate=0.5).learn(800) for one in (limited(), env)
    ]
    plain, moved = pair
    state, action = first

    np.testing.assert_array_equal(moved.q, plain.q)
    assert moved.predict(state)[0] == plain.predict(0)[0] + action == 1 + action
    many, _ = moved.predict(np.arange(4) + state, action_masks=np.tile([True, False], (4, 1)))
    assert many.tolist() == [action] * 4
    assert evaluate(moved, env, 3).lengths.tolist() == [4, 4, 4]


@learners
def test_states_that_are_none_are_not_predicted_for(name: str) -> None:
    agent = agents.make(name, limited(first=(1, 0)))
    for wrong in (0, 6, 2.5, [1, 9], None, "2"):
        with pytest.raises(ValueError, match=r"whole numbers, 1 \.\.\. 5, got "):
            agent.predict(wrong)
        with pytest.raises(ValueError, match=r"whole number 1 \.\.\. 5"):
            agent.policy.distribution(wrong)


def evaluated(agent: Any, env: Any) -> None:
    evaluate(agent, env, 2)


def stepped(agent: Any, env: Any) -> None:
    del agent
    if env.unwrapped.cell == 4:
        env.reset()
    env.step(1)


def played_unwrapped(agent: Any, env: Any) -> None:
    del agent
    env.unwrapped.reset()
    env.unwrapped.step(1)


def learned_in(agent: Any, env: Any) -> None:
    del agent
    agents.make("sarsa", env, seed=9).learn(7)


@pytest.mark.parametrize("meddle", [evaluated, stepped, played_unwrapped, learned_in])
@learners
def test_a_step_that_never_happened_is_not_learned(
    name: str, meddle: Callable[[Any, Any], None]
) -> None:
    env = limited()
    agent: Any = agents.make(name, env, seed=0, discount=1.0)
    rows: list[tuple[int, int, int]] = []
    rule = agent.algorithm.learn

    def watched(memory: Any, t: Any, rules: Any) -> None:
        rows.append((t.state, t.action, t.next_state))
        rule(memory, t, rules)

    agent.algorithm = agent.algorithm._replace(learn=watched)
    for _ in range(6):
        agent.learn(7)
        meddle(agent, env)

    assert all(after == (before + 1 if act else 0) for before, act, after in rows)
    assert len(rows) == 42
    assert env.unwrapped.after_end == 0  # type: ignore[attr-defined]


@learners
def test_two_agents_take_turns_in_one_environment_of_ours(name: str) -> None:
    """Each has its own place in it, so both learn what they learn alone."""
    env = gymnasium.make("rlkit/GridWorld-v0")
    pair = [agents.make(name, env, seed=s, compiled=False, horizon=300) for s in (1, 2)]
    one, other = pair
    for _ in range(3):
        one.learn(100), other.learn(100), evaluate(one, env, 1)

    agent: Any
    for s, agent in enumerate(pair, 1):
        alone: Any = agents.make(name, "rlkit/GridWorld-v0", seed=s, horizon=300).learn(300)
        np.testing.assert_array_equal(agent.q, alone.q)


@learners
def test_an_error_in_the_middle_ends_the_episode(name: str) -> None:
    env = limited()
    agent: Any = agents.make(name, env, seed=0, horizon=1_000).learn(5)
    env.unwrapped.told = {"reward": float("nan")}  # type: ignore[attr-defined]
    with pytest.raises(NotFiniteError, match="a reward"):
        agent.learn(100)
    env.unwrapped.told = {}  # type: ignore[attr-defined]

    agent.learn(500)

    assert env.unwrapped.after_end == 0  # type: ignore[attr-defined]
    assert agent.q.max() <= 1.0


class PaidLake(FrozenLakeEnv):
    """Pays one a step, which its P does not know."""

    def step(self, action: Any) -> Any:
        """Pay one."""
        state, _, terminated, truncated, info = super().step(action)  # type: ignore[no-untyped-call]
        return state, 1.0, terminated, truncated, info


class PaidOne(MDPEnv):
    """Pays one more than its model."""

    def step(self, action: Any) -> Any:
        """Pay one more."""
        state, reward, *rest = super().step(action)
        return state, float(reward) + 1.0, *rest


def paid_by_patch() -> gymnasium.Env[Any, Any]:
    env = FrozenLakeEnv()
    step = env.step

    def paid(action: Any) -> Any:
        state, _, *rest = step(action)  # type: ignore[no-untyped-call]
        return state, 1.0, *rest

    env.step = paid  # type: ignore[method-assign]
    return gymnasium.wrappers.TimeLimit(env, 100)


@pytest.mark.parametrize(
    "make",
    [
        lambda: gymnasium.wrappers.TimeLimit(PaidLake(), 100),
        lambda: gymnasium.wrappers.TimeLimit(PaidOne(TabularModel([[[1.0]]], [[0.0]], 0.99)), 100),
        paid_by_patch,
    ],
)
def test_the_step_that_is_played_is_learned(make: Callable[[], Any]) -> None:
    agent: Any = agents.make("q-learning", make(), learning_rate=0.5, seed=0).learn(2_000)
    plain: Any = agents.make("q-learning", make(), learning_rate=0.5, seed=0, compiled=False)

    assert agent.q[0].max() > 4.0
    np.testing.assert_array_equal(agent.q, plain.learn(2_000).q)
    with pytest.raises(ValueError, match="exact model"):
        agents.make("q-learning", make(), seeds=2)


def test_a_model_that_was_changed_is_read_again() -> None:
    env = gymnasium.make("FrozenLake-v1", is_slippery=False)
    agent: Any = agents.make("q-learning", env, learning_rate=1.0, epsilon=1.0).learn(100)
    base: Any = env.unwrapped
    base.P[0][0] = [(1.0, 0, 7.0, True)]

    assert agent.learn(2_000).q[0, 0] == 7.0
    base.step = lambda action: (0, 3.0, True, False, {"action": action})
    assert agent.learn(2_000).q[0].tolist() == [3.0] * 4


def test_observations_that_hide_states_are_learned_as_they_are_shown() -> None:
    """Two states look alike; the first pays 0 and leads to the second, which pays 1 and ends."""
    P = np.zeros((2, 1, 2))
    P[0, 0, 1] = 1.0
    model = TabularModel(P, [[0.0], [1.0]], 1.0, terminates=[[0.0], [1.0]], initial=[1, 0])
    env = MDPEnv(model, observations=np.zeros(2, np.int64), observation_space=spaces.Discrete(1))

    agent: Any = agents.make("monte-carlo", env, every_visit=True).learn(200)

    assert agent.q.tolist() == [[1.0]]


@pytest.mark.parametrize(
    ("space", "words"),
    [
        (spaces.MultiDiscrete([3, 2]), "IndexObservation numbers such"),
        (spaces.Tuple([spaces.Discrete(2)] * 2), "IndexObservation numbers such"),
        (spaces.Box(0, 1, (2,)), "observation='index'.* ppo, .*sb3:ppo"),
    ],
)
@learners
def test_other_observations_are_refused_with_what_is_possible(
    name: str, space: spaces.Space[Any], words: str
) -> None:
    env = Corridor()
    env.observation_space = space
    with pytest.raises(TypeError, match=f"needs a Discrete observation space.*{words}"):
        agents.make(name, env)


@learners
def test_other_actions_are_refused_with_what_is_possible(name: str) -> None:
    env = Corridor()
    env.action_space = spaces.MultiDiscrete([3, 2])
    with pytest.raises(TypeError, match=r"needs a Discrete action space.* can act here: .*sb3:ppo"):
        agents.make(name, env)


def foreign() -> gymnasium.Env[Any, Any]:
    return limited()


def ours() -> gymnasium.Env[Any, Any]:
    return gymnasium.make("rlkit/GridWorld-v0")


def again(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))  # noqa: S301 - our own


def toy_text() -> gymnasium.Env[Any, Any]:
    return gymnasium.make("FrozenLake-v1")


@pytest.mark.parametrize("way", [copy.deepcopy, again])
@pytest.mark.parametrize("make", [foreign, ours, toy_text])
@pytest.mark.parametrize("compiled", [True, False])
@learners
def test_a_copied_agent_learns_on_alike_and_by_itself(
    name: str, make: Callable[[], Any], compiled: bool, way: Callable[[Any], Any]
) -> None:
    def learner() -> Any:
        settings = {"seed": 3, "horizon": 1_000, "compiled": compiled}
        return agents.make(name, make(), **settings).learn(333)

    agent = learner()
    copied = way(agent)

    def table_of(one: Any) -> Array:
        return np.asarray(one.learn(500).q)

    once = table_of(way(copied))
    np.testing.assert_array_equal(table_of(copied), once)
    np.testing.assert_array_equal(table_of(agent), once)
    np.testing.assert_array_equal(table_of(learner()), once)


@learners
def test_a_copy_of_a_disturbed_agent_begins_a_new_episode_too(name: str) -> None:
    env = limited()
    agent: Any = agents.make(name, env, seed=3, horizon=1_000).learn(33)
    env.step(1)
    copied = copy.deepcopy(agent)

    np.testing.assert_array_equal(agent.learn(200).q, copied.learn(200).q)
    assert agent.env.unwrapped.after_end == copied.env.unwrapped.after_end == 0


def test_a_state_that_was_taken_stays_as_it_was() -> None:
    agent = agents.make("sarsa-lambda", "rlkit/GridWorld-v0").learn(500)
    state = agent.state_dict()
    before = {name: array.copy() for name, array in state.items()}

    agent.learn(500)

    for name, array in state.items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize(
    "settings",
    [
        {"count_bonus": float("nan")},
        {"count_bonus": -1},
        {"count_bonus": "much"},
        {"initial_value": float("inf")},
        {"initial_value": None},
        {"horizon": 2.5},
        {"horizon": "long"},
        {"discount": float("nan")},
        {"discount": "0.9"},
        {"compiled": "no"},
        {"learning_rate": float("nan")},
        {"epsilon": -0.1},
        {"n": 2.5},
        {"n": None},
        {"lambda_": float("nan")},
        {"lambda_": None},
        {"every_visit": 2},
        {"exploring_starts": None},
        {"longest_episode": float("inf")},
        {"seeds": 1.5},
        {"seeds": 0},
        {"seed": -1},
        {"seed": 0.5},
    ],
)
def test_settings_that_are_no_numbers_are_refused_by_name(settings: dict[str, Any]) -> None:
    (setting,) = settings
    owner = {"n": "n-step-sarsa", "lambda_": "sarsa-lambda"}.get(setting, "monte-carlo")
    with pytest.raises(ValueError, match=f"^{setting} must "):
        agents.make(owner, "FrozenLake-v1", **settings)


@learners
def test_steps_and_seeds_are_taken_as_people_write_them(name: str, tmp_path: Path) -> None:
    plain: Any = agents.make(name, "rlkit/GridWorld-v0", seed=3, epsilon=0.25).learn(100)
    agent: Any = agents.make(
        name, "rlkit:rlkit/GridWorld-v0", seed=np.int64(3), epsilon=np.float32(0.25)
    ).learn(1e2)

    assert type(agent.num_timesteps) is type(agent.seed) is int
    np.testing.assert_array_equal(agent.q, plain.q)
    again = rlkit.load(agent.save(tmp_path / "agent"))
    assert again.config == agent.config == plain.config
    assert json.loads((tmp_path / "agent" / "checkpoint.json").read_text("utf-8"))["config"]
    for wrong in (0.5, "10", -1, None, float("nan")):
        with pytest.raises(ValueError, match="total_timesteps must be a whole number"):
            agent.learn(wrong)


def test_without_a_seed_two_agents_differ() -> None:
    one, other = (QLearning("rlkit/GridWorld-v0", seed=None) for _ in range(2))
    assert one.seed != other.seed
    assert not np.array_equal(one.learn(500).q, other.learn(500).q)
