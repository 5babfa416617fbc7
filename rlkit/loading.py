"""Loading a saved agent, without ever importing or running what a stranger's file names."""

from pathlib import Path
from typing import Any

import gymnasium

from rlkit import checkpoint
from rlkit.agent import Agent
from rlkit.catalogue import agent_class
from rlkit.checkpoint import CheckpointError


def load(path: str | Path, env: Any = None, *, trust: bool = False) -> Agent:
    """Return the agent that was saved in a folder, or the newest one of a run.

    Args:
        path: A run folder or a checkpoint folder.
        env: The environment it acts in; by default the registered one that the file names.
        trust: Whether to open a model of Stable-Baselines3, whose zip can run code when it is
            opened. Nothing else needs it.

    Raises:
        CheckpointError: If the files are missing, damaged or of another format; if the agent is
            not in our table, or of Stable-Baselines3 and not trusted; or if the environment is not
            registered (an id with a module prefix is refused: loading must not import what a file
            names).
        ValueError: If the environment does not fit.
    """
    folder = checkpoint.latest(Path(path))
    meta, tensors = checkpoint.read(folder)
    if str(meta.get("agent")).startswith("sb3:") and not trust:
        raise CheckpointError(
            f"{folder} holds a model of Stable-Baselines3, and opening one can run code of whoever "
            "made it. If you trust it, pass trust=True, or --trust on the command line."
        )
    try:
        kind = agent_class(str(meta["agent"]))
        settings = dict(meta["config"])
    except KeyError as error:
        raise CheckpointError(f"{folder} cannot be loaded: {error.args[0]}") from error
    target = env if env is not None else environment(meta.get("environment"), folder)
    try:
        agent: Agent = kind(target, **settings)
        agent.load_state_dict(tensors)
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"the checkpoint {folder} is damaged: {error}") from error
    return agent


def environment(described: Any, folder: Path, **extra: Any) -> gymnasium.Env[Any, Any]:
    """Make the registered environment that a file describes as `{"id": ..., "kwargs": ...}`."""
    if not isinstance(described, dict) or not isinstance(described.get("kwargs"), dict):
        raise CheckpointError(f"{folder} names no registered environment; pass env=")
    name = described.get("id")
    if not isinstance(name, str) or ":" in name or name not in gymnasium.registry:
        raise CheckpointError(
            f"{folder} names the environment {name!r}, which is not registered here. If you trust "
            "it, import its package and pass env= yourself, or --module NAME on the command line."
        )
    return gymnasium.make(name, **described["kwargs"], **extra)
