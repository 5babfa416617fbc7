"""The road of the cabin simulator: recorded drives by name, or a user's own from a CSV file.

Recorded drives are small files: one compressed `.npz` of integers each, the steps of which are
stated here.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import IO, Any

import numpy as np

from rlkit.envs.cabin.roads.rows import (
    CITY,
    DRIVE_ROW,
    FARTHEST_GAP,
    KEEP,
    LANE_CHANGE,
    LONGEST_TIME,
    MANOEUVRES,
    MERGE,
    MOTORWAY,
    PARKED,
    PERIOD,
    RATE,
    ROADS,
    STANDSTILL,
    STOP,
    TURN,
    Drives,
    make_rows,
)
from rlkit.names import unknown

__all__ = [
    "CITY",
    "DRIVE_ROW",
    "FARTHEST_GAP",
    "KEEP",
    "LANE_CHANGE",
    "LONGEST_TIME",
    "MANOEUVRES",
    "MERGE",
    "MOTORWAY",
    "PARKED",
    "PERIOD",
    "RATE",
    "ROADS",
    "STANDSTILL",
    "STEPS",
    "STOP",
    "TURN",
    "Drives",
    "load_drives",
    "read_drives",
    "write_drives",
]

RECORDED = ("mixed", "city", "motorway")
"""Drives that come with the package."""
PARKED_SECONDS = 3600
"""Length of the one drive that stands still [s]."""
STEPS: dict[str, tuple[float, Any]] = {
    "speed": (0.01, np.uint16),  # [m/s]
    "acceleration": (0.01, np.int16),  # [m/s2]
    "gap": (0.05, np.uint16),  # [m]; FARTHEST_GAP is no leader
    "leader_speed": (0.01, np.uint16),  # [m/s]
    "lateral": (0.02, np.int8),  # [m], -2.54 ... 2.54
    "rain": (0.01, np.uint8),
    "manoeuvre": (1, np.uint8),
    "road": (1, np.uint8),
}
"""What is stored of each signal: a whole number of these steps, in this type.

Headway and time to collision are not stored: they follow from speed, gap and leader's speed.
"""


def load_drives(drive: str | None = None) -> Drives:
    """Return the drives of a name, or those of a user's CSV file.

    Args:
        drive: "mixed" (city, motorway, and from one to the other; also None), "city", "motorway",
            "parked" (stands still for an hour), or the path of a `.csv` file.

    Raises:
        ValueError: If there is no such drive (the message has the nearest name), or the file is
            not what `read_csv` accepts.
    """
    name = "mixed" if drive is None else str(drive)
    if name in RECORDED:
        return _recorded(name)
    if name == "parked":
        return _parked()
    if Path(name).suffix.lower() == ".csv":
        from rlkit.envs.cabin.roads.csv_file import read_csv

        return read_csv(Path(name))
    raise ValueError(unknown("drive", name, [*RECORDED, "parked"]) + " Or give a .csv file.")


@cache
def _recorded(name: str) -> Drives:
    file = files("rlkit.envs.cabin.roads") / "drives" / f"{name}.npz"
    with file.open("rb") as stream:
        return read_drives(stream)


@cache
def _parked() -> Drives:
    count = PARKED_SECONDS * RATE
    zero = np.zeros(count)
    still = dict.fromkeys(("speed", "acceleration", "lateral", "rain", "leader_speed"), zero)
    rows = make_rows({**still, "gap": zero + FARTHEST_GAP, "manoeuvre": zero, "road": zero})
    return Drives(rows, np.array([0, count], np.int64))


def write_drives(file: Path, drives: Drives) -> None:
    """Write drives; each signal is rounded to its step."""
    columns = {"starts": drives.starts}
    for name, (step, kind) in STEPS.items():
        limits = np.iinfo(kind)
        whole = np.rint(drives.rows[name].astype(np.float64) / step)
        columns[name] = np.clip(whole, limits.min, limits.max).astype(kind)
    np.savez_compressed(file, allow_pickle=False, **columns)


def read_drives(file: IO[bytes]) -> Drives:
    """Read what `write_drives` wrote.

    Raises:
        ValueError: If a column is missing or is no array of numbers.
    """
    with np.load(file, allow_pickle=False) as columns:
        missing = sorted({"starts", *STEPS} - set(columns.files))
        if missing:
            raise ValueError(f"the drives lack {', '.join(missing)}")
        signals = {name: columns[name] * float(step) for name, (step, _) in STEPS.items()}
        starts = columns["starts"].astype(np.int64)
    # The largest gap is the same number on every machine, whatever the step's rounding.
    signals["gap"][signals["gap"] > FARTHEST_GAP - STEPS["gap"][0] / 2] = FARTHEST_GAP
    return Drives(make_rows(signals), starts)
