"""Run folders: settings, metrics, events, checkpoints and the learning curve of one training."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from rlkit import checkpoint
from rlkit.checkpoint import CheckpointError
from rlkit.scripts.common import UserError
from rlkit.scripts.runs import events
from rlkit.scripts.runs.curves import draw_curve

CONFIG, METRICS, CURVE, EVALUATION = "config.json", "metrics.csv", "curve.png", "evaluation.json"

ENDED, COMPLETE = "ended", "all steps were taken"
"""Where `config.json` says why a training is over, and what it says if that was not early."""

DISCOUNT = "discount"
"""The column that says under which discount a row stands; always the same, and so no curve."""

Row = dict[str, float]


class Run:
    """A folder of one training.

    Args:
        folder: Where it is.
        config: Its settings: `environment` (id and keywords), `agent`, `seed`, and more.
    """

    def __init__(self, folder: Path, config: dict[str, Any]) -> None:
        self.folder, self.config = folder, config

    @classmethod
    def create(cls, folder: Path, config: dict[str, Any]) -> "Run":
        """Make a new run.

        Raises:
            UserError: If the folder exists, unless it is empty or of a run that never began.
        """
        if folder.exists() and not (folder.is_dir() and _is_unused(folder)):
            raise UserError(
                f"{folder} exists already. Choose another --out"
                + (f", or go on with --resume {folder}" if (folder / CONFIG).exists() else "")
            )
        folder.mkdir(parents=True, exist_ok=True)
        checkpoint.write_json(folder / CONFIG, config)
        return cls(folder, config)

    @classmethod
    def reopen(cls, folder: Path) -> tuple["Run", Path]:
        """Open a run to go on; metrics and events after its newest checkpoint are dropped.

        Returns:
            The run and its newest checkpoint.
        """
        config = config_of(folder)
        config.pop(ENDED, None)
        newest = checkpoint.latest(folder)
        meta, _ = checkpoint.read(newest)
        checkpoint.tidy(folder)
        run = cls(folder, config)
        run._truncate(int(meta["step"]))
        checkpoint.write_json(folder / CONFIG, config)
        return run, newest

    def log(self, row: Row) -> None:
        """Append one row of metrics; a column that is new is empty in the rows before.

        Raises:
            WriteError: If the disk is full or the folder cannot be written.
        """
        try:
            self._append(row)
            events.add(self.folder, {k: v for k, v in row.items() if k != DISCOUNT})
        except OSError as error:
            raise checkpoint.WriteError(
                f"cannot write the metrics of {self.folder}: {error.strerror}"
            ) from error

    def metrics(self) -> list[Row]:
        """Return the rows of metrics so far.

        Raises:
            UserError: If the file is damaged.
        """
        try:
            return [{k: float(v) for k, v in row.items() if v} for row in self._written()]
        except (ValueError, TypeError) as error:
            raise UserError(f"{self.folder / METRICS} is damaged: {error}") from error

    def save(self, agent: Any, score: float | None = None) -> Path:
        """Write a checkpoint of the agent; see `checkpoint.save_step`."""
        described, arrays = agent.checkpoint()
        return checkpoint.save_step(self.folder, agent.num_timesteps, described, arrays, score)

    def aim(self, steps: int) -> None:
        """Note up to which step it is trained, now that it goes on."""
        self.config["steps"] = steps
        checkpoint.write_json(self.folder / CONFIG, self.config)

    def end(self, reason: str) -> None:
        """Note why the training is over, for those who compare runs; going on takes it back."""
        self.config[ENDED] = reason
        checkpoint.write_json(self.folder / CONFIG, self.config)

    def write_evaluation(self, content: dict[str, Any]) -> None:
        """Write `evaluation.json`."""
        checkpoint.write_json(self.folder / EVALUATION, content)

    def draw_curve(self, optimum: float | None) -> None:
        """Draw the learning curve, if there is something to draw."""
        rows = self.metrics()
        if rows:
            steps, values = zip(*[(row["step"], row["value"]) for row in rows], strict=True)
            draw_curve(self.folder / CURVE, {"learned": (steps, values)}, optimum)

    def _append(self, row: Row) -> None:
        columns = self._columns()
        new = [name for name in row if name not in columns]
        if new:
            self._rewrite(self._written(), [*columns, *new])
        with (self.folder / METRICS).open("a", newline="", encoding="utf-8") as file:
            csv.DictWriter(file, [*columns, *new], lineterminator="\n").writerow(row)

    def _text(self) -> io.StringIO:
        """Return the whole lines of the metrics; a line that a crash tore off is left out."""
        path = self.folder / METRICS
        text = path.read_text("utf-8") if path.exists() else ""
        return io.StringIO(text[: text.rfind("\n") + 1])

    def _columns(self) -> list[str]:
        return next(csv.reader(self._text()), [])

    def _written(self) -> list[dict[str, str]]:
        return list(csv.DictReader(self._text()))

    def _rewrite(self, rows: list[dict[str, str]], columns: list[str]) -> None:
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        checkpoint.write_text(self.folder / METRICS, text.getvalue())

    def _truncate(self, step: int) -> None:
        columns = self._columns()
        if columns:
            kept = sum(row["step"] <= step for row in self.metrics())
            self._rewrite(self._written()[:kept], columns)
        events.truncate(self.folder, step)


def config_of(folder: Path) -> dict[str, Any]:
    """Return the settings of a run.

    Raises:
        UserError: If it is no run.
        CheckpointError: If its file is damaged.
    """
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(f"{folder} is no run folder: it has no {CONFIG}") from None
    except ValueError as error:
        raise CheckpointError(f"{folder / CONFIG} is damaged: {error}") from error
    if not isinstance(config, dict) or not {"environment", "agent"} <= set(config):
        raise CheckpointError(f"{folder / CONFIG} is damaged: environment or agent is missing")
    return config


def seed_of(config: dict[str, Any]) -> int:
    """Return the seed of a run by its settings."""
    return int(config.get("seed", 0))


def _is_unused(folder: Path) -> bool:
    """Return whether nothing is in a folder but what a run has before its first checkpoint."""
    names = {entry.name for entry in folder.iterdir()}
    return names <= {CONFIG, "checkpoints"} and not any(folder.glob("checkpoints/step-*"))
