"""Q-learning steps a second of processor time, against a plain loop and bettermdptools.

All learn on FrozenLake with the same constant step size, epsilon and discount. Processor time is
that of one core: a hundred tables run in threads, so on the clock they are as much faster as there
are cores.
"""

import sys
import time
from contextlib import ExitStack
from functools import partial
from math import isnan
from pathlib import Path
from typing import Any

import gymnasium

from rlkit.agents.tabular.q_learning import QLearning
from rlkit.scripts.benches import Options, Row
from rlkit.scripts.benches.timing import Peer, alternating

PROGRAM = Path(__file__).with_name("peer_learners.py")
HOW_TO = (
    "bettermdptools is not measured; for it: python -m venv peers && "
    "peers/bin/pip install bettermdptools, then --peer-python peers/bin/python"
)
SETTINGS: dict[str, Any] = {"discount": 0.99, "learning_rate": 0.1, "epsilon": 0.1}
TABLES = {1: 3_000_000, 100: 300_000}
"""Numbers of tables, and the steps of each in one measurement."""
PEER_STEPS = 30_000
"""Of a peer in one measurement."""


def bench(options: Options) -> list[Row]:
    """Return one row for each number of tables."""
    with ExitStack() as stack:
        loop = stack.enter_context(Peer(Path(sys.executable), PROGRAM))
        peers = {"plain loop": partial(_theirs, loop, "plain loop")}
        if options.peer_python is None:
            options.note(HOW_TO)
        else:
            other = stack.enter_context(Peer(options.peer_python, PROGRAM))
            peers["bettermdptools"] = partial(_theirs, other, "bettermdptools")
        rows: list[Row] = []
        for tables, steps in TABLES.items():
            options.note(f"tables: {tables}")
            learner = QLearning(gymnasium.make("FrozenLake-v1"), seeds=tables, **SETTINGS)
            learner.learn(1)  # compiles
            measured = alternating(
                {"rlkit": partial(_ours, learner, steps), **peers}, options.repeats
            )
            times = {f"times {name}": measured["rlkit"] / measured[name] for name in peers}
            rows.append({"tables": tables, **_whole(measured), **_whole(times)})
        return rows


def _whole(numbers: dict[str, float]) -> dict[str, int | None]:
    """Return rounded numbers; None for those that were not measured."""
    return {name: None if isnan(n) else round(n) for name, n in numbers.items()}


def _ours(learner: QLearning, steps: int) -> float:
    """Return the steps a second of processor time that all tables take together."""
    start = time.process_time()
    learner.learn(steps)
    return steps * learner.seeds / (time.process_time() - start)


def _theirs(peer: Peer, learner: str) -> float:
    """Return the steps a second of processor time of a peer; NaN where it is missing."""
    answer = peer.ask(learner=learner, steps=PEER_STEPS)
    if answer["seconds"] is None:
        return float("nan")
    return float(answer["steps"] / answer["seconds"])
