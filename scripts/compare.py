"""Compare runs: learning curves and tables with 95 % intervals across seeds."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tyro

from rlkit.scripts.common import UserError, command, print_json
from rlkit.scripts.runs.comparison import (
    DISCOUNTED,
    Contestant,
    check_comparable,
    contestant,
    names,
    pairs,
)
from rlkit.scripts.runs.curves import draw_curve

FEW = 5
"""Runs below which a bootstrap interval is far too narrow."""


@dataclass
class Compare:
    """Compare runs of one environment across seeds: curves, final scores, and each pair.

    A final score is what a run was worth when it was measured last, however far it came; runs that
    stopped early or have not ended are named. Curves go as far as all runs of one training came.
    """

    runs: tyro.conf.Positional[tuple[Path, ...]]
    """Run folders, or folders that `train --seeds` filled with seed-K."""
    measure: str = "value"
    """The column of metrics.csv to compare; of `regret` less is better."""
    out: Path = Path("compare.png")
    """Where the picture of the learning curves goes."""
    json: bool = False
    """Print one machine-readable line last, and no table."""

    def main(self) -> None:
        """Read, compare, draw and print."""
        if not self.runs:
            raise UserError("give at least one run folder")
        if self.out.suffix.lower() not in {".png", ".pdf", ".svg"}:
            raise UserError(f"--out ends with .png, .pdf or .svg, got {self.out.name!r}")
        contestants = [contestant(folder, self.measure) for folder in self.runs]
        check_comparable(contestants, self.measure)
        content = self._content(contestants)
        self._draw(contestants)
        if self.json:
            print_json(content)
            return
        print_contestants(content)
        print_pairs(content)
        if any(len(entry.seeds) < FEW for entry in contestants):
            print(f"Fewer than {FEW} seeds: the intervals are too narrow, or missing.")
        print(f"learning curves: {self.out}")

    def _content(self, contestants: list[Contestant]) -> dict[str, Any]:
        rows = zip(names(contestants), contestants, strict=True)
        discount = contestants[0].discount if self.measure in DISCOUNTED else None
        return {
            "env": contestants[0].config["environment"],
            "measure": self.measure,
            "discount": discount,
            "runs": [{"name": name, **entry.as_json()} for name, entry in rows],
            "pairs": pairs(contestants, self.measure),
            "picture": str(self.out),
        }

    def _draw(self, contestants: list[Contestant]) -> None:
        curves = {
            f"{name}, {len(entry.seeds)} seed{'s' * (len(entry.seeds) > 1)}": (
                entry.steps,
                entry.curves,
            )
            for name, entry in zip(names(contestants), contestants, strict=True)
        }
        optimum = contestants[0].optimum if self.measure == "value" else None
        self.out.parent.mkdir(parents=True, exist_ok=True)
        draw_curve(self.out, curves, optimum, self.measure, _title(contestants[0]))


def _title(entry: Contestant) -> str:
    environment = entry.config["environment"] or {}
    extra = "".join(f", {k} {v}" for k, v in environment.get("kwargs", {}).items())
    return f"{environment.get('id', 'environment')}{extra}"


def print_contestants(content: dict[str, Any]) -> None:
    """Print a row for each contestant."""
    from rich.console import Console
    from rich.table import Table

    columns = ("runs", "seeds", "steps", "final", "final, IQM", "all along")
    under = "" if content["discount"] is None else f" (discount {content['discount']:g})"
    title = f"{content['measure']}{under}, mean and 95 % interval across seeds"
    table = Table(*columns, title=title)
    for row in content["runs"]:
        cells = [_text(row[name]) for name in ("final", "iqm", "training")]
        table.add_row(row["name"], str(len(row["seeds"])), _steps(row), *cells)
    console = Console()
    console.print(table)
    for row in content["runs"]:
        for words in _remarks(row):
            console.print(words, highlight=False, markup=False, soft_wrap=True)


def _steps(row: dict[str, Any]) -> str:
    """Return how far the runs came; a star marks those of which more is said below."""
    low, high = min(row["reached"]), max(row["reached"])
    star = "*" if low < high or row["early"] else ""
    return f"{low:,}{star}" if low == high else f"{low:,} to {high:,}{star}"


def _remarks(row: dict[str, Any]) -> Iterator[str]:
    """Yield what a reader must know of runs that did not all go the whole way."""
    for words in row["early"]:
        yield f"* {row['name']}, {words}"
    if len(set(row["reached"])) > 1:
        yield (
            f"* {row['name']}: each final score is that of the run's own last step; all along and "
            f"the curves go to step {row['step']:,}, to which all came"
        )


def print_pairs(content: dict[str, Any]) -> None:
    """Print a row for each pair, if there are any."""
    from rich.console import Console
    from rich.table import Table

    if not content["pairs"]:
        return
    columns = ("first", "second", "P(first is better)", "difference, same seeds")
    table = Table(*columns, title="pairs, final scores")
    for row in content["pairs"]:
        cells = (_text(row["probability"]), _text(row["difference"]))
        table.add_row(row["first"], row["second"], *cells)
    Console().print(table)


def _text(estimate: dict[str, Any] | None) -> str:
    if estimate is None:
        return "-"
    if estimate["ci95"] is None:
        return f"{estimate['mean']:.4g}"
    low, high = estimate["ci95"]
    return f"{estimate['mean']:.4g} [{low:.3g}, {high:.3g}]"


if __name__ == "__main__":
    raise SystemExit(command(Compare))
