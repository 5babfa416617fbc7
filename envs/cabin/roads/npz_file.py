"""Drives in a small file: one compressed `.npz` of integers, the steps of which are stated here."""

from pathlib import Path
from typing import IO, Any

import numpy as np

from rlkit.envs.cabin.roads.rows import FARTHEST_GAP, Drives, make_rows

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
