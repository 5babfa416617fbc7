"""Measure planners on problems of growing size, and draw what they cost against transitions.

python -m studies.results.planner_costs --peer-python peers/bin/python
"""

import json
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from rlkit.agents.progress import bar
from rlkit.checkpoint import write_json
from rlkit.scripts.benches import Options, Row
from rlkit.scripts.benches.planners import DISCOUNTS, PEERS, bench, family
from rlkit.scripts.common import command
from rlkit.scripts.runs.curves import new_figure

TITLES = {"random": "random successors", "grid": "slippery grids"}
"""Families of problems, and what their row of panels is called."""
STYLES = {"rlkit": "o-", "quantecon": "s--", "mdpsolver": "^:"}
ROWS = 21
"""Of the bench with its large problems."""


@dataclass
class PlannerCosts:
    """Measure the default planner, and draw seconds against transitions."""

    out: Path = Path("docs/images/planner-costs.png")
    """The picture."""
    rows: Path | None = None
    """Rows that were measured before, as `--save` wrote them; nothing is measured then."""
    save: Path | None = None
    """Where the rows go, as JSON."""
    peer_python: Path | None = None
    """An interpreter that has QuantEcon and mdpsolver; without it only ours is measured."""
    repeats: int = 3
    """Timings of each contestant."""

    def main(self) -> None:
        """Measure and draw."""
        if self.rows is not None:
            rows = json.loads(self.rows.read_text(encoding="utf-8"))
        else:
            rows = self._measured()
        if self.save is not None:
            write_json(self.save, rows)
        draw(self.out, rows)

    def _measured(self) -> list[Row]:
        """Return the rows of the bench, its large problems included."""
        with bar(ROWS, "planning", shown=True) as advance:
            started = count()
            options = Options(
                self.repeats,
                large=True,
                peer_python=self.peer_python,
                note=lambda _: advance(next(started)),
            )
            return bench(options)


def draw(path: Path, rows: list[Row]) -> None:
    """Draw a panel for each family and discount, with a line of cost in proportion to size."""
    figure = new_figure((10, 6))
    panels = figure.subplots(len(TITLES), len(DISCOUNTS), sharex="row", sharey=True)
    for axes_row, (kind, title) in zip(panels, TITLES.items(), strict=True):
        for axes, discount in zip(axes_row, DISCOUNTS, strict=True):
            shown = [r for r in rows if family(r["problem"]) == kind and r["discount"] == discount]
            draw_panel(axes, shown)
            axes.set_title(f"{title}, discount {discount}", fontsize="medium")
        axes_row[0].set_ylabel("seconds")
        for axes in axes_row:
            axes.set_xlabel("transitions")
    handles, labels = panels[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    figure.savefig(path, dpi=110)


def draw_panel(axes: Any, rows: list[Row]) -> None:
    """Draw the seconds of every solver against the number of transitions."""
    sizes = [row["transitions"] for row in rows]
    for solver in ("rlkit", *PEERS):
        points = [(row["transitions"], row[solver]) for row in rows if row.get(solver)]
        if points:
            axes.plot(*zip(*points, strict=True), STYLES[solver], label=solver, markersize=5)
    last = rows[-1]["rlkit"]
    axes.plot(
        sizes,
        [last * size / sizes[-1] for size in sizes],
        color="0.7",
        linewidth=1,
        zorder=0,
        label="in proportion to the transitions",
    )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


if __name__ == "__main__":
    raise SystemExit(command(PlannerCosts))
