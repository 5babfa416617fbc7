"""What an environment of one's own gives, checked: what came, from whom, when, what is allowed."""

from collections.abc import Callable
from functools import partial
from math import isfinite
from sys import float_info
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces

from rlkit.agents.checking import (
    MASK,
    Complaint,
    NotFiniteError,
    OddAnswerError,
    complaint_about_masks,
    name_of,
    real_numbers,
)
from rlkit.arrays import Array

PLAIN = frozenset({float, int, np.float64, np.int64})
"""Types of numbers that need no further look."""
LARGEST = float_info.max
"""Python's whole numbers beyond this are no floats."""
WHOLE = (int, np.int64)
"""Types that whole numbers have almost always."""
LONGEST = 200
"""Characters of a value that a message quotes."""


class Checked(gymnasium.Wrapper[Any, Any, Any, Any]):
    """An environment whose answers are checked at every step; it changes none.

    Args:
        env: The environment.
        number: Of the environment in a vector, for messages.
        finite: Whether observations and rewards that are not finite are refused here.

    Attributes:
        taken: The steps so far.

    Raises:
        OddAnswerError: From `reset` and `step`, where an answer is not what the spaces say.
        NotFiniteError: Likewise, where a number is not finite.
    """

    def __init__(
        self, env: gymnasium.Env[Any, Any], number: int = 0, *, finite: bool = False
    ) -> None:
        super().__init__(env)
        self._number, self._finite, self.taken = number, finite, 0
        self._observed = complaint_about(env.observation_space)
        actions = env.action_space
        self._actions = int(actions.n) if isinstance(actions, spaces.Discrete) else None

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Begin an episode."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._check(observation, info)
        return observation, info

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Take a step."""
        answer: Any = self.env.step(action)
        observation, reward, terminated, truncated, info = answer
        self.taken += 1
        if type(reward) not in PLAIN or abs(reward) > LARGEST:
            self._refuse("the reward", reward, _of_reward(reward))
        if self._finite and not _is_finite(reward):
            self._refuse_endless("a reward", reward)
        if type(terminated) is not bool or type(truncated) is not bool:
            self._refuse("`terminated`", terminated, _of_flag(terminated))
            self._refuse("`truncated`", truncated, _of_flag(truncated))
        self._check(observation, info)
        return observation, reward, terminated, truncated, info

    def _check(self, observation: Any, info: dict[str, Any]) -> None:
        wrong = self._observed(observation)
        if wrong is not None:
            self._refuse("the observation", observation, wrong)
        if self._finite and not _is_finite(observation):
            self._refuse_endless("an observation", observation)
        mask = info.get(MASK)
        if mask is not None:
            self._check_mask(mask)

    def _check_mask(self, mask: Any) -> None:
        if self._actions is not None:
            wrong = complaint_about_masks([mask], (1, self._actions))
            self._refuse("the action mask", mask, wrong)

    def _refuse(self, what: str, value: Any, complaint: Complaint) -> None:
        if complaint is not None:
            raise OddAnswerError(
                f"in {name_of(self.env)}, environment {self._number} gave {what} {_short(value)} "
                f"at its step {self.taken}: {complaint}"
            )

    def _refuse_endless(self, what: str, value: Any) -> None:
        raise NotFiniteError(
            f"in {name_of(self.env)}, environment {self._number} gave {what} that is not finite "
            f"at its step {self.taken}: {_short(value)}. Nothing was learned from it"
        )


class CheckedMasks(Checked):
    """An environment with a method `action_masks`, which is checked too."""

    def action_masks(self) -> Any:
        """Return the mask of the present observation."""
        mask = self.env.get_wrapper_attr("action_masks")()
        self._check_mask(mask)
        if not np.any(mask):
            self._refuse("the action mask", mask, "at least one action must be legal")
        return mask


def complaint_about(space: gymnasium.Space[Any]) -> Callable[[Any], Complaint]:
    """Return a function that says why something is no observation of a space, or None if it is."""
    if isinstance(space, spaces.Dict):
        return partial(_complain_of_parts, _complaints(dict(space.spaces)))
    if isinstance(space, spaces.Tuple):
        return partial(_complain_of_parts, _complaints(dict(enumerate(space.spaces))))
    if isinstance(space, spaces.Discrete):
        most = int(space.start + space.n) - 1
        return partial(_complain_of_number, space.dtype, int(space.start), most)
    if isinstance(space, spaces.MultiDiscrete):
        last = space.start + space.nvec - 1
        return partial(_complain, tuple(space.shape), space.dtype, space.start, last)
    if isinstance(space, spaces.Box | spaces.MultiBinary):
        return partial(_complain, tuple(space.shape), space.dtype, None, None)
    return _no_complaint


def _complain_of_number(dtype: Any, least: int, most: int, value: Any) -> Complaint:
    """Complain about another number than one in a range; a plain one is looked at quickly."""
    if type(value) in PLAIN and least <= value <= most and value == int(value):
        return None
    return _complain((), dtype, least, most, value)


def _complain(shape: tuple[int, ...], dtype: Any, least: Any, most: Any, value: Any) -> Complaint:
    """Complain about other arrays than numbers of a shape, dtype and range."""
    if type(value) in WHOLE and shape == () and least is not None:  # NumPy takes long for one
        return None if least <= value <= most else f"its space holds {least} ... {most}"
    array: Any = value
    if not (type(value) is np.ndarray and value.dtype == dtype and value.shape == shape):
        array = real_numbers(value)
        if array is None:
            return f"its space holds numbers of dtype {dtype}"
        if array.shape != shape:
            return f"it has the shape {array.shape}, those of its space have {shape}"
        if not _fits(array, dtype):
            return f"its dtype is {array.dtype}, and {dtype} of its space cannot hold it"
    if least is not None and not np.all((least <= array) & (array <= most)):
        return f"its space holds {least} ... {most}"
    return None


def _complain_of_parts(inner: dict[Any, Callable[[Any], Complaint]], value: Any) -> Complaint:
    """Complain about the parts of a dictionary or a tuple."""
    for key, complain in inner.items():
        try:
            part = value[key]
        except (KeyError, IndexError, TypeError):
            return f"its space has a part {key!r}, which is missing"
        wrong = complain(part)
        if wrong is not None:
            return f"part {key!r}: {wrong}"
    return None


def _complaints(
    parts: dict[Any, gymnasium.Space[Any]],
) -> dict[Any, Callable[[Any], Complaint]]:
    return {key: complaint_about(space) for key, space in parts.items() if key != MASK}


def _no_complaint(_: Any) -> Complaint:
    return None


def _of_reward(reward: Any) -> Complaint:
    array = real_numbers(reward)
    if array is None or array.shape != ():
        return "a reward is one number"
    return None


def _of_flag(flag: Any) -> Complaint:
    array = real_numbers(flag)
    if array is None or array.shape != () or array not in (0, 1):
        return "it is True or False"
    return None


def _fits(array: Array, dtype: Any) -> bool:
    """Return whether a dtype can hold numbers, but for rounding."""
    if np.can_cast(array.dtype, dtype, "same_kind"):
        return True
    with np.errstate(invalid="ignore"):
        return bool((array.astype(dtype) == array).all())


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())  # on one line
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def _is_finite(observation: Any) -> bool:
    if type(observation) is float:
        return isfinite(observation)
    if type(observation) in WHOLE:
        return True
    if isinstance(observation, dict):
        return all(_is_finite(part) for part in observation.values())
    if isinstance(observation, tuple):
        return all(_is_finite(part) for part in observation)
    return bool(np.isfinite(observation).all())
