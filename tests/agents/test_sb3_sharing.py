"""Agents of Stable-Baselines3 beside others: seeds, global generators, environments, copies."""

import copy
import math
import pickle
import random
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

pytest.importorskip("stable_baselines3")
pytest.importorskip("sb3_contrib")

import torch

from rlkit import agents
from rlkit.agents.checking import NotFiniteError, OddAnswerError
from rlkit.evaluation import evaluate

BRIEF: dict[str, Any] = {"n_steps": 16, "batch_size": 16, "n_epochs": 1}
LONGEST = 9


class Line(gymnasium.Env[Any, Any]):
    """Goes one place on with each step; refuses to be stepped after the end."""

    observation_space: spaces.Space[Any] = spaces.Discrete(LONGEST + 1)
    action_space: spaces.Space[Any] = spaces.Discrete(2)

    def __init__(self, odd: dict[str, Any] | None = None) -> None:
        self.odd, self.taken = odd or {}, 0
        self.place = LONGEST
        self.seeds: list[Any] = []

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        """Go to the beginning."""
        super().reset(seed=seed, options=options)
        self.seeds.append(seed)
        self.place = 0
        return 0, {}

    def step(self, action: Any) -> Any:
        """Go on."""
        assert self.action_space.contains(action), "an action that is none"
        assert self.place < LONGEST, "an episode that was over was stepped"
        self.place += 1
        self.taken += 1
        odd = self.odd if self.taken == 7 else {}
        return odd.get("seen", self.place), odd.get("reward", 1.0), self.place == LONGEST, False, {}


def weights(agent: Any) -> list[Any]:
    return [value.detach().numpy().copy() for value in agent.model.policy.state_dict().values()]


def assert_alike(x: Any, y: Any) -> None:
    for a, b in zip(weights(x), weights(y), strict=True):
        np.testing.assert_array_equal(a, b)


def pickled(agent: Any) -> Any:
    return pickle.loads(pickle.dumps(agent))  # noqa: S301 - our own


TINY = {**BRIEF, "policy_kwargs": {"lstm_hidden_size": 8, "net_arch": [8]}}
CASES: dict[str, dict[str, Any]] = {
    "sb3:dqn": {"learning_starts": 10, "n_steps": 3},
    "sb3:ppo": BRIEF,
    "sb3:recurrent-ppo": TINY,
}


@pytest.mark.parametrize("name", CASES)
def test_new_episodes_begin_where_others_have_played(name: str) -> None:
    env = Line()
    agent: Any = agents.make(name, env, seed=0, **CASES[name]).learn(20)
    evaluate(agent, env, 2)
    agent.learn(20)
    memory = getattr(agent.model, "replay_buffer", None)
    if memory is not None:
        seen, after = (
            x[: memory.pos, 0, 0] for x in (memory.observations, memory.next_observations)
        )
        ends = (memory.dones + memory.timeouts)[: memory.pos, 0] > 0
        assert set(after - seen) == {1}
        assert (seen[1:][~ends[:-1]] == after[:-1][~ends[:-1]]).all()  # no n steps across


def test_a_callback_must_not_play_what_is_learned_in() -> None:
    env = Line()
    agent = agents.make("sb3:ppo", env, seed=0, **BRIEF)

    def evaluates(played: Any, going: bool = True) -> Callable[[Any], bool]:
        def callback(progress: Any) -> bool:
            evaluate(progress.agent, played, 1)
            return going

        return callback

    with pytest.raises(RuntimeError, match="evaluate in another one"):
        agent.learn(40, callback=evaluates(env))
    agent.learn(40, callback=evaluates(Line()))

    agent.learn(40, callback=evaluates(env, going=False))
    agent.learn(40)


def test_environments_of_neighbouring_seeds_have_nothing_in_common() -> None:
    from rlkit.agents.sb3.vectors import Singles

    def seeds(seed: int) -> list[Any]:
        envs = [Line() for _ in range(8)]
        vector = Singles([lambda env=env: env for env in envs])  # type: ignore[misc]
        vector.seed(seed)
        vector.reset()
        return [env.seeds[0] for env in envs]

    found = [seeds(seed) for seed in range(5)]
    assert len({one for row in found for one in row}) == 5 * 8
    assert [row[0] for row in found] == list(range(5))  # alone it is Stable-Baselines3's
    assert seeds(3) == found[3]


def test_agents_do_not_draw_from_each_others_streams() -> None:
    def made(seed: int) -> Any:
        return agents.make("sb3:ppo", "CartPole-v1", seed=seed, **BRIEF)

    alone = made(1).learn(64)
    first, _other = made(1), made(2).learn(32)
    first.learn(32)
    _other.learn(16)
    first.learn(32)
    assert_alike(first, alone)


def test_the_global_generators_are_left_as_they_were() -> None:
    numpy: Any = np.random.get_state
    before = random.getstate(), numpy()[1], torch.get_rng_state()
    agent = agents.make("sb3:dqn", "CartPole-v1", seed=0, learning_starts=5).learn(20)
    agent.predict(np.zeros(4, np.float32))
    assert random.getstate() == before[0]
    np.testing.assert_array_equal(numpy()[1], before[1])
    assert torch.equal(torch.get_rng_state(), before[2])


