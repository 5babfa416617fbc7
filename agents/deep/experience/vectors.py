"""Vector environments from what users pass: an id, a single environment, or a vector."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv
from gymnasium.vector.utils import batch_space

from rlkit.agents.configuring import spec_of
from rlkit.agents.saving import ENDLESS, keywords_of
from rlkit.arrays import Array, Bools, Floats
from rlkit.names import NAMESPACE

SAME_STEP = AutoresetMode.SAME_STEP


class Single(VectorEnv[Any, Any, Any]):
    """One environment as a vector of one, in the same-step mode.

    `SyncVectorEnv` does this for any number; for one environment it costs three times the step
    of CartPole itself.

    Args:
        env: The environment; it is played as it is.
    """

    metadata: dict[str, Any] = {"autoreset_mode": SAME_STEP}  # noqa: RUF012 - Gymnasium's contract

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        self.env, self.envs = env, [env]  # `envs` as in SyncVectorEnv
        self._checked = _checked(0, env)
        self.spec = env.spec
        self.num_envs = 1
        self.single_observation_space = env.observation_space
        self.single_action_space = env.action_space
        self.observation_space = batch_space(env.observation_space, 1)
        self.action_space = batch_space(env.action_space, 1)

    def reset(
        self,
        *,
        seed: int | Sequence[int | None] | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode."""
        first = seed[0] if isinstance(seed, Sequence) else seed
        observation, info = self._checked.reset(seed=first, options=options)
        return _one(self.single_observation_space, observation), _mask_of(info)

    def step(self, actions: Any) -> tuple[Any, Floats, Bools, Bools, dict[str, Any]]:
        """Take a step; after an end the next episode begins at once."""
        observation, reward, terminated, truncated, info = self._checked.step(actions[0])
        told: dict[str, Any] = {}
        if terminated or truncated:
            final = np.empty(1, dtype=object)
            final[0] = observation
            told["final_info"] = _mask_of(info)
            observation, info = self._checked.reset()
            told["final_obs"] = final
        return (
            _one(self.single_observation_space, observation),
            np.array([reward], np.float64),
            np.array([terminated], np.bool_),
            np.array([truncated], np.bool_),
            {**told, **_mask_of(info)},
        )

    def close_extras(self, **kwargs: Any) -> None:
        """Close the environment."""
        del kwargs
        self.env.close()


def make_vector(env: Any, num_envs: int) -> VectorEnv[Any, Any, Any]:
    """Return a vector environment.

    Args:
        env: An id, a single environment or a vector environment, which is taken as it is. A single
            one that is registered and not wrapped any further is made anew where more than one is
            asked for.
        num_envs: How many, unless `env` is a vector.

    Raises:
        TypeError: If it is no environment, or its actions are not Discrete.
        ValueError: If a single environment cannot be made `num_envs` times.
    """
    vector = _vector(env, num_envs)
    space = vector.single_action_space
    if not isinstance(space, spaces.Discrete) or space.start != 0:
        from rlkit.agents.fitting import way_out

        raise TypeError(
            f"this agent needs Discrete actions from 0; these are {space}, and {way_out(space)}"
        )
    return vector


def _vector(env: Any, num_envs: int) -> VectorEnv[Any, Any, Any]:
    if isinstance(env, VectorEnv):
        return env
    if isinstance(env, str):
        return _by_id(env, num_envs, {})
    if not isinstance(env, gymnasium.Env):
        raise TypeError(f"expected an environment or an id, got {type(env).__name__}")
    spec = env.spec
    plain = spec is not None and not spec.additional_wrappers
    if spec is not None and plain and (num_envs > 1 or spec.vector_entry_point is not None):
        kwargs = keywords_of(spec)
        if num_envs > 1 or spec.namespace == NAMESPACE:
            return _by_id(spec.id, num_envs, kwargs)
    if num_envs > 1:
        raise ValueError(
            f"{env} is one environment and cannot be made {num_envs} times: pass its id, a vector "
            "environment such as SyncVectorEnv, or num_envs=1"
        )
    return Single(env)


def _by_id(name: str, num_envs: int, kwargs: dict[str, Any]) -> VectorEnv[Any, Any, Any]:
    """Make the native vector form where there is one; alone, other people's do best as single."""
    spec = spec_of(name)
    native, name = spec.vector_entry_point is not None, spec.id
    if native and spec.namespace == NAMESPACE:
        return gymnasium.make_vec(name, num_envs, autoreset_mode=SAME_STEP, **kwargs)
    if num_envs == 1:
        return Single(gymnasium.make(name, **kwargs))
    if native and kwargs.get("max_episode_steps") != ENDLESS:  # they would end at every step
        return gymnasium.make_vec(name, num_envs, **kwargs)
    makers = [partial(_made, number, name, kwargs) for number in range(num_envs)]
    vector = SyncVectorEnv(makers, autoreset_mode=SAME_STEP)
    first: Any = vector.envs[0]
    vector.spec = first.env.spec  # that of what is checked
    return vector


def _made(number: int, name: str, kwargs: dict[str, Any]) -> gymnasium.Env[Any, Any]:
    return _checked(number, gymnasium.make(name, **kwargs))


def _checked(number: int, env: gymnasium.Env[Any, Any]) -> gymnasium.Env[Any, Any]:
    from rlkit.agents.checked import Checked

    return Checked(env, number)


def _one(space: gymnasium.Space[Any], observation: Any) -> Any:
    """Return an observation as a batch of one."""
    if isinstance(space, spaces.Dict):
        return {name: _one(part, observation[name]) for name, part in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        pairs = zip(space.spaces, observation, strict=True)
        return tuple(_one(part, one) for part, one in pairs)
    return np.asarray(observation)[None]


def _mask_of(info: dict[str, Any]) -> dict[str, Array]:
    mask = info.get("action_mask")
    return {} if mask is None else {"action_mask": np.asarray(mask)[None]}
