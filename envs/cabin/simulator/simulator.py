"""Many dialogues side by side: the state, the compiled step, and the threads that share it.

The single environment is a simulator of one, so there is one implementation of the rules.
"""

import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import entry, keeps_code
from rlkit.copying import Copyable
from rlkit.envs.cabin.simulator.drive import advance_drives
from rlkit.envs.cabin.simulator.outputs import LOOK, RESET, SKIP, Outputs
from rlkit.envs.cabin.state.record import DIALOGUE, State, arguments, new_state, of_today
from rlkit.envs.cabin.state.reward import REWARD_TERMS
from rlkit.envs.cabin.state.tables import Tables
from rlkit.machine import cores

SMALLEST_SLICE = 128
"""Environments for which another thread is worth its start."""
PATIENCE_WITH_COMPILER = 1.5
"""Seconds after which the first simulator says that it compiles [s]."""


class Simulator(Copyable):
    """`count` dialogues under one ontology and scenario.

    Args:
        tables: The ontology and scenario.
        count: The number of dialogues N.
        threads: Threads to use; all cores of the process by default.
    """

    remade: ClassVar[tuple[str, ...]] = ("record", "_arrays", "_advance", "_pool")

    def __init__(self, tables: Tables, count: int, threads: int | None = None) -> None:
        rules = tables.rules[0]
        self.tables = tables
        self.driving = tables.driving
        self.count = count
        self.num_features = int(rules["features"])
        self.num_actions = int(rules["actions"])
        self.state: State = new_state(
            count, int(rules["words"]), self.num_features, driving=self.driving
        )
        self.weighted = [int(column) for column in np.flatnonzero(rules["weights"])]
        self._slices = _slices(count, threads or cores())
        self._remake()

    def _remake(self) -> None:
        self.record: NDArray[Any] = self.state.record
        self._arrays = arguments(self.tables, self.state)
        self._advance = self._compiled()
        self._pool: ThreadPoolExecutor | None = None

    def _compiled(self) -> Callable[..., None]:
        """Return the step, and say so if compiling it takes long."""
        kept = " (once; later starts use the cache)" if keeps_code() else ""
        message = f"rlkit: compiling the cabin simulator{kept} ...\n"
        timer = threading.Timer(PATIENCE_WITH_COMPILER, sys.stderr.write, [message])
        timer.daemon = True
        timer.start()
        kernel = _kernel(self.driving)
        actions = np.full(self.count, SKIP, np.int64)
        try:
            return entry(kernel, (*self._arrays, *self.new_outputs(), actions, 0, self.count))
        finally:
            timer.cancel()

    def seed(self, keys: Sequence[int] | NDArray[np.uint64]) -> None:
        """Give every dialogue its stream of random numbers, from the beginning."""
        self.record["key"] = keys
        self.record["counter"] = 0

    def new_outputs(self) -> Outputs:
        """Return empty arrays for what a step returns."""
        return Outputs(
            observation=np.empty((self.count, self.num_features), np.float32),
            mask=np.empty((self.count, self.num_actions), np.int8),
            reward=np.empty(self.count, np.float64),
            terminated=np.empty(self.count, np.bool_),
            truncated=np.empty(self.count, np.bool_),
            illegal=np.empty(self.count, np.bool_),
            terms=np.empty((self.count, len(REWARD_TERMS)), np.float32),
        )

    def advance(self, actions: NDArray[np.int64], outputs: Outputs) -> None:
        """Take one step: actions, or `RESET`, `LOOK` or `SKIP` in their place, shape `(N,)`."""
        arrays = (*self._arrays, *outputs, actions)
        if len(self._slices) == 1:
            self._advance(*arrays, 0, self.count)
        else:
            self.on_threads(lambda start, stop: self._advance(*arrays, start, stop))

    def stepping(self, actions: NDArray[np.int64], outputs: Outputs) -> Callable[[], None]:
        """Return `advance` for the same arrays again and again, on one thread, at less cost."""
        return partial(self._advance, *self._arrays, *outputs, actions, 0, self.count)

    def on_threads(self, work: Callable[[int, int], None]) -> None:
        """Call `work(start, stop)` for slices of the dialogues, on all threads."""
        if len(self._slices) == 1:
            work(0, self.count)
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(len(self._slices) - 1, "rlkit-cabin")
        waiting: list[Future[None]] = [
            self._pool.submit(work, start, stop) for start, stop in self._slices[1:]
        ]
        work(*self._slices[0])
        for future in waiting:
            future.result()

    def close(self) -> None:
        """End the threads."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def get_state(self) -> dict[str, NDArray[Any]]:
        """Return a copy of the state as plain arrays, the record as bytes `(N, bytes)`."""
        return {name: array.copy() for name, array in self._plain().items()}

    def set_state(self, state: dict[str, NDArray[Any]]) -> None:
        """Take over a state that `get_state` returned.

        Raises:
            ValueError: If it is of another ontology, another size or another version.
        """
        if "record" in state:
            state = {**state, "record": of_today(state["record"])}
        for name, array in self._plain().items():
            given = state.get(name)
            if given is None or given.shape != array.shape or given.dtype != array.dtype:
                got = "nothing" if given is None else f"{given.dtype} of shape {given.shape}"
                raise ValueError(
                    f"the state's {name!r} is {array.dtype} of shape {array.shape}, got {got}; "
                    f"it fits only the same ontology, number of environments and version"
                )
        self._require_tables(state["record"])
        for name, array in self._plain().items():
            array[...] = state[name]

    def _require_tables(self, record: NDArray[np.uint8]) -> None:
        """Raise a ValueError if a dialogue has a table of confusions that is not here."""
        last = int(np.ascontiguousarray(record).view(DIALOGUE)["table"].max())
        if last >= len(self.tables.rules):
            raise ValueError(
                f"the state's dialogues have tables of confusions up to number {last}, and here "
                f"there are {len(self.tables.rules)}; make the environment with "
                f"confusion_tables={last + 1} or more"
            )

    def _plain(self) -> dict[str, NDArray[Any]]:
        """Return the state's arrays, the record as bytes: copies of records skip the padding."""
        arrays: dict[str, NDArray[Any]] = self.state._asdict()
        records = {name: arrays[name].view(np.uint8) for name in ("record", "car")}
        return {**arrays, **{name: r.reshape(self.count, -1) for name, r in records.items()}}


def _kernel(driving: bool) -> Callable[..., None]:
    """Return the step on a road, or the benchmark's, which is imported where there is no road."""
    if driving:
        return advance_drives
    from rlkit.envs.cabin.simulator.dialogue import advance

    return advance


def _slices(count: int, threads: int) -> list[tuple[int, int]]:
    """Return the slices of the threads, each of at least `SMALLEST_SLICE` dialogues."""
    parts = max(1, min(threads, count // SMALLEST_SLICE))
    edges = [count * part // parts for part in range(parts + 1)]
    return list(pairwise(edges))


__all__ = ["LOOK", "RESET", "SKIP", "Simulator"]
