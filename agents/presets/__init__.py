"""Tuned hyper-parameters of agents, by environment: small YAML files, one a family of environments.

environments: ids
arguments: of the environment while it was tuned, beside those of its id
episodes: finished episodes after which training stopped; absent for none
steps: of training at most, and what schedules without a length reach over
presets: name -> agent, its settings, exceptions (what differs in some environments, by id), and
    weights of the reward that it was trained with in place of the environment's own

The first preset of an agent in an environment is its tuned one; others are asked for by name. A
preset is settings of the agent alone: it never changes the environment or its reward.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import gymnasium
import yaml

from rlkit.names import unknown

TUNED, NONE = "tuned", "none"
"""Words in place of a name: the tuned preset where there is one, and the agent's own defaults."""
DEPENDENTS = {"core": "core_settings", "policy": "policy_kwargs"}
"""Settings to those that mean something for their value alone."""
DEFAULTS = {"core": "mlp"}
"""What such a setting is where a preset does not name it."""


@dataclass(frozen=True)
class Preset:
    """Settings of an agent that were tuned for an environment."""

    name: str
    environment: str
    """Its id."""
    agent: str
    """Its name in the table of agents."""
    settings: dict[str, Any]
    """Hyper-parameters of the agent."""
    steps: int
    """Of training at most."""
    episodes: int | None = None
    """After which training stopped, if it did not take all steps."""
    arguments: dict[str, Any] = field(default_factory=dict)
    """Of the environment, in training as in evaluation, beside those of its id."""
    reward: dict[str, float] | None = None
    """Weights of the reward that it was trained with, where they were not the environment's own."""

    @property
    def training_arguments(self) -> dict[str, Any]:
        """The environment's arguments while the agent was trained."""
        return self.arguments | ({} if self.reward is None else {"reward": self.reward})

    def with_settings(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the agent's settings: these, and those that are given in their place.

        Keyword arguments of a network go with it: another `core` begins with its own defaults.
        """
        kept = deepcopy(self.settings)
        for name, dependent in DEPENDENTS.items():
            if name in given and given[name] != kept.get(name, DEFAULTS.get(name)):
                kept.pop(dependent, None)
        return {**kept, **given}


@cache
def presets() -> dict[str, dict[str, Preset]]:
    """Return all presets, by environment and name, in the order of the files."""
    found: dict[str, dict[str, Preset]] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
            environments, entries = content.pop("environments"), content.pop("presets")
            for environment in environments:
                found[environment] = {
                    name: _preset(name, environment, entry, content)
                    for name, entry in entries.items()
                }
    return found


def find(environment: str, agent: str | None, name: str = TUNED) -> Preset | None:
    """Return the preset of an agent in an environment.

    Args:
        environment: Its id.
        agent: Its name; None takes that of the preset.
        name: Of the preset; "tuned" for the tuned one where there is one, "none" for none.

    Returns:
        The preset, or None for the agent's own defaults.

    Raises:
        KeyError: If there is none of that name; the message has the nearest.
        ValueError: If it is one of another agent.
    """
    known = presets().get(environment, {})
    if name == NONE:
        return None
    if name == TUNED:
        return next((preset for preset in known.values() if preset.agent == agent), None)
    if name not in known:
        raise KeyError(unknown(f"preset of {environment}", name, [*known, TUNED, NONE]))
    if agent not in {None, known[name].agent}:
        fitting = [preset.name for preset in known.values() if preset.agent == agent]
        others = f"those of {agent} are {', '.join(fitting)}" if fitting else f"{agent} has none"
        raise ValueError(f"the preset {name} is one of {known[name].agent}; {others}")
    return known[name]


def tuned(agent: str, env: Any, name: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of an agent for an environment: a preset's, and those that are given.

    Args:
        agent: Its name.
        env: An environment, or its id.
        name: Of the preset, "tuned" or "none".
        given: Settings that win over the preset's.

    Raises:
        KeyError: If there is no preset of that name.
        ValueError: If it is one of another agent.
    """
    preset = find(_id_of(env), agent, name)
    return dict(given) if preset is None else preset.with_settings(given)


def _preset(name: str, environment: str, entry: dict[str, Any], shared: dict[str, Any]) -> Preset:
    exceptions = entry.get("exceptions", {}).get(environment, {})
    settings = {**entry.get("settings", {}), **exceptions}
    return Preset(name, environment, entry["agent"], settings, **shared, reward=entry.get("reward"))


def _id_of(env: Any) -> str:
    """Return the full id of an environment; nothing for one that has none."""
    from rlkit.agents.configuring import spec_of

    if isinstance(env, str):
        return str(spec_of(env).id)
    spec = env.spec if isinstance(env, gymnasium.Env) else None
    return "" if spec is None else str(spec.id)
