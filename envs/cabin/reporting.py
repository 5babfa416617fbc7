"""What the environments tell beside observation and reward, and how they check actions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.simulator.simulator import Simulator
from rlkit.envs.cabin.state.acts import Action
from rlkit.envs.cabin.state.reward import REWARD_TERMS

END_FIELDS = {
    "success": "success",
    "turns": "turn",
    "seconds": "seconds",
    "risk": "risk",
    "mood": "mood",
}
"""Keys of `info` at the end of an episode, and the fields of the record they come from."""


def term_report(simulator: Simulator, terms: NDArray[np.float32]) -> dict[str, float]:
    """Return the terms of a dialogue's last step that count in the scenario, by name."""
    numbers = terms.tolist()
    return {REWARD_TERMS[column]: numbers[column] for column in simulator.weighted}


def end_report(record: np.void) -> dict[str, Any]:
    """Return what is told at the end of an episode."""
    return {key: record[field].item() for key, field in END_FIELDS.items()}


def checked_action(action: Any, actions: Sequence[Action]) -> int:
    """Return the action as an int.

    Raises:
        ValueError: If it is not the number of an act.
    """
    if (isinstance(action, int | np.integer) and not isinstance(action, bool)) or (
        isinstance(action, np.ndarray) and action.ndim == 0 and action.dtype.kind in "iu"
    ):
        number = int(action)
    else:
        raise ValueError(
            f"an action is a whole number, got {action!r} of type {type(action).__name__}"
        )
    if not 0 <= number < len(actions):
        raise ValueError(
            f"an action is 0 ... {len(actions) - 1} "
            f"({actions[0].name} ... {actions[-1].name}), got {number}"
        )
    return number


def checked_actions(actions: Any, count: int, num_actions: int) -> NDArray[np.int64]:
    """Return the actions of a vector as int64 of shape `(count,)`.

    Raises:
        ValueError: If the shape, type or a value is wrong; nothing has stepped then.
    """
    given = np.asarray(actions)
    if given.shape != (count,) or given.dtype.kind not in "iu":
        raise ValueError(
            f"actions are integers of shape ({count},), got {given.dtype} of shape {given.shape}"
        )
    if given.min() < 0 or given.max() >= num_actions:
        place = int(np.argmax((given < 0) | (given >= num_actions)))
        raise ValueError(
            f"action {given[place]} of environment {place} is not in 0 ... {num_actions - 1}"
        )
    return given.astype(np.int64)
