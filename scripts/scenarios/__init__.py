"""Scenarios and the settings that suit them: small YAML files, one a family of environments.

environments: ids
arguments: of the environment, the same for every player
episodes: finished episodes after which training stops; absent for none
steps: of training at most, and what schedules reach over
players: name -> agent, its settings, exceptions (what differs in some environments, by id), and
    weights of the reward that it trains with in place of the environment's own
"""

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from rlkit.names import unknown


@dataclass(frozen=True)
class Scenario:
    """One environment with its training budget and its players."""

    environment: str
    steps: int
    players: dict[str, dict[str, Any]]
    """Name to `agent`, `settings`, `exceptions`, `reward`; one without settings does not learn."""
    episodes: int | None = None
    arguments: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The environment's id as part of a file's name."""
        return self.environment.rpartition("/")[2]

    def player(self, name: str) -> tuple[str, dict[str, Any]]:
        """Return a player's agent and settings.

        Raises:
            KeyError: If there is none of that name; the message has the nearest.
        """
        entry = self._entry(name)
        exceptions = entry.get("exceptions", {}).get(self.environment, {})
        return entry["agent"], {**entry.get("settings", {}), **exceptions}

    def training_arguments(self, name: str) -> dict[str, Any]:
        """Return the environment's arguments while a player trains: its own reward, if it has one.

        Raises:
            KeyError: If there is none of that name; the message has the nearest.
        """
        entry = self._entry(name)
        return self.arguments | ({"reward": entry["reward"]} if "reward" in entry else {})

    def _entry(self, name: str) -> dict[str, Any]:
        if name not in self.players:
            raise KeyError(unknown(f"player of {self.environment}", name, self.players))
        return self.players[name]


@cache
def scenarios() -> dict[str, Scenario]:
    """Return all scenarios by their environment's id, in the order of the files."""
    found = {}
    for file in sorted(files(__name__).iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".yaml"):
            content = yaml.safe_load(file.read_text(encoding="utf-8"))
            for environment in content.pop("environments"):
                found[environment] = Scenario(environment, **content)
            content.clear()
    return found
