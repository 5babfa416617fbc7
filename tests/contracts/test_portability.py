"""It works where the classifiers say: nothing asks for what Linux or POSIX systems alone have."""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest

import rlkit
from rlkit import agents
from rlkit.machine import cores

ROOT = Path(__file__).parents[2]
NOT_OURS = {"build", "dist", "venv"}
OF_PYTHON = "crypt curses fcntl grp nis posix pty pwd readline resource syslog termios tty"
OF_OS = (
    "O_CLOEXEC O_DIRECTORY O_NOFOLLOW WEXITSTATUS WIFEXITED WIFSIGNALED WNOHANG WTERMSIG chown "
    "chroot confstr fchown fork forkpty getegid geteuid getgid getgrouplist getloadavg getpgid "
    "getpgrp getpriority getuid killpg lchown lockf major makedev memfd_create mkfifo mknod nice "
    "openpty pipe2 posix_fadvise posix_spawn pread preadv process_vm_readv pwrite pwritev "
    "register_at_fork sched_getaffinity sched_getparam sched_setaffinity sched_yield sendfile "
    "setegid seteuid setgid setpgid setpriority setsid setuid statvfs sync sysconf "
    "tcgetpgrp ttyname uname wait wait3 wait4 waitid"
)
OF_SIGNALS = (
    "ITIMER_REAL SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGUSR1 "
    "SIGUSR2 alarm pause pthread_kill pthread_sigmask setitimer siginterrupt sigpending sigwait"
)
MODULES = set(OF_PYTHON.split())
MISSING = {"os": {*OF_OS.split(), "kill"}, "signal": set(OF_SIGNALS.split()), "time": {"tzset"}}
"""What Windows lacks, or does otherwise: `os.kill` ends a process there, whatever the signal."""
QUESTIONS = ("hasattr(", "os.name", "sys.platform")
"""What a condition asks where the code depends on the system."""


def sources() -> Iterator[Path]:
    """Yield all files of a checkout; links are not followed."""
    for folder in sorted(ROOT.iterdir()):
        if folder.is_dir() and folder.name[0] != "." and folder.name not in NOT_OURS:
            yield from sorted(folder.rglob("*.py"))


def faults(source: str) -> list[str]:
    """Return what a source asks for that is not everywhere, but for what stands behind a question.

    Text files without an encoding count too: Windows takes another one than UTF-8.
    """
    return list(_found([ast.parse(source)]))


def _found(nodes: list[ast.AST]) -> Iterator[str]:
    """Yield what stands in statements or expressions, up to where a question leaves the block."""
    for node in nodes:
        if isinstance(node, ast.If | ast.IfExp) and _asks(node.test):
            if isinstance(node, ast.If) and isinstance(node.body[-1], ast.Return):
                return
            continue
        yield from _named(node)
        for _, value in ast.iter_fields(node):
            children = value if isinstance(value, list) else [value]
            yield from _found([child for child in children if isinstance(child, ast.AST)])


def _asks(condition: ast.expr) -> bool:
    return any(question in ast.unparse(condition) for question in QUESTIONS)


def _named(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (name.name for name in node.names if name.name in MODULES)
    if isinstance(node, ast.ImportFrom):
        if node.module in MODULES:
            yield str(node.module)
        absent = MISSING.get(str(node.module), set())
        yield from (f"{node.module}.{name.name}" for name in node.names if name.name in absent)
    if isinstance(node, ast.Attribute) and node.attr in MISSING.get(ast.unparse(node.value), ()):
        yield ast.unparse(node)
    if isinstance(node, ast.Call) and _guesses_encoding(node):
        yield f"{ast.unparse(node.func).rpartition('.')[2]} without an encoding"


def _guesses_encoding(call: ast.Call) -> bool:
    """Return whether a call opens a text file and names no encoding."""
    function, given = call.func, len(call.args)
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if any(word.arg == "encoding" for word in call.keywords):
        return False
    if name in {"read_text", "write_text"}:
        return given < (1 if name == "read_text" else 2)
    owner = getattr(function, "value", None)
    if (name, getattr(owner, "id", "")) in {("open", "os"), ("open", "Image")}:
        return False
    modes = call.args[1 if name == "fdopen" or owner is None else 0 :][:1]
    modes += [word.value for word in call.keywords if word.arg == "mode"]
    return name in {"open", "fdopen"} and not any(
        not isinstance(mode, ast.Constant) or "b" in str(mode.value) for mode in modes
    )


def test_no_source_asks_for_what_is_not_everywhere() -> None:
    found = {str(file.relative_to(ROOT)): faults(file.read_text("utf-8")) for file in sources()}

    assert len(found) > 400
    assert {name: what for name, what in found.items() if what} == {}


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import resource", "resource"),
        ("from fcntl import flock", "fcntl"),
        ("from os import fork", "os.fork"),
        (
            "import os\ndef cores():\n    return len(os.sched_getaffinity(0))",
            "os.sched_getaffinity",
        ),
        ("import signal\nALL = (signal.SIGINT, signal.SIGHUP)", "signal.SIGHUP"),
        ("if sys.platform == 'win32':\n    print(1)\nos.kill(1, 2)", "os.kill"),
        ("path.read_text()", "read_text without an encoding"),
        ("path.write_text(text)", "write_text without an encoding"),
        ("open(path)", "open without an encoding"),
        ("path.open('a', newline='')", "open without an encoding"),
        ("os.fdopen(1, 'w')", "fdopen without an encoding"),
    ],
)
def test_what_is_not_everywhere_is_found(source: str, what: str) -> None:
    assert faults(source) == [what]


@pytest.mark.parametrize(
    "source",
    [
        "n = os.nice(0) if hasattr(os, 'nice') else 0",
        "def stop():\n    if os.name == 'nt':\n        return\n    os.kill(1, signal.SIGHUP)",
        "path.open('rb')",
        "path.open(mode)",
        "open(path, 'wb')",
        "Image.open(path)",
        "path.read_text('utf-8')",
        "path.write_text(text, encoding='utf-8')",
        "signal.SIGTERM",
    ],
)
def test_what_is_everywhere_or_asked_for_is_none(source: str) -> None:
    assert faults(source) == []


def test_the_cabin_steps_and_saves_where_posix_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in OF_OS.split():
        monkeypatch.delattr(os, name, raising=False)

    envs = gym.make_vec("rlkit/CabinBench1-v0", num_envs=256)  # enough for two threads
    envs.reset(seed=0)
    _, rewards, *_ = envs.step(envs.action_space.sample())
    envs.close()
    agents.make("q-learning", "rlkit/SmallGrid-v0", seed=0).learn(100).save(tmp_path / "a")

    assert np.isfinite(rewards).all()
    assert rlkit.load(tmp_path / "a").num_timesteps == 100


@pytest.mark.parametrize("counted", [6, None])
def test_cores_are_counted_where_no_limit_is_told(
    monkeypatch: pytest.MonkeyPatch, counted: int | None
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: counted)

    assert cores() == (counted or 1)
