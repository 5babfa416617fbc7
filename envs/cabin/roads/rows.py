"""What a recorded drive is: rows at 2 Hz in one structured array, and where each drive starts."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE = 2
"""Rows a second [Hz]."""
PERIOD = 1.0 / RATE
"""Seconds between two rows [s]."""
SHORTEST_DRIVE = 480
"""Rows from the one that a dialogue begins in to the last of its drive, at least; 240 s, by which
all but about one in a thousand dialogues of the handcrafted rules are over. (Assumption.)"""
ROOM = SHORTEST_DRIVE * PERIOD
"""What a drive must last, from its first row to its last [s]."""

KEEP, LANE_CHANGE, MERGE, TURN, STOP = range(5)
MANOEUVRES = ("keep", "lane change", "merge", "turn", "stop")
PARKED, CITY, MOTORWAY = range(3)
ROADS = ("parked", "city", "motorway")

FARTHEST_GAP = 250.0
"""The gap [m] where there is no leader, or none nearer: finite, so that no kernel makes a NaN."""
LONGEST_TIME = 60.0
"""Cap of headway and time to collision [s], and their value where they are infinite."""
STANDSTILL = 0.5
"""Speed below which the car counts as standing [m/s]."""

DRIVE_ROW = np.dtype(
    [
        ("speed", np.float32),  # [m/s], 0 ... 70
        ("acceleration", np.float32),  # [m/s2], mean over the half second that ends here
        ("headway", np.float32),  # gap / speed [s], 0 ... LONGEST_TIME
        ("time_to_collision", np.float32),  # gap / closing speed [s], 0 ... LONGEST_TIME
        ("lateral", np.float32),  # from the centre of the nearest lane [m], positive to the right
        ("rain", np.float32),  # 0 dry ... 1 heavy
        ("gap", np.float32),  # bumper to bumper to the leader [m], 0 ... FARTHEST_GAP
        ("leader_speed", np.float32),  # [m/s]; the own speed where there is no leader
        ("manoeuvre", np.uint8),  # KEEP ... STOP
        ("road", np.uint8),  # PARKED, CITY, MOTORWAY
    ],
    align=True,
)

Rows = NDArray[np.void]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Drives:
    """Recorded drives, as the kernels index them. The arrays become read-only.

    Attributes:
        rows: Every row of every drive, one after the other, dtype `DRIVE_ROW`, 2 Hz, shape (N,).
        starts: Drive d has the rows `starts[d] ... starts[d + 1] - 1`; int64, shape (D + 1,).
        source: What messages call them.

    Raises:
        ValueError: If the dtype is another one or the starts do not divide the rows.
    """

    rows: Rows
    starts: NDArray[np.int64]
    source: str = "the road"

    def __post_init__(self) -> None:
        if self.rows.dtype != DRIVE_ROW or self.rows.ndim != 1:
            raise ValueError(f"rows are a 1-D array of DRIVE_ROW, got {self.rows.dtype}")
        starts = self.starts
        if len(starts) < 2 or starts[0] != 0 or starts[-1] != len(self.rows):
            raise ValueError(f"starts run from 0 to the number of rows {len(self.rows)}")
        if (np.diff(starts) < 1).any():
            raise ValueError("every drive has at least one row")
        # Several environments share them; and kernels compile once for read-only arrays.
        self.rows.flags.writeable = False
        starts.flags.writeable = False

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, drive: int) -> Rows:
        """Return the rows of one drive (a view)."""
        if not 0 <= drive < len(self):
            raise IndexError(f"drive {drive} of {len(self)}")
        return self.rows[self.starts[drive] : self.starts[drive + 1]]

    @property
    def hours(self) -> float:
        """Length of all drives together [h]."""
        return len(self.rows) * PERIOD / 3600.0


def with_room(drives: Drives) -> Drives:
    """Return the drives that a dialogue can begin in; a `UserWarning` counts what is left out.

    It begins in any row that leaves `SHORTEST_DRIVE` rows of its drive, each as likely.

    Raises:
        ValueError: If every drive is too short.
    """
    rows = np.diff(drives.starts)
    short = rows <= SHORTEST_DRIVE
    if short.all():
        what = "the drive" if len(drives) == 1 else f"the longest of {len(drives)} drives"
        raise ValueError(
            f"{drives.source}: {what} lasts {(rows.max() - 1) * PERIOD:g} s, too short for a "
            f"dialogue, which needs {ROOM:g} s of road; record for longer, or join the pieces of "
            "one trip, so that their times go on"
        )
    if not short.any():
        return drives
    warnings.warn(
        f"{drives.source}: {short.sum()} of {len(drives)} drives "
        f"({rows[short].sum() * PERIOD:g} of {rows.sum() * PERIOD:g} s) are too short for a "
        f"dialogue and left out; a drive must last {ROOM:g} s",
        UserWarning,
        stacklevel=3,
    )
    starts = np.concatenate([[0], np.cumsum(rows[~short])])
    return Drives(drives.rows[np.repeat(~short, rows)], starts.astype(np.int64), drives.source)


def headways(speed: Floats, gap: Floats) -> Floats:
    """Return the time headway gap / speed [s], capped at `LONGEST_TIME`.

    Args:
        speed: Own speed [m/s].
        gap: Bumper to bumper [m]; `FARTHEST_GAP` or more where there is no leader.
    """
    time = np.minimum(gap, FARTHEST_GAP) / np.maximum(speed, 1e-6)
    return np.where(gap < FARTHEST_GAP, np.minimum(time, LONGEST_TIME), LONGEST_TIME)


def times_to_collision(speed: Floats, gap: Floats, leader_speed: Floats) -> Floats:
    """Return gap / closing speed [s] along the lane, `LONGEST_TIME` where the gap does not close.

    Args:
        speed: Own speed [m/s].
        gap: Bumper to bumper [m]; `FARTHEST_GAP` or more where there is no leader.
        leader_speed: Speed of the leader [m/s].
    """
    return headways(np.maximum(speed - leader_speed, 0.0), gap)


def make_rows(signals: dict[str, Any]) -> Rows:
    """Return rows from a column a signal; the headways follow from the gaps unless given.

    Args:
        signals: By the field names of `DRIVE_ROW`; all but `headway` and `time_to_collision` are
            required. A gap of `FARTHEST_GAP` or more (inf too) means that there is no leader.
    """
    columns = {name: np.asarray(column, np.float64) for name, column in signals.items()}
    speed = columns["speed"]
    gap = columns["gap"] = np.minimum(columns["gap"], FARTHEST_GAP)
    free = gap >= FARTHEST_GAP
    leader = columns["leader_speed"] = np.where(free, speed, columns["leader_speed"])
    columns.setdefault("headway", headways(speed, gap))
    columns.setdefault("time_to_collision", times_to_collision(speed, gap, leader))
    rows = np.zeros(len(speed), DRIVE_ROW)
    for name in DRIVE_ROW.names or ():
        rows[name] = columns[name]
    for name in ("headway", "time_to_collision"):
        rows[name] = np.minimum(columns[name], LONGEST_TIME)
    return rows
