"""Compiled learning loops: agent and environment in one, table by table."""

from typing import Any

import numpy as np

from rlkit.agents.tabular.updates import epsilon_greedy, linear, q_learning_target, step_size
from rlkit.arrays import Array, Floats, Ints
from rlkit.compiled import compiled
from rlkit.envs.kernels import pick
from rlkit.randomness import uniform


@compiled
def q_learning(
    tables: tuple[Floats, Ints],
    streams: tuple[Array, Array, Array, Array],
    places: tuple[Ints, Ints],
    model: tuple[Any, ...],
    first: tuple[Any, ...],
    settings: tuple[float, float, float, float, float, int],
    begin: int,
    steps: int,
    limit: int,
) -> None:
    """Run Q-learning for `steps` steps on each table (NNDL Alg. 14.4).

    The draws of environment and agent come in the order of the plain loop, so both give the same
    bits.
    """
    q, visits = tables
    env_keys, env_counters, agent_keys, agent_counters = streams
    states, elapsed = places
    starts, records, legal = model
    first_starts, first_records = first
    rate, decay, discount, epsilon_start, epsilon_stop, horizon = settings
    one = np.uint64(1)
    num_actions = q.shape[2]
    for i in range(len(q)):
        table, count, s = q[i], visits[i], states[i]
        for step in range(begin, begin + steps):
            epsilon = linear(epsilon_start, epsilon_stop, step, horizon)
            draw = uniform(agent_keys[i], agent_counters[i])
            agent_counters[i] += one
            a = epsilon_greedy(table[s], legal[s], epsilon, draw)
            draw = uniform(env_keys[i], env_counters[i])
            env_counters[i] += one
            place, own = pick(starts, records, s * num_actions + a, draw)
            record = records[place]
            s_next = np.int64(record["next_state"] if own else record["alias_state"])
            reward = record["reward"] if own else record["alias_reward"]
            terminated = bool(s_next < 0)
            s_next = ~s_next if terminated else s_next
            elapsed[i] += 1
            count[s, a] += 1
            target = q_learning_target(reward, terminated, discount, table[s_next], legal[s_next])
            table[s, a] += step_size(rate, decay, count[s, a]) * (target - table[s, a])
            s = s_next
            if terminated or elapsed[i] == limit:
                draw = uniform(env_keys[i], env_counters[i])
                env_counters[i] += one
                place, own = pick(first_starts, first_records, 0, draw)
                record = first_records[place]
                s = np.int64(record["next_state"] if own else record["alias_state"])
                elapsed[i] = 0
        states[i] = s
