"""What the plain learning loop plays: our own environments bare, any other as it comes."""

from typing import Any, Protocol

import gymnasium
import numpy as np
from gymnasium import spaces

from rlkit.agents.checking import name_of
from rlkit.agents.tabular.foreign import first_numbers
from rlkit.arrays import Ints
from rlkit.envs.single import MDPEnv
from rlkit.envs.tabular import Tabular
from rlkit.model import TabularModel
from rlkit.wrappers import changes_play


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


def start_states(model: TabularModel) -> Ints:
    """Return the states that are not over, where an episode can begin."""
    return np.flatnonzero(~model.over)


def table_shape(env: gymnasium.Env[Any, Any]) -> tuple[int, int]:
    """Return (S, A) of an environment with Discrete spaces.

    Raises:
        TypeError: If a space is anything else; the message says which agents fit.
    """
    observations, actions = env.observation_space, env.action_space
    for name, space in (("observation", observations), ("action", actions)):
        if not isinstance(space, spaces.Discrete):
            from rlkit.agents.fitting import fitting_deep

            raise TypeError(
                f"a tabular agent needs a Discrete {name} space; this one is {space}. "
                + (_advice(space) if name == "observation" else "")
                + f"Agents with networks that can act here: {_named(fitting_deep(actions))}."
            )
    return int(observations.n), int(actions.n)  # type: ignore[attr-defined]


def _advice(space: spaces.Space[Any]) -> str:
    """Return what makes one number of an observation."""
    if isinstance(space, spaces.Tuple | spaces.MultiDiscrete | spaces.MultiBinary):
        return "rlkit.envs.indexing.IndexObservation numbers such observations. "
    return "Our own environments have observation='index'. "


def _named(names: list[str]) -> str:
    return ", ".join(names) or "none"


def own_env(env: gymnasium.Env[Any, Any]) -> MDPEnv | None:
    """Return the environment of ours that `env` is; None if it is changed or hides its states."""
    base = env.unwrapped
    if not isinstance(base, MDPEnv) or base.tabular.table is not None:
        return None
    shown = type(base).observe is MDPEnv.observe
    return base if shown and changes_play(env) is None else None


def model_of(env: gymnasium.Env[Any, Any]) -> Tabular | None:
    """Return the exact model of an environment, or None if it has none.

    What may change observations, rewards or ends makes it unknown.
    """
    base, own = env.unwrapped, own_env(env)
    if own is not None:
        return own.tabular
    if isinstance(base, MDPEnv) or not hasattr(base, "P"):
        return None
    if getattr(base, "fickle_passenger", False) or changes_play(env) is not None:
        return None
    if first_numbers(env) != (0, 0):
        return None
    try:
        return Tabular(TabularModel.from_env(env))
    except ValueError as error:
        raise ValueError(f"the P of {name_of(env)} is no model: {error}") from None


def basis_of(env: gymnasium.Env[Any, Any]) -> tuple[str | None, Any]:
    """Return what the model of an environment rests on and anybody may change, to be compared."""
    P = getattr(env.unwrapped, "P", None)
    if not isinstance(P, dict) or not all(isinstance(rows, dict) for rows in P.values()):
        return changes_play(env), None
    return changes_play(env), {s: {a: list(P[s][a]) for a in P[s]} for s in P}
