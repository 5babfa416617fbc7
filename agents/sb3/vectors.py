"""Our native vector environments behind Stable-Baselines3's interface.

Every Gymnasium `VectorEnv` in the same-step autoreset mode will do, the only mode that
Stable-Baselines3 knows; it does not take vector environments by itself. `MaskablePPO` of
sb3-contrib finds the `action_masks` of ours.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from numpy.typing import NDArray
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnv

from rlkit.agents.checked import Checked, CheckedMasks
from rlkit.agents.configuring import spec_of
from rlkit.agents.saving import keywords_of
from rlkit.checks import seed_of
from rlkit.names import NAMESPACE
from rlkit.randomness import derive


def make_sb3(env_id: str, num_envs: int = 8, **arguments: Any) -> "SB3VecEnv":
    """Make a registered environment, natively vectorised, for Stable-Baselines3.

    Args:
        env_id: For example `rlkit/CabinBench1-v0`.
        num_envs: The number of environments.
        arguments: Those of the environment.

    Raises:
        ValueError: If the environment has no native vector form.
    """
    spec = spec_of(env_id)
    if spec.vector_entry_point is None:
        raise ValueError(
            f"{spec.id} has no native vector form; use stable_baselines3's make_vec_env"
        )
    mode = AutoresetMode.SAME_STEP
    return SB3VecEnv(
        gymnasium.make_vec(spec.id, num_envs=num_envs, autoreset_mode=mode, **arguments)
    )


def vector_for_sb3(env: gymnasium.Env[Any, Any], num_envs: int) -> VecEnv:
    """Return an environment as Stable-Baselines3 takes it: ours natively, others one by one.

    Args:
        env: A single environment.
        num_envs: How many of it, at least 1.

    Raises:
        ValueError: If more than one is asked for of an environment that is not registered, or is
            wrapped in something that its id does not say.
    """
    if num_envs < 1:
        raise ValueError(f"num_envs must be at least 1, got {num_envs}")
    spec = env.spec
    if spec is None or spec.additional_wrappers:
        if num_envs > 1:
            raise ValueError(
                f"{env} is not registered, or is wrapped, so it cannot be made {num_envs} times: "
                "register it, or use num_envs=1"
            )
        return Singles([lambda: _watched(env, 0)])
    arguments = keywords_of(spec)
    if spec.namespace == NAMESPACE:
        return make_sb3(spec.id, num_envs, **arguments)
    make = partial(gymnasium.make, spec.id, **arguments)
    return Singles([lambda i=i: _watched(make(), i) for i in range(num_envs)])  # type: ignore[misc]


def _watched(env: gymnasium.Env[Any, Any], number: int) -> gymnasium.Env[Any, Any]:
    """Return an environment whose answers are checked and whose returns are noted."""
    kind = CheckedMasks if env.has_wrapper_attr("action_masks") else Checked
    return Monitor(kind(env, number, finite=True))


class Seeded(VecEnv):
    """Seeds its environments so that those of neighbouring seeds have nothing in common.

    Stable-Baselines3 gives environment i of seed s the seed s + i, so the runs of seeds 0 and 1
    play nearly the same episodes.
    """

    def seed(self, seed: int | None = None) -> Sequence[int | None]:
        """Take note of the seeds for the next reset: the first as given, the others derived."""
        first = seed_of(seed)
        self._seeds = [first, *(derive(first, i) % 2**31 for i in range(1, self.num_envs))]
        return self._seeds


class Singles(Seeded, DummyVecEnv):
    """Environments that Stable-Baselines3 steps one by one."""


class SB3VecEnv(Seeded):
    """A native vector environment behind Stable-Baselines3's interface.

    Args:
        env: The vector environment, in the same-step autoreset mode.

    Raises:
        ValueError: If it is in another autoreset mode.
    """

    def __init__(self, env: VectorEnv[Any, Any, Any]) -> None:
        mode = env.metadata.get("autoreset_mode")
        if mode is not AutoresetMode.SAME_STEP:
            raise ValueError(
                f"Stable-Baselines3 needs autoreset_mode=AutoresetMode.SAME_STEP, got {mode}"
            )
        self.env: Any = env  # before super(), which asks for its attributes
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)
        self._actions: NDArray[Any] = np.zeros(env.num_envs, np.int64)

    def reset(self) -> Any:
        """Begin new episodes, with the seeds that `seed()` was given."""
        given = [seed for seed in self._seeds if seed is not None]
        observation, info = self.env.reset(seed=self._seeds if given else None)
        self._reset_seeds()
        self.reset_infos = self._split(info)
        return observation

    def step_async(self, actions: NDArray[Any]) -> None:
        """Take note of the actions."""
        self._actions = np.asarray(actions)

    def step_wait(self) -> Any:
        """Take the step.

        Returns:
            Observations, rewards `(N,)`, ends `(N,)`, and a list of N dictionaries, empty where
            no episode ended: building thousands would cost more than the step.
        """
        observation, reward, terminated, truncated, info = self.env.step(self._actions)
        over = terminated | truncated
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        if over.any():
            final = self._split(info["final_info"])
            for i in np.flatnonzero(over).tolist():
                infos[i] = final[i]
                infos[i]["terminal_observation"] = info["final_obs"][i]
                infos[i]["TimeLimit.truncated"] = bool(truncated[i] and not terminated[i])
        return observation, reward.astype(np.float32), over, infos

    def close(self) -> None:
        """Close the environment."""
        self.env.close()

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """Return an attribute of the environment, once for each index."""
        value = getattr(self.env.unwrapped, attr_name)
        return [value for _ in self._get_indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Set an attribute of the environment, which all indices share."""
        del indices
        setattr(self.env.unwrapped, attr_name, value)

    def env_method(
        self, method_name: str, *method_args: Any, indices: Any = None, **method_kwargs: Any
    ) -> list[Any]:
        """Call a method that returns an array of all environments, and return each index's part."""
        result = getattr(self.env.unwrapped, method_name)(*method_args, **method_kwargs)
        return [result[i] for i in self._get_indices(indices)]

    def env_is_wrapped(self, wrapper_class: type[Any], indices: Any = None) -> list[bool]:
        """Return that no environment is wrapped one by one."""
        del wrapper_class
        return [False for _ in self._get_indices(indices)]

    def get_images(self) -> Sequence[NDArray[np.uint8] | None]:
        """Return no pictures: vectors of thousands have no window."""
        return [None] * self.num_envs

    def _split(self, info: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the info of each environment: what its `_key` says it has."""
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for key, values in info.items():
            has = info.get(f"_{key}")
            if has is None:
                continue
            for i in np.flatnonzero(has).tolist():
                infos[i][key] = _part(values, i)
        return infos


def _part(values: Any, i: int) -> Any:
    """Return what environment i has of an array, or of a dictionary of arrays."""
    if isinstance(values, dict):
        return {name: array[i] for name, array in values.items()}
    return values[i]
