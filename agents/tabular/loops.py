"""The one learning loop of all tabular agents, compiled and plain.

The draws of environment and agent come in the same order in both, so they give the same bits.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from rlkit.agents.tabular.rules import Memory, Settings, Transition, any_action
from rlkit.agents.tabular.worlds import World, start_states
from rlkit.arrays import Array, Floats, Ints
from rlkit.compiled import compiled, inlined
from rlkit.envs.kernels import pick
from rlkit.envs.tabular import Tabular
from rlkit.randomness import Stream, uniform

Choose = Callable[..., int]
Learn = Callable[[Memory, Transition, Settings], None]

ENV_KEY, ENV_COUNTER, AGENT_KEY, AGENT_COUNTER = range(4)
"""Places in the stream array of a table."""
STATE, ACTION, ELAPSED = range(3)
"""Places in its situation: -1 where the state or the action is not chosen yet."""
RETURN, EPISODES, TOTAL = range(3)
"""Places in its record: return of this episode, finished episodes, and the sum of their returns."""


class Algorithm(NamedTuple):
    """What makes one learner different from another.

    Attributes:
        learn: `learn(memory, transition, settings)`, called after every step.
        choose: `choose(memory, s, settings, step, draw)`, the behaviour policy.
        on_policy: Whether `learn` needs the next action, which is then taken.
        coin: Whether `learn` needs a random number.
        exploring_starts: Whether episodes begin with a random state and action.
    """

    learn: Learn
    choose: Choose
    on_policy: bool = False
    coin: bool = False
    exploring_starts: bool = False


class Model(NamedTuple):
    """An environment with a model, in the form that the compiled loop takes."""

    starts: Ints
    records: Array
    first_starts: Ints
    first_records: Array
    anywhere: Ints

    @classmethod
    def of(cls, tabular: Tabular) -> "Model":
        """Return the sampling tables of a model."""
        outcomes, first = tabular.outcomes.sampler[:2], tabular.first.sampler[:2]
        return cls(*outcomes, *first, start_states(tabular.model))


@inlined
def outcome(starts: Ints, records: Array, row: int, draw: float) -> tuple[int, float, bool]:
    """Return (next state, reward, terminated) that a draw in [0, 1) selects in a row."""
    place, own = pick(starts, records, row, draw)
    record = records[place]
    state = int(record["next_state"] if own else record["alias_state"])
    reward: float = record["reward"] if own else record["alias_reward"]
    if state < 0:
        return ~state, reward, True
    return state, reward, False


@cache
def compiled_loop(algorithm: Algorithm) -> Callable[..., None]:
    """Return the compiled loop of an algorithm: agent and environment in one, for one table."""
    learn, choose = algorithm.learn, algorithm.choose
    on_policy, coin, exploring_starts = algorithm[2:]

    @compiled
    def loop(
        memory: Memory,
        streams: Array,
        situation: Ints,
        record: Floats,
        model: Model,
        settings: Settings,
        begin: int,
        steps: int,
        limit: int,
    ) -> None:
        env_key, env_counter, agent_key, agent_counter = streams
        starts, records, first_starts, first_records, anywhere = model
        one = np.uint64(1)
        s, a, elapsed = situation
        num_actions = memory[0].shape[1]
        for step in range(begin, begin + steps):
            if s < 0:
                draw = uniform(env_key, env_counter)
                env_counter += one
                s, _, _ = outcome(first_starts, first_records, 0, draw)
                elapsed = 0
                if exploring_starts:
                    draw = uniform(agent_key, agent_counter)
                    s = anywhere[int(draw * len(anywhere))]
                    draw = uniform(agent_key, agent_counter + one)
                    a = any_action(memory[2], s, draw)
                    agent_counter += np.uint64(2)
            if a < 0:
                draw = uniform(agent_key, agent_counter)
                agent_counter += one
                a = choose(memory, s, settings, step, draw)
            draw = uniform(env_key, env_counter)
            env_counter += one
            s_next, reward, terminated = outcome(starts, records, s * num_actions + a, draw)
            elapsed += 1
            cut = terminated or elapsed == limit
            a_next = -1
            if on_policy and not terminated:
                draw = uniform(agent_key, agent_counter)
                agent_counter += one
                a_next = choose(memory, s_next, settings, step + 1, draw)
            draw = 0.0
            if coin:
                draw = uniform(agent_key, agent_counter)
                agent_counter += one
            t = Transition(s, a, reward, s_next, a_next, terminated, cut, step, draw)
            learn(memory, t, settings)
            record[RETURN] += reward
            if cut:
                record[EPISODES] += 1.0
                record[TOTAL] += record[RETURN]
                record[RETURN] = 0.0
            s, a = (-1, -1) if cut else (s_next, a_next)
        streams[ENV_COUNTER], streams[AGENT_COUNTER] = env_counter, agent_counter
        situation[STATE], situation[ACTION], situation[ELAPSED] = s, a, elapsed

    return loop


def plain_loop(
    algorithm: Algorithm,
    memory: Memory,
    streams: Array,
    situation: Ints,
    record: Floats,
    world: World,
    settings: Settings,
    begin: int,
    steps: int,
) -> None:
    """Run the same loop on an environment itself, a step at a time."""
    learn, choose = algorithm.learn, algorithm.choose
    stream = Stream(int(streams[AGENT_KEY]), int(streams[AGENT_COUNTER]))
    s, a = int(situation[STATE]), int(situation[ACTION])
    for step in range(begin, begin + steps):
        if s < 0:
            s = world.reset(stream.random() if algorithm.exploring_starts else None)
            situation[ELAPSED] = 0
            if algorithm.exploring_starts:
                a = any_action(memory[2], s, stream.random())
        if a < 0:
            a = choose(memory, s, settings, step, stream.random())
        s_next, reward, terminated, truncated = world.step(a)
        situation[ELAPSED] += 1
        cut = terminated or truncated or int(situation[ELAPSED]) == world.limit
        a_next = -1
        if algorithm.on_policy and not terminated:
            a_next = choose(memory, s_next, settings, step + 1, stream.random())
        draw = stream.random() if algorithm.coin else 0.0
        t = Transition(s, a, reward, s_next, a_next, terminated, cut, step, draw)
        learn(memory, t, settings)
        record[RETURN] += reward
        if cut:
            record[EPISODES] += 1.0
            record[TOTAL] += record[RETURN]
            record[RETURN] = 0.0
        s, a = (-1, -1) if cut else (s_next, a_next)
    streams[AGENT_COUNTER] = stream.counter
    situation[STATE], situation[ACTION] = s, a
