"""Observations made of several small integers, numbered as one, so that tables can hold them."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces


class IndexObservation(gymnasium.ObservationWrapper[np.int64, Any, Any]):
    """Numbers the observations of a Tuple of Discrete, MultiDiscrete or MultiBinary space.

    Blackjack's (sum, dealer's card, usable ace) becomes one of 32 * 11 * 2 = 704 indices, the last
    part running fastest. Tabular learners then take the environment.

    Args:
        env: An environment with such an observation space.

    Raises:
        TypeError: If the space is anything else.
    """

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        super().__init__(env)
        self.sizes, self._starts = _parts(env.observation_space)
        self.observation_space = spaces.Discrete(int(np.prod(self.sizes)))

    def observation(self, observation: Any) -> np.int64:
        """Return the index of an observation."""
        parts = np.asarray(observation, dtype=np.int64).ravel() - self._starts
        return np.int64(np.ravel_multi_index(tuple(parts), self.sizes))

    def parts(self, index: int) -> tuple[int, ...]:
        """Return the observation that an index stands for, as integers."""
        return tuple(int(part) for part in np.unravel_index(index, self.sizes) + self._starts)


def _parts(space: spaces.Space[Any]) -> tuple[tuple[int, ...], Any]:
    """Return the size and the first value of each part of a space."""
    if isinstance(space, spaces.Tuple) and all(isinstance(s, spaces.Discrete) for s in space):
        sizes, starts = [s.n for s in space], [s.start for s in space]
    elif isinstance(space, spaces.MultiDiscrete):
        sizes, starts = list(space.nvec.ravel()), list(space.start.ravel())
    elif isinstance(space, spaces.MultiBinary):
        sizes, starts = [2] * int(np.prod(space.shape)), [0] * int(np.prod(space.shape))
    else:
        raise TypeError(
            f"only a Tuple of Discrete, a MultiDiscrete or a MultiBinary space can be numbered, "
            f"not {space}; deep agents (ppo, dqn, sb3:ppo) take vectors and images"
        )
    return tuple(int(n) for n in sizes), np.array(starts, dtype=np.int64)
