"""Steps a second of a gridworld, alone and vectorised, against Gymnasium's FrozenLake.

Both play the same lake, where a third of the moves go where they should and a third to either side.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import gymnasium
from gymnasium.utils.performance import benchmark_step, benchmark_vector_step

from rlkit.scripts.benches import Options, Row
from rlkit.scripts.benches.timing import alternating

LAKE: dict[str, Any] = {
    "map": ("S...", ".P.P", "...P", "P..G"),
    "slip": 2 / 3,
    "pit_reward": 0.0,
    "max_episode_steps": 100,
}
ENVIRONMENTS = (1, 64, 4_096)
SECONDS = 1
"""Of each measurement."""


def bench(options: Options) -> list[Row]:
    """Return one row for each number of environments; Gymnasium's own benchmarks measure."""
    rows = []
    for number in ENVIRONMENTS:
        options.note(f"{number:,} environments")
        contestants = {
            "rlkit": _speed("rlkit/GridWorld-v0", number, **LAKE),
            "FrozenLake": _speed("FrozenLake-v1", number),
        }
        measured = alternating(contestants, options.repeats)
        rows.append({"environments": number, **{k: round(v) for k, v in measured.items()}})
    return rows


def _speed(env_id: str, number: int, **arguments: Any) -> Callable[[], float]:
    """Return what measures the steps a second of `number` environments; one is not vectorised."""
    if number == 1:
        return partial(benchmark_step, gymnasium.make(env_id, **arguments), SECONDS, 0)
    many = gymnasium.make_vec(env_id, num_envs=number, **arguments)
    return partial(benchmark_vector_step, many, SECONDS, 0)
