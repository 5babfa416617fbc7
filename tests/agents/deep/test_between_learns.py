"""Others may play an agent's environment between two calls of `learn`, and in callbacks."""

from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers import TimeLimit

pytest.importorskip("torch")

from rlkit import agents
from rlkit.agents.checking import NotFiniteError, OddAnswerError
from rlkit.evaluation import evaluate
from rlkit.loop import steps

LONGEST = 9


class Line(gymnasium.Env[Any, Any]):
    """Goes one place on with each step, and ends at the last; refuses to be stepped after that."""

    observation_space = spaces.Discrete(LONGEST + 1)
    action_space = spaces.Discrete(2)

    def __init__(self) -> None:
        self.place = LONGEST

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        """Go to the beginning."""
        super().reset(seed=seed, options=options)
        self.place = 0
        return 0, {}

    def step(self, action: Any) -> Any:
        """Go on."""
        del action
        assert self.place < LONGEST, "an episode that was over was stepped"
        self.place += 1
        return self.place, 1.0, self.place == LONGEST, False, {}


AGENTS: dict[str, dict[str, Any]] = {
    "ppo": {"num_envs": 1, "steps": 7, "batch_size": 7},
    "dqn": {"learning_starts": 10, "train_every": 5, "gradient_steps": 1, "n_steps": 3},
    "actor-critic": {"num_envs": 1},
    "one-step-actor-critic": {},
    "reinforce": {"num_envs": 1},
}


def evaluated(agent: Any, env: Any) -> None:
    evaluate(agent, env, 2)


def evaluated_by_stable_baselines(agent: Any, env: Any) -> None:
    from stable_baselines3.common.evaluation import evaluate_policy

    evaluate_policy(agent, env, 2, warn=False)


def evaluated_in_a_wrapper(agent: Any, env: Any) -> None:
    evaluate(agent, TimeLimit(env, 5), 2)


def stepped(agent: Any, env: Any) -> None:
    del agent
    while env.place < LONGEST:
        env.step(0)


OTHERS = [evaluated, evaluated_by_stable_baselines, evaluated_in_a_wrapper, stepped]


def places_of(agent: Any) -> list[tuple[int, int]]:
    """Return the pairs of places that the memory of a DQN holds as steps."""
    replay = agent._memory.replay
    fields, written = replay.fields, int(replay.written[0])
    seen, real = fields["observations"][0], fields["real"][0]
    ends = fields["terminated"][0]
    return [(seen[i], seen[i + 1]) for i in range(written - 1) if real[i] and not ends[i]]


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("name", AGENTS)
def test_new_episodes_begin_where_others_have_played(
    name: str, other: Callable[[Any, Any], None]
) -> None:
    pytest.importorskip("stable_baselines3")
    env = Line()
    agent: Any = agents.make(name, env, seed=0, **AGENTS[name])
    agent.learn(33)
    other(agent, env)
    agent.learn(40)
    assert agent.world.episodes >= 3
    assert set(agent.world.lengths) == {LONGEST}
    if name == "dqn":
        assert set(np.diff(places_of(agent)).ravel()) == {1}


@pytest.mark.parametrize("name", AGENTS)
def test_callbacks_may_evaluate_in_the_same_environment(name: str) -> None:
    env = Line()
    agent: Any = agents.make(name, env, seed=0, **AGENTS[name])
    agent.learn(60, callback=lambda progress: evaluated(progress.agent, env))
    assert agent.num_timesteps >= 60
    assert set(agent.world.lengths) <= {LONGEST}
    if name == "dqn":
        assert set(np.diff(places_of(agent)).ravel()) == {1}


@pytest.mark.parametrize("mode", AutoresetMode)
def test_vectors_and_what_is_in_them_are_watched(mode: AutoresetMode) -> None:
    inside = [Line(), Line()]
    vector = SyncVectorEnv([lambda env=env: env for env in inside], autoreset_mode=mode)  # type: ignore[misc]
    agent: Any = agents.make("ppo", vector, seed=0, steps=5, batch_size=10)
    agent.learn(10)
    evaluate(agent, inside[1], 1)
    agent.learn(60)
    vector.reset(seed=0)
    agent.learn(60)
    assert set(agent.world.lengths) == {LONGEST}


def test_nobody_elses_doing_changes_nothing() -> None:
    def learned(*parts: int) -> Any:
        env = gymnasium.make("CartPole-v1")
        agent: Any = agents.make("ppo", env, num_envs=1, steps=20, seed=1, horizon=100)
        for part in parts:
            agent.learn(part)
            evaluate(agent, "CartPole-v1", 1)
        return agent.parameters.detach().numpy()

    np.testing.assert_array_equal(learned(80), learned(20, 40, 20))


def test_what_is_saved_after_an_evaluation_is_what_goes_on() -> None:
    env = gymnasium.make("CartPole-v1")
    agent: Any = agents.make("ppo", env, num_envs=1, steps=20, seed=1, horizon=100).learn(40)
    evaluate(agent, env, 1)
    other: Any = agents.make("ppo", "CartPole-v1", num_envs=1, steps=20, seed=1, horizon=100)
    other.load_state_dict(agent.state_dict())
    agent.learn(40)
    other.learn(40)
    np.testing.assert_array_equal(agent.parameters.detach(), other.parameters.detach())


def test_two_agents_may_share_an_environment() -> None:
    env = Line()
    pair: list[Any] = [agents.make(name, env, seed=0, **AGENTS[name]) for name in ("ppo", "dqn")]
    for _ in range(3):
        for agent in pair:
            agent.learn(14)
    for agent in pair:
        assert set(agent.world.lengths) == {LONGEST}


def test_an_interaction_of_ones_own_is_noticed() -> None:
    env = Line()
    agent: Any = agents.make("one-step-actor-critic", env, seed=0).learn(3)
    next(iter(steps(env, lambda *_: 0, np.random.default_rng(0))))
    agent.learn(2 * LONGEST)
    assert set(agent.world.lengths) == {LONGEST}


@pytest.mark.parametrize("odd", [KeyboardInterrupt, np.nan, None])
@pytest.mark.parametrize("name", AGENTS)
def test_after_an_interruption_new_episodes_begin(name: str, odd: Any) -> None:
    """The environment may have gone on while the agent did not see it, or to what is no number."""

    class Interrupted(Line):
        def step(self, action: Any) -> Any:
            place, reward, *rest = super().step(action)
            if self.place == 4 and not self.before:
                self.before = True
                if odd is KeyboardInterrupt:
                    raise KeyboardInterrupt
                reward = odd
            return place, reward, *rest

        before = False

    env = Interrupted()
    agent: Any = agents.make(name, env, seed=0, **AGENTS[name])
    with pytest.raises((KeyboardInterrupt, NotFiniteError, OddAnswerError)):
        agent.learn(40)
    agent.learn(80)
    assert set(agent.world.lengths) == {LONGEST}
    assert np.isfinite(agent.parameters.detach().numpy()).all()
    if name == "dqn":
        replay = agent._memory.replay
        assert set(np.diff(places_of(agent)).ravel()) == {1}
        assert np.isfinite(replay.fields["rewards"]).all()
        # Of the first episode the first three places are known, and two steps.
        assert replay.fields["observations"][0, :4].tolist() == [0, 1, 2, 0]
        assert replay.fields["real"][0, :4].tolist() == [True, True, False, True]
        assert replay.fields["cut"][0, :4].tolist() == [False, True, False, False]
