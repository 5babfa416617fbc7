"""What every environment is given, checked alike: seeds, options of a reset, step limits."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from rlkit.arrays import Bools, Ints
from rlkit.checks import whole
from rlkit.names import unknown

RESET_MASK, STATE = "reset_mask", "state"
"""Options of a reset: which environments of a vector to reset, and the index of the first state."""


def step_limit(max_episode_steps: Any) -> int:
    """Return the step limit of a vector's episodes, -1 where there is none.

    Raises:
        ValueError: If it is neither None, nor -1, nor a whole number from 1 on.
    """
    if max_episode_steps is None or max_episode_steps == -1:
        return -1
    return whole("max_episode_steps", max_episode_steps, 1)


def checked_seed(seed: Any) -> int | None:
    """Return a seed as a Python integer, or None.

    Raises:
        ValueError: If it is neither None nor a whole number from 0 on.
    """
    return None if seed is None else whole("seed", seed)


def checked_seeds(seed: Any, count: int) -> int | list[int | None] | None:
    """Return the seed of a vector, or the seeds of its environments, as Python's numbers.

    Raises:
        ValueError: If they are not whole numbers or None, or not as many as environments.
    """
    several = np.ndim(seed) > 0 if isinstance(seed, np.ndarray) else isinstance(seed, list | tuple)
    if not several:
        return checked_seed(seed)
    if len(seed) != count:
        raise ValueError(f"{count} environments need as many seeds, got {len(seed)}")
    return [checked_seed(own) for own in seed]


def checked_options(options: Any, *known: str) -> dict[str, Any]:
    """Return the options of a reset that were given.

    Raises:
        ValueError: If one is not known; the message has those that are.
    """
    given = {} if options is None else options
    if not isinstance(given, Mapping):
        raise ValueError(f"options must be a dictionary or None, got {options!r}")
    for name in given:
        if name not in known:
            raise ValueError(unknown("reset option", str(name), known))
    return {name: value for name, value in given.items() if value is not None}


def chosen_by(options: Mapping[str, Any], count: int, *, first: bool) -> Bools:
    """Return which environments of a vector to reset, `(N,)`; all without a `reset_mask`.

    Args:
        options: Of the reset.
        count: N.
        first: Whether nothing was reset before; then all must be.

    Raises:
        ValueError: If the mask does not fit.
    """
    if RESET_MASK not in options:
        return np.ones(count, dtype=np.bool_)
    chosen = np.asarray(options[RESET_MASK])
    if chosen.shape != (count,) or chosen.dtype != np.bool_ or not chosen.any():
        raise ValueError(
            f"reset_mask must be booleans of shape ({count},) with at least one True; "
            f"got {chosen.dtype} of shape {chosen.shape}"
        )
    if first and not chosen.all():
        raise ValueError("the first reset() is of all environments; leave out reset_mask")
    return chosen.copy()


def first_states(options: Mapping[str, Any], count: int, terminal: Bools) -> Ints | None:
    """Return the states in which the environments of a vector begin, `(N,)`; None to draw them.

    Args:
        options: Of the reset: one state for all, or one for each.
        count: N.
        terminal: `(S,)`, the states that are over.

    Raises:
        ValueError: If a state is none, or over before it begins.
    """
    if STATE not in options:
        return None
    states = np.asarray(options[STATE])
    last = len(terminal) - 1
    fits = states.dtype.kind in "iu" and states.shape in ((), (count,))
    if not fits or ((states < 0) | (states > last)).any():
        raise ValueError(
            f"options['state'] must be an index 0 ... {last}, or one for each of {count} "
            f"environments, got {options[STATE]!r}"
        )
    if terminal[states].any():
        raise ValueError(f"options['state'] has a terminal state, got {options[STATE]!r}")
    return np.broadcast_to(states, count).astype(np.int64)
