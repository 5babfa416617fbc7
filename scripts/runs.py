"""Run folders: settings, metrics, checkpoints and the learning curve of one training."""

import csv
import json
import os
import shutil
from pathlib import Path
from typing import Any

from rlkit import checkpoint
from rlkit.agents.saving import describe
from rlkit.arrays import Floats
from rlkit.scripts.common import UserError

CONFIG, METRICS, CURVE, EVALUATION = "config.json", "metrics.csv", "curve.png", "evaluation.json"


class Run:
    """A folder of one training.

    Args:
        folder: Where it is.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def create(cls, folder: Path, config: dict[str, Any]) -> "Run":
        """Make a new run.

        Raises:
            UserError: If the folder exists and is not empty.
        """
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UserError(
                f"{folder} exists already. Choose another --out, or go on with --resume {folder}"
            )
        folder.mkdir(parents=True, exist_ok=True)
        checkpoint.write_json(folder / CONFIG, config)
        return cls(folder)

    @classmethod
    def reopen(cls, folder: Path) -> tuple["Run", dict[str, Any], Path]:
        """Open a run to go on; metrics after its checkpoint are dropped.

        Returns:
            The run, its settings, and its newest checkpoint.
        """
        try:
            config = json.loads((folder / CONFIG).read_text())
        except FileNotFoundError:
            raise UserError(f"{folder} is no run: it has no {CONFIG}") from None
        except ValueError as error:
            raise UserError(f"{folder / CONFIG} is damaged: {error}") from error
        newest = checkpoint.latest(folder)
        meta, _ = checkpoint.read(newest)
        run = cls(folder)
        run._truncate_metrics(int(meta["step"]))
        return run, config, newest

    def log(self, row: dict[str, float]) -> None:
        """Append one row of metrics; the first row names the columns."""
        path = self.folder / METRICS
        fresh = not path.exists() or not path.stat().st_size
        with path.open("a", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            if fresh:
                writer.writeheader()
            writer.writerow(row)

    def metrics(self) -> list[dict[str, float]]:
        """Return the rows of metrics so far."""
        path = self.folder / METRICS
        if not path.exists():
            return []
        with path.open(newline="") as file:
            return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]

    def save(self, agent: Any) -> Path:
        """Write a checkpoint of the agent."""
        return checkpoint.save_step(
            self.folder, agent.num_timesteps, describe(agent), agent.state_dict()
        )

    def write_evaluation(self, content: dict[str, Any]) -> None:
        """Write `evaluation.json`."""
        checkpoint.write_json(self.folder / EVALUATION, content)

    def draw_curve(self, optimum: float | None) -> Path | None:
        """Draw the learning curve; None if there is nothing to draw."""
        rows = self.metrics()
        if not rows:
            return None
        steps = [row["step"] for row in rows]
        return draw_curve(
            self.folder / CURVE, {"learned": (steps, [row["value"] for row in rows])}, optimum
        )

    def _truncate_metrics(self, step: int) -> None:
        rows = [row for row in self.metrics() if row["step"] <= step]
        path = self.folder / METRICS
        if not path.exists():
            return
        partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
        shutil.copy(path, partial)
        path.unlink()
        for row in rows:
            self.log(row)
        partial.unlink()


def draw_curve(
    path: Path, curves: dict[str, tuple[Any, Any]], optimum: float | None, label: str = "return"
) -> Path:
    """Draw value against steps for each named curve.

    Args:
        path: Where the picture goes.
        curves: Name to (steps `(n,)`, values `(n,)` or `(seeds, n)`); several seeds show their
            spread.
        optimum: A line for the best possible value.
        label: What the values are.
    """
    import numpy as np
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for name, (steps, values) in curves.items():
        table: Floats = np.atleast_2d(np.asarray(values, dtype=np.float64))
        (line,) = axes.plot(steps, table.mean(axis=0), linewidth=2, label=name)
        if len(table) > 1:
            low, high = table.min(axis=0), table.max(axis=0)
            axes.fill_between(steps, low, high, color=line.get_color(), alpha=0.2, linewidth=0)
    if optimum is not None:
        axes.axhline(optimum, color="black", linestyle="--", linewidth=1, label="optimum")
    axes.set(xlabel="steps", ylabel=label)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, loc="lower right")
    figure.savefig(path, dpi=120)
    return path
