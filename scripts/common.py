"""What the commands share: environments and players from names, messages, exit codes, --json."""

import json
import math
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import gymnasium
import numpy as np
import yaml

from rlkit.catalogue import AGENTS
from rlkit.checkpoint import CheckpointError, WriteError
from rlkit.names import unknown
from rlkit.policy import TabularPolicy, UniformPolicy

OK, FAILED, WRONG_ARGUMENTS, INTERRUPTED = 0, 1, 2, 130
PLAYERS = ("random", "handcrafted")
LARGEST_EXACT = 20_000
"""States of the largest model that is solved beside learning or playing."""


class UserError(Exception):
    """Something the user can mend; printed without a traceback."""


def run(command: Callable[[], int | None]) -> int:
    """Run a command and turn what goes wrong into a message and an exit code."""
    try:
        return command() or OK
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has enough; Python must not complain when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except (WriteError, ArithmeticError, OSError) as error:
        return _say(error, FAILED)
    except (UserError, CheckpointError, ValueError, TypeError, KeyError) as error:
        return _say(error.args[0] if isinstance(error, KeyError) and error.args else error)
    except gymnasium.error.Error as error:
        return _say(error)


def _say(error: object, code: int = WRONG_ARGUMENTS) -> int:
    print(f"error: {error}", file=sys.stderr)
    return code


def make(env_id: str, settings: dict[str, str], render_mode: str | None = None) -> Any:
    """Make an environment from its id and the words after `--env`."""
    _check_id(env_id)
    extra: dict[str, Any] = {} if render_mode is None else {"render_mode": render_mode}
    try:
        return gymnasium.make(env_id, **values(settings), **extra)
    except TypeError as error:
        raise UserError(f"{env_id} does not take {settings}: {error}") from error
    except ImportError as error:
        raise UserError(f"cannot make {env_id}: {error}") from error


def values(settings: dict[str, str]) -> dict[str, Any]:
    """Read each value as YAML does: numbers, true and false, null, lists, else text."""
    try:
        return {name: yaml.safe_load(text) for name, text in settings.items()}
    except yaml.YAMLError as error:
        raise UserError(f"cannot read one of the values {settings}: {error}") from error


def player(name: str, env: Any, settings: dict[str, Any], seed: int = 0) -> Any:
    """Return who plays: `random`, `handcrafted`, or a planner that is solved first."""
    if name == "random":
        return UniformPolicy(int(env.action_space.n))
    if name == "handcrafted":
        handcrafted = getattr(env.unwrapped, "handcrafted", None)
        if handcrafted is None:
            raise UserError(f"{env.spec.id} has no handcrafted policy")
        return handcrafted()
    if name not in AGENTS:
        raise UserError(unknown("agent", name, [*AGENTS, *PLAYERS]))
    from rlkit import agents

    agent = agents.make(name, env, **settings)
    if not hasattr(agent, "solve"):
        raise UserError(
            f"{name} must learn first: `rlkit train {env.spec.id} --agent {name} --steps N`, "
            "then give the run folder"
        )
    del seed
    return agent.learn()


def opened(target: str, agent: str | None, settings: dict[str, str], mode: str | None) -> Any:
    """Return (environment, player, agent's name) for a run folder, or an environment and a name."""
    path = Path(target)
    if path.is_dir() and agent is None:
        import rlkit
        from rlkit import checkpoint, loading

        folder = checkpoint.latest(path)
        meta, _ = checkpoint.read(folder)
        if settings:
            raise UserError("--env is fixed by the run; leave it out")
        extra = {} if mode is None else {"render_mode": mode}
        env = loading.environment(meta.get("environment"), folder, **extra)
        return env, rlkit.load(folder, env), str(meta["agent"])
    if agent is None:
        known = ":" in target or target in gymnasium.registry
        hint = "" if known else f"; there is no run folder {target!r}"
        raise UserError(f"give a run folder, or an environment with --agent NAME{hint}")
    env = make(target, settings, mode)
    return env, player(agent, env, {}), agent


def exact_model(env: Any, discount: float | None = None) -> Any:
    """Return the model of an environment if it has one of moderate size, else None."""
    from rlkit.model import TabularModel

    try:
        model = TabularModel.from_env(env, discount)
    except (AttributeError, TypeError, ValueError):
        return None
    return model if model.num_states <= LARGEST_EXACT else None


def tabulated(policy: Any, env: Any, model: Any) -> TabularPolicy | None:
    """Return a policy as a table over the states of a model, or None if it cannot be one."""
    if isinstance(policy, TabularPolicy) or not hasattr(policy, "table"):
        return policy if isinstance(policy, TabularPolicy) else None
    states = np.arange(model.num_states)
    observe = getattr(env.unwrapped, "observe", None)
    return policy.table(states if observe is None else observe(states), model.legal)  # type: ignore[no-any-return]


def print_json(content: dict[str, Any]) -> None:
    """Print one machine-readable line; numbers that are not finite, which JSON lacks, as null."""
    print(json.dumps(_without_infinities(content), allow_nan=False))


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Yield a function that tells whether Ctrl-C or a request to end has come; work may finish.

    A second Ctrl-C interrupts at once.
    """
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT and number in came:
            raise KeyboardInterrupt
        came.append(number)

    previous = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: bool(came)
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _without_infinities(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _without_infinities(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_without_infinities(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


def _check_id(env_id: str) -> None:
    name = env_id.rpartition(":")[2]
    if ":" not in env_id and name not in gymnasium.registry:
        raise UserError(unknown("environment", env_id, _ours()))


def _ours() -> list[str]:
    return [name for name in gymnasium.registry if name.startswith("rlkit/")]
