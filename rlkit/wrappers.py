"""What stands between a model and the environment that is played: wrappers, and own `step`s.

A planner solves `model` or `P`, and a compiled learner plays it. Both are right only as long as
nothing on the way changes what a step does. What is known to change nothing is listed here; of
anything else nobody can know.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import gymnasium
from gymnasium import wrappers

SILENT = (
    gymnasium.Wrapper,
    wrappers.HumanRendering,
    wrappers.OrderEnforcing,
    wrappers.PassiveEnvChecker,
    wrappers.RecordEpisodeStatistics,
    wrappers.RenderCollection,
    wrappers.TimeLimit,
)
"""Wrappers that leave observations, actions, rewards and terminations as they are."""
ONLY_SHOWING = (
    gymnasium.ObservationWrapper,
    wrappers.Autoreset,
    wrappers.FrameStackObservation,
    wrappers.RecordVideo,
    wrappers.TimeAwareObservation,
)
"""Wrappers that change what is seen of a problem, and not the problem."""
OWN_PACKAGES = ("gymnasium", "rlkit")
"""Packages in which `step` and the model are known to agree."""
METHODS = ("step", "reset")


def changes_problem(env: gymnasium.Env[Any, Any]) -> str | None:
    """Return the name of what may give an environment other dynamics or rewards than its model.

    That is the outermost wrapper that may change actions, rewards or ends, or a `step` or `reset`
    with which a subclass, or a single object, overrides those that belong to the model; None if
    there is nothing of the kind. Step limits, and what only changes observations, do not count.
    """
    return _unknown_wrapper(env, (*SILENT, *ONLY_SHOWING)) or _override(env.unwrapped)


def refuse_changes(env: gymnasium.Env[Any, Any]) -> None:
    """Refuse an environment that may do something else than its model says.

    Raises:
        TypeError: With the name of what may change it, and what to do.
    """
    changer = changes_problem(env)
    if changer is None:
        return
    remedy = "Pass env.unwrapped to do without it"
    method = changer.partition(".")[2]
    if method:
        remedy = (
            f"Write the `P` or `model` that belongs to that `{method}` as a property of its class"
        )
    raise TypeError(
        f"{changer} may change what {env.unwrapped} does, and the model does not know of it. "
        f"{remedy}, or pass a TabularModel of the problem that is meant."
    )


def changes_play(env: gymnasium.Env[Any, Any]) -> str | None:
    """Return the name of what must be played through, because it may do more than the model says.

    As `changes_problem`; what changes observations or records a video counts as well.
    """
    return _unknown_wrapper(env, SILENT) or _override(env.unwrapped)


def layers(env: gymnasium.Env[Any, Any]) -> Iterator[gymnasium.Wrapper[Any, Any, Any, Any]]:
    """Yield the wrappers of an environment from the outermost on."""
    while isinstance(env, gymnasium.Wrapper):
        yield env
        env = env.env


def time_limit(env: gymnasium.Env[Any, Any]) -> int:
    """Return the step limit that the wrappers of an environment keep; -1 for none."""
    limits = [
        layer._max_episode_steps for layer in layers(env) if isinstance(layer, wrappers.TimeLimit)
    ]
    return min(limits, default=-1)


def _unknown_wrapper(env: gymnasium.Env[Any, Any], known: Iterable[type]) -> str | None:
    """Return the name of the outermost wrapper with a `step` or `reset` of its own."""
    allowed = {getattr(kind, method) for kind in known for method in METHODS}
    for layer in layers(env):
        kind = type(layer)
        own = any(getattr(kind, method) not in allowed for method in METHODS)
        if own or _patched(layer):
            return kind.__name__
    return None


def _override(env: gymnasium.Env[Any, Any]) -> str | None:
    """Return the `step` or `reset` that overrides one of the class that made the model, by name.

    A class that writes its first `step` itself is believed. So is one that comes with a `P` or
    `model` of its own, written in the class, and a later `step` no longer.
    """
    patched = _patched(env)
    if patched:
        return f"{type(env).__name__}.{patched}"
    for method in METHODS:
        definers = [kind for kind in type(env).__mro__ if method in vars(kind)]
        definers = [kind for kind in definers if kind is not gymnasium.Env]
        if len(definers) > 1 and not _believed(type(env), definers[0]):
            return f"{definers[0].__name__}.{method}"
    return None


def _believed(kind: type, definer: type) -> bool:
    """Return whether the model is known to agree with what `definer` overrides."""
    later = kind.__mro__[: kind.__mro__.index(definer) + 1]
    says_so = any(name in vars(base) for base in later for name in ("P", "model"))
    return says_so or definer.__module__.partition(".")[0] in OWN_PACKAGES


def _patched(env: gymnasium.Env[Any, Any]) -> str | None:
    """Return the method that was set on this one object, if any.

    What only counts the calls, and the method that the object has anyway, change nothing.
    """
    for method in METHODS:
        own = vars(env).get(method)
        played = getattr(own, "counted", own)
        if own is not None and played != getattr(type(env), method).__get__(env):
            return method
    return None
