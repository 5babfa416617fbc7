"""Train several seeds, one after the other or at the same time, and stop them all together."""

import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from multiprocessing import active_children, get_context
from typing import Protocol

from rlkit.agents.progress import bar
from rlkit.scripts.common import handled, interruptible, plain_warnings
from rlkit.scripts.runs.training import RunResult

PATIENCE = 0.2
"""Seconds between two looks at what has come."""


class SeedCommand(Protocol):
    """What trains one seed, here or in a process of its own."""

    def run_seed(self, *, shown: bool) -> RunResult:
        """Train, with a progress bar or without."""
        ...


def run_seeds(commands: Sequence[SeedCommand], jobs: int, *, shown: bool) -> list[RunResult]:
    """Train every seed; after an interruption those that run save, and no other begins.

    Args:
        commands: One for each seed.
        jobs: How many run at the same time, each in a process of its own.
        shown: Whether to show progress: of each, or how many are finished where several run.
    """
    if jobs == 1:
        finished = []
        for command in commands:
            finished.append(command.run_seed(shown=shown))
            if not finished[-1].complete:
                break
        return finished
    total = len(commands)
    with (
        interruptible() as interrupted,
        bar(total, "training seeds", shown=shown) as advance,
        _pool(min(jobs, total)) as pool,
    ):
        with handled(signal.SIG_IGN):  # by processes that are started here, until they train
            futures = [pool.submit(_run_seed, command) for command in commands]
        waiting: set[Future[RunResult]] = set(futures)
        while waiting:
            _, waiting = wait(waiting, timeout=PATIENCE)
            advance(total - len(waiting))
            if interrupted():
                waiting -= {future for future in waiting if future.cancel()}
                _ask_to_stop()
        return [future.result() for future in futures if not future.cancelled()]


def _run_seed(command: SeedCommand) -> RunResult:
    with plain_warnings():
        return command.run_seed(shown=False)


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))


def _ask_to_stop() -> None:
    """Ask every training process to save and stop; asking again does no harm.

    Not on Windows: there Ctrl-C comes to each of them by itself, and what asks would end them.
    """
    if sys.platform != "win32":
        for child in active_children():
            if child.pid is not None:
                os.kill(child.pid, signal.SIGTERM)
