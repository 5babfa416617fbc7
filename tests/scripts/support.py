"""Commands as a user types them, in this process or in one of their own."""

import json
import subprocess
import sys
from typing import Any

import pytest

from rlkit.scripts.cli import main

GRID = ("train", "rlkit/GridWorld-v0", "--agent", "q-learning")


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    """Run a command that must succeed, and return its last line as JSON."""
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def refuse(capsys: pytest.CaptureFixture[str], *words: str, code: int = 2) -> str:
    """Run a command that must fail with an exit code and without a traceback; return its words."""
    assert main(list(words)) == code
    error = capsys.readouterr().err
    assert "Traceback" not in error
    return error


def start(*words: str) -> "subprocess.Popen[str]":
    """Start a command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "rlkit.scripts.cli", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def python(program: str) -> "subprocess.CompletedProcess[str]":
    """Run a Python program in a process of its own, to its end."""
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=240
    )
