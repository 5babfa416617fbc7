"""Environment wrappers that put a window of the past, or the action mask, into the observation.

A features extractor of Stable-Baselines3 sees one observation and has no state, and its buffers
store observations alone: what a network needs must lie in them.
"""

from collections import deque
from typing import Any, SupportsFloat

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Window(gymnasium.Wrapper[dict[str, Any], Any, Any, Any]):
    """Observations become `{"window": (W, d), "real": (W,)}`: the last W of them, newest last.

    At the start of an episode the window is padded with zeros in front, where `real` is 0: unlike
    a stack of frames, it tells padding from an observation that happens to be zero.

    Args:
        env: Its observations are flattened by `gymnasium.spaces.flatten`.
        length: W.
        actions_and_rewards: Whether a frame also holds the action that led to it, one-hot where
            discrete, and its reward (zeros in the first).

    Raises:
        ValueError: If W is below 1, or the observations cannot be flattened to a fixed size.
    """

    def __init__(
        self, env: gymnasium.Env[Any, Any], length: int, actions_and_rewards: bool = False
    ) -> None:
        super().__init__(env)
        if length < 1 or not env.observation_space.is_np_flattenable:
            raise ValueError(
                "a window has a length of at least 1 and observations of a fixed size; got "
                f"{length} and {env.observation_space}"
            )
        self.length = length
        self.actions_and_rewards = actions_and_rewards
        size = spaces.flatdim(env.observation_space)
        if actions_and_rewards:
            size += spaces.flatdim(env.action_space) + 1
        self.observation_space = spaces.Dict(
            {
                "window": spaces.Box(-np.inf, np.inf, (length, size), np.float32),
                "real": spaces.MultiBinary(length),
            }
        )
        self._frames: deque[Floats] = deque(maxlen=length)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Open an episode with a window of one observation."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._frames.clear()
        frame = self._flat(observation)
        size = self.observation_space["window"].shape[1]  # type: ignore[index]
        self._frames.append(np.pad(frame, (0, size - len(frame))))
        return self._window(), info

    def step(self, action: Any) -> tuple[dict[str, Any], SupportsFloat, bool, bool, dict[str, Any]]:
        """Act, and move the window on by one."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        frame = self._flat(observation)
        if self.actions_and_rewards:
            taken = np.asarray(spaces.flatten(self.env.action_space, action), np.float32)
            frame = np.concatenate([frame, taken, [np.float32(reward)]])
        self._frames.append(frame.astype(np.float32))
        return self._window(), reward, terminated, truncated, info

    def _flat(self, observation: Any) -> Floats:
        return np.asarray(spaces.flatten(self.env.observation_space, observation), np.float32)

    def _window(self) -> dict[str, Any]:
        missing = self.length - len(self._frames)
        frames = np.pad(np.stack(self._frames), ((missing, 0), (0, 0)))
        real = (np.arange(self.length) >= missing).astype(np.int8)
        return {"window": frames, "real": real}


class ActionMaskObservation(gymnasium.Wrapper[dict[str, Any], Any, Any, Any]):
    """Adds `"action_mask"` to the observation, where Stable-Baselines3's buffers keep it.

    A Dict observation gets the key; any other becomes `{"observation", "action_mask"}`.

    Args:
        env: With a method `action_masks()`, sb3-contrib's convention, or `info["action_mask"]`.

    Raises:
        TypeError: If the actions are neither Discrete nor MultiDiscrete.
    """

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        super().__init__(env)
        size = _choices(env.action_space)
        inner = env.observation_space
        parts = dict(inner.spaces) if isinstance(inner, spaces.Dict) else {"observation": inner}
        self.observation_space = spaces.Dict({**parts, "action_mask": spaces.MultiBinary(size)})

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Open an episode."""
        observation, info = self.env.reset(seed=seed, options=options)
        return self._with_mask(observation, info), info

    def step(self, action: Any) -> tuple[dict[str, Any], SupportsFloat, bool, bool, dict[str, Any]]:
        """Act."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        return self._with_mask(observation, info), reward, terminated, truncated, info

    def _with_mask(self, observation: Any, info: dict[str, Any]) -> dict[str, Any]:
        if "action_mask" in info:
            mask = info["action_mask"]
        else:
            mask = self.env.get_wrapper_attr("action_masks")()
        parts = observation if isinstance(observation, dict) else {"observation": observation}
        return {**parts, "action_mask": np.asarray(mask, np.int8).ravel()}


def _choices(space: gymnasium.Space[Any]) -> int:
    if isinstance(space, spaces.Discrete):
        return int(space.n)
    if isinstance(space, spaces.MultiDiscrete):
        return int(space.nvec.sum())
    raise TypeError(f"masks are for Discrete and MultiDiscrete actions; got {space}")
