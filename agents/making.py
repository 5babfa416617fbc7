"""Making an agent by its name, as commands do."""

from typing import Any

from rlkit.agent import Agent
from rlkit.catalogue import agent_class


# `preset` is Any, for a name or None: else no dictionary of numbers could be given as settings.
def make(name: str, env: Any, *, preset: Any = None, **settings: Any) -> Agent:
    """Return the agent called `name` for an environment.

    Args:
        name: As on the command line, for example `q-learning` or `sb3:ppo`.
        env: An environment or its id.
        preset: Tuned settings to begin with: "tuned" for those of this agent in this environment
            where there are some, or a name of `rlkit list --presets`; None and "none" begin with
            the agent's own defaults.
        settings: Its hyper-parameters; they win over the preset's.

    Raises:
        KeyError: For an unknown name of an agent or a preset; the message has the nearest.
        ValueError: For a preset of another agent.
    """
    if preset is not None:
        from rlkit.agents.presets import tuned

        settings = tuned(name, env, preset, settings)
    agent: Agent = agent_class(name)(env, **settings)
    return agent
