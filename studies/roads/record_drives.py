"""Record the drives of the cabin simulator from highway-env's traffic.

Needs `pip install -c constraints.txt ".[highway]"`. The same seed gives the same drives.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.roads.loading import write_drives
from rlkit.envs.cabin.roads.rows import RATE, Drives, Rows, make_rows
from rlkit.scripts.common import UserError, command
from studies.roads.drive_statistics import table

if TYPE_CHECKING:
    from studies.roads.drive_journey import Plan

WARM_UP = 20
"""Rows before the recording starts, in which the traffic settles."""
RAINY = 0.35
"""Share of the drives on which it rains."""
WEATHER_SECONDS = 150.0
"""The rain changes linearly between random values this far apart [s]."""
KINDS = ("city", "motorway", "mixed")


@dataclass
class RecordDrives:
    """Record drives at 2 Hz and write one file a kind; a drive with a crash is discarded."""

    out: Path = Path("envs/cabin/roads/drives")
    """Folder for `city.npz`, `motorway.npz` and `mixed.npz`."""
    city: float = 1.5
    """Hours in the city; 0 leaves the file as it is, here and below."""
    motorway: float = 1.5
    """Hours on the motorway."""
    mixed: float = 3.0
    """Hours of drives from one to the other and back."""
    seconds: int = 600
    """Length of a drive [s]."""
    seed: int = 0
    """Seeds everything."""
    progress: bool = True
    """Show a progress bar."""

    def main(self) -> None:
        """Record, write, and print the table of the drives' README."""
        from rlkit.agents.progress import bar

        plans = load_plans()
        counts = {k: math.ceil(getattr(self, k) * 3600 / self.seconds) for k in KINDS}
        recorded: dict[str, Drives] = {}
        discarded: dict[str, int] = {}
        self.out.mkdir(parents=True, exist_ok=True)
        with bar(sum(counts.values()), "recording drives", shown=self.progress) as advance:
            for number, kind in enumerate(KINDS):
                if counts[kind] == 0:
                    continue
                drives: list[Rows] = []
                attempt = 0
                while len(drives) < counts[kind]:
                    rng = np.random.default_rng([self.seed, number, attempt])
                    rows = record(plans[kind], self.seconds * RATE, rng)
                    drives += [] if rows is None else [rows]
                    attempt += 1
                    advance(len(drives) + sum(len(done) for done in recorded.values()))
                discarded[kind] = attempt - len(drives)
                recorded[kind] = join(drives)
                write_drives(self.out / f"{kind}.npz", recorded[kind])
        print(table(recorded))
        print(f"discarded drives: {discarded}")


def load_plans() -> dict[str, Plan]:
    """Return what a journey of each kind is.

    Raises:
        UserError: If highway-env is not installed.
    """
    try:
        from studies.roads.drive_journey import PLANS
    except ModuleNotFoundError as error:
        if error.name != "highway_env":
            raise
        raise UserError(
            'recording needs highway-env: pip install -c constraints.txt ".[highway]"'
        ) from None
    return PLANS


def record(plan: Plan, count: int, rng: np.random.Generator) -> Rows | None:
    """Return `count` rows of one drive, or None if it must be discarded."""
    from studies.roads.drive_journey import DriveError, Journey

    rain = weather(count + WARM_UP, rng)
    records = Journey(plan, rain, rng).records()
    try:
        taken = [next(records) for _ in range(count + WARM_UP)][WARM_UP:]
    except DriveError:
        return None
    moments = [moment for moment, _, _ in taken]
    return make_rows(
        {
            **{
                name: [getattr(moment, name) for moment in moments]
                for name in ("speed", "acceleration", "gap", "leader_speed", "lateral")
            },
            "manoeuvre": [manoeuvre for _, manoeuvre, _ in taken],
            "road": [road for _, _, road in taken],
            "rain": rain[WARM_UP:],
        }
    )


def weather(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the rain of each half second, 0 ... 1, shape (count,)."""
    if rng.random() >= RAINY:
        return np.zeros(count)
    times = np.arange(count) / RATE
    knots = np.arange(0.0, times[-1] + WEATHER_SECONDS, WEATHER_SECONDS)
    return np.interp(times, knots, rng.uniform(0.0, 1.0, len(knots)))


def join(drives: list[Rows]) -> Drives:
    """Return drives one after the other."""
    starts = np.cumsum([0, *(len(rows) for rows in drives)])
    return Drives(np.concatenate(drives), starts.astype(np.int64))


if __name__ == "__main__":
    raise SystemExit(command(RecordDrives))
