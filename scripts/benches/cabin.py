"""Decisions a second of the cabin simulator, alone and vectorised, with random legal acts.

Choosing the acts is not timed: the random numbers behind them are drawn beforehand, and only the
calls of `step` (and of `reset`, for one environment) count.
"""

import time
from collections.abc import Callable
from functools import partial

import gymnasium
import numpy as np

from rlkit.scripts.benches import Options, Row
from rlkit.scripts.benches.timing import alternating

IDS = ("rlkit/CabinBench1-v0", "rlkit/CabinBench3-v0", "rlkit/CabinMotorway-v0", "rlkit/Cabin-v0")
ENVIRONMENTS = 1_024
SECONDS = 2.0
"""Of each measurement."""


def bench(options: Options) -> list[Row]:
    """Return one row for each scenario."""
    rows = []
    for env_id in IDS:
        options.note(env_id)
        contestants: dict[str, Callable[[], float]] = {
            "one": partial(one, env_id),
            f"{ENVIRONMENTS:,}": partial(many, env_id),
        }
        measured = alternating(contestants, options.repeats)
        rows.append({"scenario": env_id, **{k: round(v) for k, v in measured.items()}})
    return rows


def one(env_id: str) -> float:
    """Return the decisions a second of one environment from `gymnasium.make`."""
    env = gymnasium.make(env_id)
    _, info = env.reset(seed=0)
    rng = np.random.default_rng(0)
    decisions, spent = 0, 0.0
    while spent < SECONDS:
        action = int(rng.choice(np.flatnonzero(info["action_mask"])))
        start = time.perf_counter()
        _, _, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            _, info = env.reset()
        spent += time.perf_counter() - start
        decisions += 1
    env.close()
    return decisions / spent


def many(env_id: str) -> float:
    """Return the decisions a second of a native vector; steps that only begin count none."""
    envs = gymnasium.make_vec(env_id, num_envs=ENVIRONMENTS, autoreset_mode="SameStep")
    _, info = envs.reset(seed=0)
    rng = np.random.default_rng(0)
    decisions, spent = 0, 0.0
    while spent < SECONDS:
        mask = info["action_mask"]
        actions = np.argmax(mask * rng.random(mask.shape, np.float32), axis=1)
        start = time.perf_counter()
        _, _, _, _, info = envs.step(actions)
        spent += time.perf_counter() - start
        decisions += ENVIRONMENTS
    envs.close()
    return decisions / spent
