"""The road of the cabin simulator: recorded drives by name, or a user's own from a CSV file."""

from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from rlkit.envs.cabin.roads.npz_file import read_drives
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
    "STOP",
    "TURN",
    "Drives",
    "load_drives",
]

RECORDED = ("mixed", "city", "motorway")
"""Drives that come with the package."""
PARKED_SECONDS = 3600
"""Length of the one drive that stands still [s]."""


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
