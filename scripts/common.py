"""What the commands share: environments and players from names, messages, exit codes, --json."""

import json
import math
import os
import re
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any

import gymnasium
import numpy as np
import yaml
from gymnasium import spaces

from rlkit.catalogue import AGENTS, NAMES
from rlkit.checkpoint import CheckpointError, WriteError
from rlkit.envs.view.window import NoWindowError
from rlkit.names import unknown
from rlkit.policy import TabularPolicy, UniformPolicy
from rlkit.scripts.keywords import unknown_keyword

OK, FAILED, WRONG_ARGUMENTS, INTERRUPTED = 0, 1, 2, 130
REQUESTS = (signal.SIGINT, signal.SIGTERM)
"""Signals that ask a command to end."""
READY_MADE = ("random", "handcrafted")
"""Players that neither learn nor plan."""
PAIRS = ("--env", "--set")
"""Options that take keys and values."""
LIKE_AN_ID = 0.8
"""How alike a missing folder and an id must be for the id to be meant."""
LARGEST_EXACT = 20_000
"""States of the largest model that is solved beside learning or playing."""


class UserError(Exception):
    """Something the user can mend; printed without a traceback."""


MENDABLE = (
    UserError,
    CheckpointError,
    NoWindowError,
    ImportError,
    ValueError,
    TypeError,
    KeyError,
    gymnasium.error.Error,
)
"""What the words of a command can bring about."""


def run(command: Callable[[], int | None]) -> int:
    """Run a command and turn what goes wrong into a message and an exit code."""
    try:
        with plain_warnings():
            return command() or OK
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has enough; Python must not complain when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except FileNotFoundError as error:
        missing = error.filename
        return _say(error if missing is None else f"there is no file or folder {str(missing)!r}")
    except (WriteError, ArithmeticError, OSError) as error:
        return _say(error, FAILED)
    except MENDABLE as error:
        return _say(error.args[0] if isinstance(error, KeyError) and error.args else error)


@contextmanager
def plain_warnings() -> Iterator[None]:
    """Print warnings as words alone meanwhile: where they come from tells a user nothing."""
    usual = warnings.formatwarning
    warnings.formatwarning = lambda message, *_, **__: f"warning: {message}\n"
    try:
        yield
    finally:
        warnings.formatwarning = usual


def command(kind: type[Any]) -> int:
    """Run one sub-command as a program of its own."""
    import tyro

    return run(lambda: tyro.cli(kind, args=together(sys.argv[1:])).main())


def together(words: Sequence[str]) -> list[str]:
    """Join the pairs after every `--env`, and after every `--set`; else the last alone counts."""
    if all(words.count(flag) < 2 for flag in PAIRS):
        return list(words)
    rest: list[str] = []
    pairs: dict[str, list[str]] = {flag: [] for flag in PAIRS}
    place = rest
    for word in words:
        if word in PAIRS:
            place = pairs[word]
            continue
        if word.startswith("--"):
            place = rest
        place.append(word)
    return rest + [word for flag, found in pairs.items() if found for word in (flag, *found)]


def _say(error: object, code: int = WRONG_ARGUMENTS) -> int:
    print(f"error: {error}", file=sys.stderr)
    return code


def import_first(module: str | None) -> None:
    """Import a module that registers environments of the user's; it may lie in this folder."""
    if module is None:
        return
    here = str(Path.cwd())
    sys.path.insert(0, here)
    try:
        import_module(module)
    except ImportError as error:
        raise UserError(f"cannot import the module {module!r}: {error}") from error
    finally:
        sys.path.remove(here)


def full_id(env_id: str) -> str:
    """Return the id of an environment without a module before it, and with its version.

    Raises:
        UserError: If there is none; the message has the nearest.
    """
    from rlkit.agents.configuring import spec_of

    _check_id(env_id)
    if ":" in env_id:
        import_first(env_id.partition(":")[0])
    return str(spec_of(env_id).id)


def make(env_id: str, settings: dict[str, str], render_mode: str | None = None) -> Any:
    """Make an environment from its id and the words after `--env`."""
    _check_id(env_id)
    if ":" in env_id:
        import_first(env_id.partition(":")[0])
    extra: dict[str, Any] = {} if render_mode is None else {"render_mode": render_mode}
    try:
        return gymnasium.make(env_id, **values(settings), **extra)
    except TypeError as error:
        message = unknown_keyword(env_id, error)
        raise UserError(message or f"{env_id} does not take {settings}: {error}") from error
    except ImportError as error:
        raise UserError(f"cannot make {env_id}: {error}") from error


class _Words(yaml.SafeLoader):
    """YAML that takes 1e-3 for a number, as everybody but YAML 1.1 does, which wants 1.0e-3."""


_Words.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"),
    list("-+.0123456789"),
)


