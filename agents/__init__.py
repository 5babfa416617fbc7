"""Agents: planners and learners that plug into every environment."""

from typing import Any

from rlkit.agent import Agent
from rlkit.catalogue import AGENTS, SB3, agent_class


def make(name: str, env: Any, **settings: Any) -> Agent:
    """Return the agent called `name` for an environment.

    Args:
        name: As on the command line, for example `q-learning` or `sb3:ppo`.
        env: An environment or its id.
        settings: Its hyper-parameters.

    Raises:
        KeyError: For an unknown name; the message has the nearest.
    """
    agent: Agent = agent_class(name)(env, **settings)
    return agent


__all__ = ["AGENTS", "SB3", "make"]
