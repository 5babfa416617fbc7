"""Noticing whether somebody else has played an environment that an agent learns in.

An agent goes on from the observation that it saw last. If an evaluation, another agent or a loop of
the user's own has stepped the environment since, that would be a step that never happened.
"""

from collections.abc import Iterator
from functools import update_wrapper
from typing import Any


class Witness:
    """Counts how often environments are reset and stepped, whoever does it, under any wrappers.

    Args:
        env: A single environment or a vector; its `reset` and `step` are counted from now on. An
            `AsyncVectorEnv` is watched as a whole, any other with its environments one by one.
    """

    def __init__(self, env: Any) -> None:
        methods = [(base, name) for base in _bases(env) for name in ("reset", "step")]
        self._counted = [_counted(base, name) for base, name in methods]
        self._before: int | None = None
        self.note()

    def note(self) -> None:
        """Take what has been played so far for the agent's own doing."""
        self._before = self._calls()

    def disturbed(self) -> bool:
        """Return whether anything was played since the last `note`; True where nobody can tell."""
        return self._before is None or self._calls() != self._before

    def _calls(self) -> int | None:
        known = [method.calls for method in self._counted if method is not None]
        return sum(known) if len(known) == len(self._counted) else None


class _Counted:
    """Stands in for a method of one environment and counts its calls; copies are without it."""

    def __init__(self, method: Any) -> None:
        self.counted, self.calls = method, 0  # `rlkit.wrappers` looks for what is counted
        update_wrapper(self, method)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        return self.counted(*args, **kwargs)

    def __reduce__(self) -> Any:
        return _same, (self.counted,)


def _counted(base: Any, name: str) -> _Counted | None:
    """Return what counts the calls of a method; None if the environment forbids it."""
    method = getattr(base, name)
    if isinstance(method, _Counted):
        return method
    counted = _Counted(method)
    try:
        setattr(base, name, counted)
    except AttributeError:
        return None
    return counted


def _same(method: Any) -> Any:
    return method


def _bases(env: Any) -> Iterator[Any]:
    """Yield an environment, or those in a vector, without wrappers."""
    base = env.unwrapped
    inside = getattr(base, "envs", None)
    if not isinstance(inside, list | tuple):
        yield base
        return
    for one in inside:
        yield from _bases(one)