def values(settings: dict[str, str]) -> dict[str, Any]:
    """Read each value as YAML does: numbers, true and false, null, lists, else text."""
    try:
        return {name: yaml.load(text, _Words) for name, text in settings.items()}  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise UserError(f"cannot read one of the values {settings}: {error}") from error


def make_player(name: str, env: Any) -> Any:
    """Return who plays: `random`, `handcrafted`, or a planner that is solved first."""
    if name == "random":
        return _uniform(env.action_space)
    if name == "handcrafted":
        handcrafted = getattr(env.unwrapped, "handcrafted", None)
        if handcrafted is None:
            raise UserError(f"{env.spec.id} has no handcrafted policy")
        return handcrafted()
    if name not in NAMES:
        raise UserError(unknown("agent", name, [*NAMES, *READY_MADE]))
    from rlkit.agents.making import make as make_agent

    agent: Any = make_agent(name, env) if name in AGENTS else None
    if hasattr(agent, "solve"):
        return agent.learn()
    raise UserError(
        f"{name} must learn first: `rlkit train {env.spec.id} --agent {name} --steps N`, "
        "then give the run folder"
    )


def _uniform(space: spaces.Space[Any]) -> UniformPolicy:
    """Return the policy that plays any legal action of a space."""
    if not isinstance(space, spaces.Discrete):
        raise UserError(f"random plays Discrete actions; these are {space}")
    return UniformPolicy(int(space.n), first_action=int(space.start))


def opened(
    target: str,
    agent: str | None,
    settings: dict[str, str],
    mode: str | None,
    *,
    trust: bool = False,
) -> Any:
    """Return (environment, player, agent's name) for a run folder, or an environment and a name.

    Args:
        target: A run folder, or an environment's id.
        agent: The player's name, for an environment.
        settings: Arguments of the environment.
        mode: Its `render_mode`.
        trust: Whether to open a run whose file can run code; see `rlkit.load`.
    """
    path = Path(target)
    if path.is_dir() and agent is None:
        import rlkit
        from rlkit import checkpoint, loading

        check_one_run(path)
        folder = checkpoint.latest(path)
        meta, _ = checkpoint.read(folder)
        if settings:
            raise UserError("--env is fixed by the run; leave it out")
        extra = {} if mode is None else {"render_mode": mode}
        env = loading.environment(meta.get("environment"), folder, **extra)
        return env, rlkit.load(folder, env, trust=trust), str(meta["agent"])
    if agent is None:
        raise UserError(f"give a run folder, or an environment with --agent NAME{_missing(target)}")
    env = make(target, settings, mode)
    return env, make_player(agent, env), agent


def _missing(target: str) -> str:
    """Return what to add of a target that is no folder, and no id either."""
    if ":" in target or target in gymnasium.registry:
        return ""
    near = get_close_matches(target, gymnasium.registry, n=1, cutoff=LIKE_AN_ID)
    hint = f". Did you mean {near[0]!r}?" if near else ""
    return f"; there is no run folder {target!r}{hint}"


def runs_in(folder: Path) -> list[Path]:
    """Return the runs in a folder that `train --seeds` filled."""
    return sorted(path for path in folder.glob("seed-*") if path.is_dir())


def check_one_run(folder: Path) -> None:
    """Raise `UserError`, which names the runs, for a folder that `train --seeds` filled."""
    runs = runs_in(folder)
    if runs:
        raise UserError(f"{folder} holds several runs; name one of {', '.join(map(str, runs))}")


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

    A second Ctrl-C interrupts at once. In any thread but the main one, as of a notebook or a web
    application, no request comes: Python brings them to the main thread alone.
    """
    came: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT and number in came:
            raise KeyboardInterrupt
        came.append(number)

    with handled(note):
        yield lambda: bool(came)


@contextmanager
def handled(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> Iterator[None]:
    """Handle Ctrl-C and requests to end so for a while, where the thread may: in the main one."""
    numbers = REQUESTS if threading.current_thread() is threading.main_thread() else ()
    previous = {number: signal.signal(number, handler) for number in numbers}
    try:
        yield
    finally:
        for number, before in previous.items():
            # Python cannot set again what another language has set, which it calls None.
            signal.signal(number, signal.SIG_DFL if before is None else before)


def _without_infinities(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _without_infinities(value) for name, value in content.items()}
    if isinstance(content, list | tuple):
        return [_without_infinities(value) for value in content]
    return None if isinstance(content, float) and not math.isfinite(content) else content


def _check_id(env_id: str) -> None:
    name = env_id.rpartition(":")[2]
    if ":" not in env_id and name not in gymnasium.registry:
        near = get_close_matches(env_id, gymnasium.registry, n=1)  # of Gymnasium's own, too
        raise UserError(unknown("environment", env_id, {*_ours(), *near}))


def _ours() -> list[str]:
    return [name for name in gymnasium.registry if name.startswith("rlkit/")]
