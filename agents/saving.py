"""Saving and restoring any agent: its class by name, its settings, and arrays. No pickle."""

from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec
from gymnasium.vector import VectorEnv

from rlkit.arrays import Array

HOW = ("render_mode", "num_envs", "vectorization_mode", "vector_kwargs", "autoreset_mode")
"""Keywords that say how an environment is run and shown, and not which it is."""
ENDLESS = -1
"""As `max_episode_steps`, Gymnasium's word for no limit where one is registered."""


class Saved:
    """An agent that can be written to a folder and read back with `rlkit.load`.

    Subclasses have `config` (a frozen dataclass), `env`, `seed`, `state_dict()` and
    `load_state_dict()`.

    Copies and pickles are made from the same state: an agent of the same kind, for a copy of the
    environment, with that state. So a copy goes on as the agent itself does; only in environments
    that the agent made from an id and that cannot be copied, it begins new episodes.
    """

    config: Any
    env: Any
    seed: int

    def state_dict(self) -> dict[str, Array]:
        """Return all that is learned, see `rlkit.Agent`."""
        raise NotImplementedError

    def load_state_dict(self, state: dict[str, Array]) -> None:
        """Take over what `state_dict` returned, see `rlkit.Agent`."""
        raise NotImplementedError

    def end_episodes(self) -> None:
        """Let new episodes begin with the next step, where there are any."""

    @property
    def metrics(self) -> dict[str, float]:
        """How learning goes, numbers by name."""
        return {}

    def checkpoint(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return what a file holds of the agent: a description, and arrays by name.

        Episodes that cannot go on from a file end here, so that the agent goes on as the one does
        that is loaded from it.
        """
        if not self._outlives_files():
            self.end_episodes()
        return describe(self), self.state_dict()

    def _outlives_files(self) -> bool:
        """Return whether its present episodes can go on from a file."""
        return True

    def _continue(self, state: dict[str, Array]) -> None:
        """Go on as the agent that it is a copy of."""
        self.load_state_dict(state)

    def __reduce__(self) -> Any:
        kind, arguments, keywords = self._beginning()
        settings = {entry.name: getattr(self.config, entry.name) for entry in fields(self.config)}
        return _revived, (kind, arguments, {**keywords, **settings}, self.state_dict())

    def _beginning(self) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
        """Return what makes such an agent, and its arguments beside the hyper-parameters."""
        return type(self), (self.env,), {"seed": self.seed}

    def save(self, path: str | Path) -> Path:
        """Write the agent to a folder, whole or not at all; see `checkpoint`.

        Raises:
            CheckpointError: If it cannot be written, or `path` is something else.
        """
        from rlkit import checkpoint

        folder = Path(path)
        checkpoint.write(folder, *self.checkpoint())
        return folder


def part_of(state: dict[str, Array], prefix: str) -> dict[str, Array]:
    """Return the entries of a state under a prefix, without it."""
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}


def _revived(
    kind: Any, arguments: tuple[Any, ...], keywords: dict[str, Any], state: dict[str, Any]
) -> Any:
    agent = kind(*arguments, **keywords)
    agent._continue(state)
    return agent


def describe(agent: Any) -> dict[str, Any]:
    """Return what a checkpoint says of an agent beside its arrays."""
    from rlkit.catalogue import agent_name
    from rlkit.checkpoint import CheckpointError

    settings = asdict(agent.config)
    for name, value in settings.items():
        if callable(value):
            raise CheckpointError(
                f"{name}={value!r} is a function, which no file can hold; give it a name with "
                "rlkit.nets.register_core and pass the name"
            )
    return {
        "agent": agent_name(agent),
        "config": settings,
        "environment": describe_env(agent.env),
    }


def describe_env(env: Any) -> dict[str, Any] | None:
    """Return the id and keywords of a registered environment, single or vector; else None."""
    spec = env.spec if isinstance(env, gymnasium.Env | VectorEnv) else None
    if spec is None:
        return None
    return {"id": spec.id, "kwargs": keywords_of(spec)}


def keywords_of(spec: EnvSpec) -> dict[str, Any]:
    """Return the keywords that make an environment again; its step limit, where it is its own."""
    keywords = {key: value for key, value in spec.kwargs.items() if key not in HOW}
    registered = gymnasium.registry.get(spec.id)
    limit = spec.max_episode_steps
    if registered is not None and registered.max_episode_steps != limit:
        keywords.setdefault("max_episode_steps", ENDLESS if limit is None else limit)
    return keywords
