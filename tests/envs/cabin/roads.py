"""Made-up roads for tests, and CSV files of drives."""

import math
from pathlib import Path

import numpy as np
import pytest

from rlkit.envs.cabin.roads.loading import Drives, load_drives
from rlkit.envs.cabin.roads.rows import LANE_CHANGE, MOTORWAY, Rows, make_rows

NUMBERS = ("speed", "acceleration", "headway", "time_to_collision", "lateral", "rain", "gap")
HEADER = f"time,{','.join(NUMBERS)},leader_speed,manoeuvre,road"


def motorway(seconds: int = 400) -> Rows:
    """Return a motorway with a lane change every 40 s, a leader now and then, and rain."""
    time = np.arange(2 * seconds) / 2.0
    phase = time % 40.0
    changing = (phase >= 30.0) & (phase < 34.0)
    crossing = np.where(phase < 32.0, phase - 30.0, phase - 34.0) * 0.9
    direction = np.where(time % 80.0 < 40.0, 1.0, -1.0)
    gap = np.where(phase < 10.0, math.inf, 70.0 - 1.5 * phase)
    speed = 29.0 + 3.0 * np.sin(time / 15.0)
    return make_rows(
        {
            "speed": speed,
            "acceleration": 0.2 * np.cos(time / 15.0),
            "lateral": np.where(changing, crossing * direction, 0.0),
            "gap": gap,
            "leader_speed": speed - 1.5,
            "rain": np.clip(np.sin(time / 50.0), 0.0, 1.0),
            "manoeuvre": np.where(changing, LANE_CHANGE, 0),
            "road": np.full(len(time), MOTORWAY),
        }
    )


def write_motorway(path: Path) -> Path:
    """Write that motorway as a user's CSV file."""
    words = ("keep", "lane change")
    lines = []
    for k, row in enumerate(motorway()):
        numbers = [k / 2, *(row[name] for name in (*NUMBERS, "leader_speed"))]
        cells = ",".join(f"{number:.3f}" for number in numbers)
        lines.append(f"{cells},{words[row['manoeuvre']]},motorway")
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def load(folder: Path, text: str) -> Drives:
    """Return the drives of a CSV file of that text."""
    path = folder / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return load_drives(str(path))


def fault(folder: Path, text: str) -> str:
    """Return why such a file is refused."""
    with pytest.raises(ValueError, match="mine") as caught:
        load(folder, text)
    return str(caught.value).removeprefix(str(folder))
