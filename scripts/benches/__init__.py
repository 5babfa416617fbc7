"""Benchmarks: each a function in a module of its own, by its name on the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlkit.lazy import resolve

Row = dict[str, Any]
"""One line of a benchmark's table: column to text or number; every row has the same columns."""

BENCHES = {
    "actor-critic": "rlkit.scripts.benches.deep:actor_critic",
    "cabin": "rlkit.scripts.benches.cabin:bench",
    "dqn": "rlkit.scripts.benches.deep:dqn",
    "gridworld": "rlkit.scripts.benches.gridworld:bench",
    "imports": "rlkit.scripts.benches.imports:bench",
    "learners": "rlkit.scripts.benches.learners:bench",
    "planners": "rlkit.scripts.benches.planners:bench",
    "ppo": "rlkit.scripts.benches.deep:ppo",
    "recurrent-ppo": "rlkit.scripts.benches.deep:recurrent_ppo",
    "solving": "rlkit.scripts.benches.solving:bench",
    "training": "rlkit.scripts.benches.training:bench",
    "vector": "rlkit.scripts.benches.vector:bench",
}


@dataclass(frozen=True)
class Options:
    """What every benchmark is given."""

    repeats: int
    """Timings of each contestant; medians are reported."""
    large: bool
    """Whether to include what takes minutes."""
    peer_python: Path | None
    """An interpreter that has the peers; None measures only ours."""
    note: Callable[[str], None]
    """Takes a line about what is going on."""


def find(name: str) -> Callable[[Options], list[Row]]:
    """Return the benchmark called `name`."""
    function: Callable[[Options], list[Row]] = resolve(BENCHES[name])
    return function
