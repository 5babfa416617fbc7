"""A small scripted environment whose every number is known."""

from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv


class Corridor(gymnasium.Env[Any, Any]):
    """Counts its steps: observes (step, last action), ends after `length` steps.

    The reward is `paid` times the action times the step. With `truncates` the end is a truncation.
    Action 2 is illegal at odd steps and raises there.
    """

    def __init__(
        self, length: int = 4, truncates: bool = False, spoilt: Any = None, paid: float = 1.0
    ) -> None:
        self.observation_space = spaces.Box(-100.0, 100.0, (2,), np.float32)
        self.action_space = spaces.Discrete(3)
        self.length, self.truncates, self.spoilt = length, truncates, spoilt
        self.paid, self.total = paid, 0
        self.actions: list[int] = []

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin to count anew."""
        super().reset(seed=seed, options=options)
        self.time = 0
        return self._seen(0), {"action_mask": self._mask()}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Count a step."""
        if not self._mask()[action]:
            raise AssertionError(f"illegal action {action} at step {self.time}")
        self.time += 1
        self.total += 1
        self.actions.append(int(action))
        over = self.time >= self.length
        reward = float(self.paid * action * self.time)
        seen = self._seen(int(action))
        if self.total == self.spoilt:
            seen[1] = np.nan
        info = {"action_mask": self._mask()}
        return seen, reward, over and not self.truncates, over and self.truncates, info

    def _mask(self) -> Any:
        return np.array([1, 1, self.time % 2 == 0], np.int8)

    def _seen(self, action: int) -> Any:
        return np.array([self.time, action], np.float32)


def corridors(lengths: list[int], mode: str = "SameStep", **kw: Any) -> SyncVectorEnv:
    """Return corridors of these lengths side by side."""
    makers = [lambda n=n: Corridor(n, **kw) for n in lengths]
    return SyncVectorEnv(makers, autoreset_mode=AutoresetMode(mode))
