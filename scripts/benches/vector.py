"""Steps a second of the native vector environment, against Gymnasium's SyncVectorEnv."""

from functools import partial

import numpy as np
from gymnasium.utils.performance import benchmark_vector_step
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from rlkit.envs.adapter import MDPEnv, MDPVectorEnv
from rlkit.model import TabularModel
from rlkit.scripts.benches import Options, Row
from rlkit.scripts.benches.timing import alternating

ENVIRONMENTS = (64, 4_096)
SECONDS = 1
"""Of each measurement."""


def dense_problem(num_states: int = 100, num_actions: int = 4) -> TabularModel:
    """Return a problem whose rows are all dense and end the episode once in 50 steps."""
    rng = np.random.default_rng(0)
    pairs = (num_states, num_actions)
    P = 0.98 * rng.dirichlet(np.ones(num_states), size=pairs)
    return TabularModel(P, rng.normal(size=pairs), 0.99, terminates=np.full(pairs, 0.02))


def bench(options: Options) -> list[Row]:
    """Return one row for each number of environments; Gymnasium's own benchmark measures."""
    model = dense_problem()
    rows = []
    for number in ENVIRONMENTS:
        options.note(f"{number:,} environments")
        contestants = {
            "rlkit": MDPVectorEnv(model, num_envs=number, autoreset_mode=AutoresetMode.NEXT_STEP),
            "SyncVectorEnv": SyncVectorEnv([partial(MDPEnv, model)] * number),
        }
        measured = alternating(
            {
                name: partial(benchmark_vector_step, envs, SECONDS, 0)
                for name, envs in contestants.items()
            },
            options.repeats,
        )
        rows.append({"environments": number, **{k: round(v) for k, v in measured.items()}})
    return rows
