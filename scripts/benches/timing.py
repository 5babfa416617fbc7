"""Fair timing: contestants take turns, so that a busy moment hits all of them."""

import json
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any, Self


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


PATIENCE = 10.0
"""Who takes longer [s] is not timed again, and sits out what takes still longer."""


def alternating(contestants: Mapping[str, Callable[[], float]], repeats: int) -> dict[str, float]:
    """Return the median of what each contestant measures.

    They take turns `repeats` times; who takes longer than `PATIENCE` has no further turn.
    """
    measured: dict[str, list[float]] = {name: [] for name in contestants}
    waiting = dict(contestants)
    for _ in range(repeats):
        for name, measure in list(waiting.items()):
            began = time.perf_counter()
            measured[name].append(measure())
            if time.perf_counter() - began > PATIENCE:
                del waiting[name]
    return {name: median(values) for name, values in measured.items()}


class Peer:
    """A program in another interpreter that answers one JSON line with another.

    Args:
        python: The interpreter.
        program: A file that reads requests from its standard input; it cannot import this library.
    """

    def __init__(self, python: Path, program: Path) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - the interpreter is the user's choice
            [str(python), str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, **request: Any) -> Any:
        """Return the answer to a request.

        Raises:
            ValueError: If the peer ended without one; it has printed why.
        """
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        assert self._process.stdout is not None  # noqa: S101
        try:
            print(json.dumps(request), file=self._process.stdin, flush=True)
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise ValueError(
                f"the peer {self._process.args!r} ended with code {self._process.wait()}"
            )
        return json.loads(answer)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        with self._process as process:
            if kind is not None:
                process.kill()
