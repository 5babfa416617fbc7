"""What is said of a keyword after `--env` that an environment does not take."""

import inspect
import re
from typing import Any

from rlkit.names import unknown

MAKERS = ("max_episode_steps", "disable_env_checker")
"""Keywords that `gymnasium.make` takes itself, whatever the environment takes."""
REFUSED = re.compile(r"(?P<callee>\w+)(\.__init__)?\(\) got an unexpected keyword argument '(\w+)'")
"""How Python says it."""


def unknown_keyword(env_id: str, error: TypeError) -> str | None:
    """Return the message for the keyword that an environment refused, with the nearest it takes.

    Args:
        env_id: The environment.
        error: What `gymnasium.make` raised.

    Returns:
        None if the error is about something else.
    """
    found = REFUSED.search(str(error))
    if found is None:
        return None
    known = _keywords(_callee(env_id, found["callee"], error))
    return unknown(f"argument of {env_id}", found[3], {*known, *MAKERS})


def _callee(env_id: str, name: str, error: BaseException) -> Any:
    """Return what refused: the environment, or what it hands its keywords on to."""
    from rlkit.agents.configuring import spec_of
    from rlkit.lazy import resolve

    trace = (error.__cause__ or error).__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is not None and name in trace.tb_frame.f_globals:
        return trace.tb_frame.f_globals[name]
    creator = spec_of(env_id).entry_point
    return resolve(creator) if isinstance(creator, str) else creator


def _keywords(callee: Any) -> list[str]:
    parameters = inspect.signature(callee).parameters.values()
    unnamed = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    return [one.name for one in parameters if one.kind not in unnamed]
