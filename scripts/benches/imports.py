"""Processor seconds of importing, each in a fresh interpreter, beside what it builds on."""

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec

from rlkit.scripts.benches import Options, Row
from rlkit.scripts.benches.timing import alternating

IMPORTS = {
    "gymnasium": "",
    "rlkit": "",
    "torch": "",
    "rlkit.nets": "torch",
    "rlkit.agents.deep": "torch",
    "stable_baselines3": "torch",
}
"""What is imported, and what has been already and is not counted; nothing, if empty."""


def bench(options: Options) -> list[Row]:
    """Return one row for each import; the peers are gymnasium and Stable-Baselines3."""
    contestants = {
        name: _cost(name, before)
        for name, before in IMPORTS.items()
        if _installed(name) and (not before or _installed(before))
    }
    options.note(f"{len(contestants)} imports, {options.repeats} times each")
    measured = alternating(contestants, options.repeats)
    return [
        {"import": name, "after": before or "Python", "seconds": measured.get(name)}
        for name, before in IMPORTS.items()
    ]


def _installed(name: str) -> bool:
    return find_spec(name.partition(".")[0]) is not None


def _cost(name: str, before: str) -> Callable[[], float]:
    """Return what measures the seconds of importing `name` once `before` has been."""
    program = (
        f"import time{', ' + before if before else ''}\n"
        f"start = time.process_time()\nimport {name}\nprint(time.process_time() - start)"
    )
    return partial(_answer, program)


def _answer(program: str) -> float:
    """Return the number that a program prints, run by this interpreter."""
    finished = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return float(finished.stdout)
