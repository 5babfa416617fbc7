"""Native vector environments for Stable-Baselines3 and sb3-contrib.

Works for every Gymnasium `VectorEnv` in the same-step autoreset mode, which is the only one that
Stable-Baselines3 knows. `MaskablePPO` finds `action_masks` where the environment has it.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from numpy.typing import NDArray
from stable_baselines3.common.vec_env import VecEnv


class SB3VecEnv(VecEnv):
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
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)
        self.env = env
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
            Observations, rewards `(N,)`, ends `(N,)`, and a list of N info dictionaries.
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
        """Call a method of the environment and return the part of each index."""
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
            if has is None or isinstance(values, dict):
                continue
            for i in np.flatnonzero(has).tolist():
                infos[i][key] = values[i]
        return infos
