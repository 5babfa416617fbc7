"""Measure speed, alone or against other libraries."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

from rlkit.names import unknown
from rlkit.scripts.benches import BENCHES, Options, Row, find
from rlkit.scripts.common import UserError, command, print_json


@dataclass
class Bench:
    """Measure speed, taking turns with peers; the table shows medians."""

    name: tyro.conf.Positional[str]
    """cabin, gridworld, vector, learners or training (steps a second); dqn, ppo, actor-critic or
    recurrent-ppo (steps a second in training, against Stable-Baselines3); planners, solving or
    imports (seconds)."""
    peer_python: Path | None = None
    """An interpreter that has the peer libraries; without it only ours is measured."""
    repeats: int = 5
    """Timings of each contestant."""
    large: bool = False
    """Whether to include the problems that take minutes."""
    json: bool = False
    """Print one machine-readable line last, and no table."""

    def main(self) -> None:
        """Measure and print."""
        from rich.console import Console

        if self.name not in BENCHES:
            raise UserError(unknown("benchmark", self.name, BENCHES))
        if self.repeats < 1:
            raise UserError(f"--repeats must be at least 1, got {self.repeats}")
        console = Console(stderr=True)
        rows = find(self.name)(Options(self.repeats, self.large, self.peer_python, console.print))
        if self.json:
            print_json({"bench": self.name, "repeats": self.repeats, "rows": rows})
        else:
            print_table(self.name, rows)


def print_table(title: str, rows: list[Row]) -> None:
    """Print rows under the columns of all of them."""
    from rich.console import Console
    from rich.table import Table

    columns = list(dict.fromkeys(column for row in rows for column in row))
    table = Table(*columns, title=title)
    for row in rows:
        table.add_row(*[_text(row.get(column)) for column in columns])
    Console().print(table)


def _text(value: Any) -> str:
    if value is None or value != value:  # noqa: PLR0124 - not a number: was not measured
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    raise SystemExit(command(Bench))
