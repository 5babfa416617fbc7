"""What the plain learning loop plays: our own environments bare, any other as it comes."""

from typing import Any, Protocol

import gymnasium
import numpy as np
from gymnasium.spaces import Discrete
from gymnasium.wrappers import TimeLimit

from rlkit.arrays import Bools, Ints
from rlkit.catalogue import fitting_deep
from rlkit.envs.adapter import MDPEnv, Tabular
from rlkit.model import DEFAULT_DISCOUNT, TabularModel
from rlkit.policy import checked_mask
from rlkit.wrappers import changes_play, layers


class World(Protocol):
    """An environment whose states are indices.

    Attributes:
        limit: The step limit that the loop must keep; -1 if there is none or it is kept elsewhere.
    """

    limit: int

    def reset(self, draw: float | None) -> int:
        """Return a first state; with a number in [0, 1) any state, each equally probable."""
        ...

    def step(self, action: int) -> tuple[int, float, bool, bool]:
        """Return (next state, reward, terminated, truncated)."""
        ...


class OwnWorld:
    """One of our environments, without its time limit, so that it can be resumed exactly.

    Args:
        env: The environment.
        limit: The step limit to keep; -1 for none.
    """

    def __init__(self, env: MDPEnv, limit: int) -> None:
        self.env, self.limit = env, limit
        self.anywhere = start_states(env.model)

    def resume(self, state: int, key: int, counter: int) -> None:
        """Go on with the stream `key` in a state; -1 if an episode is about to begin."""
        self.env.set_state({"state": max(state, 0), "over": 0, "key": key, "counter": counter})

    def reset(self, draw: float | None) -> int:
        """Return a first state; with a number in [0, 1) any state that is not over."""
        options = None
        if draw is not None:
            options = {"state": int(self.anywhere[int(draw * len(self.anywhere))])}
        return int(self.env.reset(options=options)[0])

    def step(self, action: int) -> tuple[int, float, bool, bool]:
        """Return (next state, reward, terminated, truncated)."""
        s, reward, terminated, truncated, _ = self.env.step(action)
        return int(s), float(reward), terminated, truncated


class ForeignWorld:
    """Any other environment with Discrete spaces; masks come from `info["action_mask"]`.

    Args:
        env: The environment; it keeps its own time limit.
        seen: `(S, A)`, written: the mask of each state that was met.
        seed: Of the first reset.
        limit: A further step limit; -1 for none.
    """

    def __init__(
        self, env: gymnasium.Env[Any, Any], seen: Bools, seed: int, limit: int = -1
    ) -> None:
        self.env, self.seen, self.limit = env, seen, limit
        self.seed: int | None = seed

    def reset(self, draw: float | None) -> int:
        """Return a first state."""
        del draw
        s, info = self.env.reset(seed=self.seed)
        self.seed = None
        return self._note(s, info)

    def step(self, action: int) -> tuple[int, float, bool, bool]:
        """Return (next state, reward, terminated, truncated)."""
        s, reward, terminated, truncated, info = self.env.step(action)
        return self._note(s, info), float(reward), bool(terminated), bool(truncated)

    def _note(self, s: Any, info: dict[str, Any]) -> int:
        state, mask = int(s), info.get("action_mask")
        if mask is not None and np.any(mask):
            self.seen[state] = checked_mask(mask, self.seen.shape[1])
        return state


def start_states(model: TabularModel) -> Ints:
    """Return the states that are not over, where an episode can begin."""
    return np.flatnonzero(~model.over)


def table_shape(env: gymnasium.Env[Any, Any]) -> tuple[int, int]:
    """Return (S, A) of an environment with Discrete spaces.

    Raises:
        TypeError: If a space is anything else; the message says which agents fit.
    """
    for name, space in (("observation", env.observation_space), ("action", env.action_space)):
        if not isinstance(space, Discrete) or space.start != 0:
            fitting = fitting_deep(env.action_space)
            raise TypeError(
                f"a tabular agent needs a Discrete {name} space from 0; this one is {space}. "
                f"Deep agents ({', '.join(fitting)}) take vectors and images; our own environments "
                "have observation='index'; rlkit.envs.indexing.IndexObservation numbers tuples."
            )
    return int(env.observation_space.n), int(env.action_space.n)  # type: ignore[attr-defined]


def own_env(env: gymnasium.Env[Any, Any]) -> MDPEnv | None:
    """Return the environment of ours that `env` is, or None if it is not, or if it is changed."""
    base = env.unwrapped
    return base if isinstance(base, MDPEnv) and changes_play(env) is None else None


def model_of(env: gymnasium.Env[Any, Any]) -> Tabular | None:
    """Return the exact model of an environment, or None if it has none.

    A wrapper that may change observations, rewards or ends makes it unknown.
    """
    base = env.unwrapped
    if changes_play(env) is not None:
        return None
    if isinstance(base, MDPEnv):
        return base.tabular
    if not hasattr(base, "P") or getattr(base, "fickle_passenger", False):
        return None
    return Tabular(TabularModel.from_env(env))


def discount_of(env: gymnasium.Env[Any, Any], given: float | None) -> float:
    """Return the discount to learn with: as given, else the environment's own, else .99."""
    if given is not None:
        return given
    return float(getattr(env.unwrapped, "discount", DEFAULT_DISCOUNT))


def time_limit(env: gymnasium.Env[Any, Any]) -> int:
    """Return the step limit that the wrappers of an environment keep; -1 for none."""
    limits = [layer._max_episode_steps for layer in layers(env) if isinstance(layer, TimeLimit)]
    return min(limits, default=-1)
