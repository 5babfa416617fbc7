"""The one loop of agent and environment; printing, recording, plotting and learning consume it."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import gymnasium

from rlkit.randomness import Rng

Act = Callable[[Any, dict[str, Any], Rng], Any]
CUT = "cut"
"""What `info` has where `steps` itself truncated an episode, and nobody else did."""


class Step(NamedTuple):
    """One recorded interaction."""

    observation: Any
    action: Any
    reward: float
    next_observation: Any
    terminated: bool
    truncated: bool
    info: dict[str, Any]
    next_info: dict[str, Any]


def steps(
    env: gymnasium.Env[Any, Any],
    act: Act,
    rng: Rng,
    *,
    seed: int | None = None,
    longest: int | None = None,
) -> Iterator[Step]:
    """Yield interactions forever, episode after episode.

    Args:
        env: A single environment.
        act: Called as `act(observation, info, rng)`; returns an action.
        rng: Given to `act`; the environment draws from its own stream.
        seed: Seeds the first episode; the later ones continue its stream.
        longest: An episode that goes on is truncated after so many steps; None waits for its end.
    """
    while True:
        observation, info = env.reset(seed=seed)
        seed = None
        over, length = False, 0
        while not over:
            action = act(observation, info, rng)
            following, reward, terminated, truncated, next_info = env.step(action)
            length += 1
            over = terminated or truncated
            if length == longest and not over:
                over, truncated, next_info = True, True, {**next_info, CUT: True}
            yield Step(
                observation,
                action,
                float(reward),
                following,
                terminated,
                truncated,
                info,
                next_info,
            )
            observation, info = following, next_info
