"""Which agents can act in a space, for the messages of those that cannot."""

from typing import Any

from gymnasium import spaces

from rlkit.agents.sb3.algorithms import counts_from_zero, fitting_sb3
from rlkit.catalogue import AGENTS


def fitting_deep(space: spaces.Space[Any]) -> list[str]:
    """Return the agents with networks that can act in a space, ours first."""
    discrete = isinstance(space, spaces.Discrete) and counts_from_zero(space)
    ours = [name for name, target in AGENTS.items() if target.startswith("rlkit.agents.deep:")]
    return [*(ours if discrete else []), *fitting_sb3(space)]


def way_out(space: spaces.Space[Any]) -> str:
    """Say who can act in a space that an agent cannot, or what to do where nobody can."""
    fitting = fitting_sb3(space)
    if fitting:
        return f"{', '.join(fitting)} can act in it"
    if isinstance(space, spaces.Discrete):
        return (
            "no agent can act in it. Count the actions from 0: gymnasium.wrappers.TransformAction("
            f"env, lambda action: action + {space.start}, gymnasium.spaces.Discrete({space.n}))"
        )
    if isinstance(space, spaces.MultiDiscrete):
        return "no agent can act in it; count the actions from 0"
    return "no agent can act in it"