@pytest.mark.parametrize("duplicate", [copy.deepcopy, pickled])
@pytest.mark.parametrize(
    ("name", "env", "settings"),
    [
        ("sb3:ppo", "CartPole-v1", {**BRIEF, "num_envs": 2}),
        ("sb3:dqn", Line, {"learning_starts": 10}),
        ("sb3:recurrent-ppo", Line, TINY),
    ],
)
def test_a_copy_goes_on_alike(
    name: str, env: Any, settings: dict[str, Any], duplicate: Callable[[Any], Any]
) -> None:
    agent = agents.make(name, env if isinstance(env, str) else env(), seed=4, **settings)
    agent.learn(37)
    other = duplicate(agent)
    before = weights(agent)
    agent.learn(40)
    for a, b in zip(weights(other), before, strict=True):
        np.testing.assert_array_equal(a, b)
    other.learn(40)
    assert other.num_timesteps == agent.num_timesteps
    assert_alike(other, agent)


@pytest.mark.parametrize("seed", [np.int64(3), None, 2**70])
def test_seeds_of_any_kind_and_steps_as_people_write_them(seed: Any) -> None:
    agent: Any = agents.make(
        "sb3:ppo", "CartPole-v1", seed=seed, n_steps=16.0, batch_size=np.int64(16)
    )
    agent.learn(1e1)
    assert agent.num_timesteps == 16
    assert type(agent.seed) is int
    with pytest.raises(ValueError, match="total_timesteps must be a whole number from 0 on"):
        agent.learn(0.5)
    with pytest.raises(ValueError, match=r"n_steps must be a whole number .* got 16\.5"):
        agents.make("sb3:ppo", "CartPole-v1", n_steps=16.5)


@pytest.mark.parametrize("value", ["0.9x", math.nan, True, None])
@pytest.mark.parametrize("setting", ["gae_lambda", "n_steps", "learning_rate", "num_envs"])
def test_a_number_that_is_none_is_refused_by_its_name(setting: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{setting} must be a"):
        agents.make("sb3:ppo", "CartPole-v1", **{setting: value})


def test_settings_are_taken_as_the_algorithm_means_them() -> None:
    """A default may be whole where a fraction is meant; a text or a pair may be one, too."""
    dqn: Any = agents.make(
        "sb3:dqn", "CartPole-v1", max_grad_norm=0.5, train_freq=[1, "episode"], buffer_size=1e3
    )
    assert (dqn.model.max_grad_norm, dqn.model.buffer_size) == (0.5, 1000)
    assert dqn.model.train_freq.frequency == 1
    agents.make("sb3:sac", "Pendulum-v1", ent_coef="auto", buffer_size=10, gamma=None)
    with pytest.raises(ValueError, match="normalize_advantage must be True or False"):
        agents.make("sb3:ppo", "CartPole-v1", normalize_advantage="no")


class FromOne(Line):
    """Acts count from 1."""

    action_space = spaces.Discrete(2, start=1)


class SeenFromOne(Line):
    """Observations count from 1."""

    observation_space = spaces.Discrete(LONGEST + 1, start=1)


@pytest.mark.parametrize("name", ["sb3:ppo", "sb3:dqn", "sb3:a2c", "ppo"])
def test_what_does_not_count_from_zero_is_refused_with_a_way_out(name: str) -> None:
    with pytest.raises(TypeError, match=r"no agent can act in it.*lambda action: action \+ 1"):
        agents.make(name, FromOne(), **({} if ":" in name else {"num_envs": 1}))
    if ":" in name:
        with pytest.raises(TypeError, match="reads observations that count from 0"):
            agents.make(name, SeenFromOne())


@pytest.mark.parametrize(
    ("odd", "error", "message"),
    [
        ({"reward": None}, OddAnswerError, "the reward None at its step 7: a reward is one number"),
        ({"reward": np.nan}, NotFiniteError, "a reward that is not finite at its step 7"),
        ({"seen": LONGEST + 1}, OddAnswerError, r"its space holds 0 \.\.\. 9"),
        ({"seen": np.zeros(2)}, OddAnswerError, r"it has the shape \(2,\)"),
    ],
)
def test_odd_answers_are_named(odd: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=f"in Line, environment 0 gave .*{message}"):
        agents.make("sb3:ppo", Line(odd), seed=0, **BRIEF).learn(20)


class Masked(Line):
    """Tells its masks as sb3-contrib asks for them."""

    def action_masks(self) -> Any:
        """Return the mask, which is odd in the fourth place."""
        return self.odd["mask"] if self.place == 4 else np.ones(2, np.bool_)


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        ([1, 1, 1], r"action masks have the shape \(1, 2\), got \(1, 3\)"),
        ([0, 0], "at least one action must be legal"),
        ([np.nan, 1], "it holds numbers below 0, or none"),
    ],
)
def test_odd_masks_are_named(mask: list[Any], message: str) -> None:
    agent = agents.make("sb3:maskable-ppo", Masked({"mask": np.array(mask)}), seed=0, **BRIEF)
    with pytest.raises(
        OddAnswerError, match=f"in Masked, environment 0 gave .*step 4: .*{message}"
    ):
        agent.learn(20)
