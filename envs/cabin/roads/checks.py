"""What a recording must be, whatever its columns: time goes on, and no car jumps."""

from dataclasses import dataclass

import numpy as np

from rlkit.envs.cabin.roads.cells import FILL, Place
from rlkit.envs.cabin.roads.columns import or_name
from rlkit.envs.cabin.roads.rows import PERIOD, STANDSTILL, Floats

LONGEST_STEP = 2.0
"""The slowest rate that is resampled has this many seconds between rows [s]."""
GAP_FACTOR = 1.5
"""A step of more than this many usual steps, of half a second at least, is a gap in time."""
HARDEST_CHANGE = 15.0
"""No car changes its speed faster than this [m/s2]."""
KMH = 3.6
"""Kilometres an hour of one metre a second."""
MANY_ROWS = 10
"""So many rows that last no half second are hardly in seconds."""
MOST_REPEATED = 0.4
"""Where a larger share of the rows has the time of the one before, it is no slip."""
SHORTER = (
    (1e7, "ns", "nanoseconds", "1e9"),
    (1e4, "us", "microseconds", "1e6"),
    (100.0, "ms", "milliseconds", "1000"),
)
"""From how many units between rows on which shorter unit is likely: below, nobody can tell."""
_UNIT = "If time is not in seconds, name its unit, as in 'time [ms]'"


@dataclass(frozen=True)
class Recording:
    """The signals of one drive as they were measured.

    Attributes:
        signals: A column a signal by its name in `DRIVE_ROW`, and `time` [s]; inf where there is
            no leader. `time` and `speed` are there, the others may be.
        place: Words for where a row stands in the file.
        stated: The signals whose unit was stated, so that it need not be guessed.
    """

    signals: dict[str, Floats]
    place: Place
    stated: frozenset[str] = frozenset()


def check_time(recording: Recording) -> None:
    """Check that time goes on evenly, in seconds.

    Raises:
        ValueError: If it does not; the message has the place and the likely cause.
    """
    time, place = recording.signals["time"], recording.place
    steps = np.diff(time)
    if (steps <= 0).any():
        row = int(np.argmax(steps <= 0)) + 1
        raise ValueError(f"{place(row)}, column time: {_disorder(time, row)}")
    lasts = time[-1] - time[0]
    if lasts < PERIOD:
        hint = f"; these {len(time)} last {lasts:g} s. {_UNIT}" if len(time) > MANY_ROWS else ""
        raise ValueError(f"{place(0)}: a drive has at least two rows and lasts {PERIOD:g} s{hint}")
    usual = float(np.median(steps))
    if usual > LONGEST_STEP:
        hint = "Record faster" if "time" in recording.stated else _shorter_unit(usual)
        raise ValueError(
            f"{place(1)}, column time: the rows are {usual:g} s apart; the limit is "
            f"{LONGEST_STEP:g} s. {hint}"
        )
    longest = _longest_step(usual)
    if (steps > longest).any():
        row = int(np.argmax(steps > longest)) + 1
        raise ValueError(
            f"{place(row)}, column time: a gap of {steps[row - 1]:g} s where {usual:g} s is usual; "
            "fill it, or make two drives of it with a column 'drive'"
        )


def _longest_step(usual: float) -> float:
    """Return from which step on there is a gap in time [s].

    Fast buses jitter by milliseconds; what half a second bridges is none.
    """
    return GAP_FACTOR * max(usual, PERIOD)


def _disorder(time: Floats, row: int) -> str:
    """Return what is wrong with a row that is not later than the one before."""
    now, before = f"{time[row]:.15g} s", f"{time[row - 1]:.15g} s"
    if time[row] < time[row - 1]:
        steps = np.diff(np.sort(time))
        one = steps.min() > 0.0 and steps.max() <= _longest_step(float(np.median(steps)))
        drives = "" if one else ", and tell several drives apart by a column 'drive'"
        return f"{now} does not come after {before}; sort the rows by time{drives}"
    repeated = np.diff(time) == 0
    if repeated.sum() > 1 and repeated.mean() > MOST_REPEATED:
        return (
            f"{now} is there twice, as are many others; write time with all its digits, and tell "
            "several cars apart by a column 'drive'"
        )
    return f"{now} is there twice; keep one of its rows, or write time with all its digits"


def _shorter_unit(usual: float) -> str:
    """Return which unit rows may be apart by that are too far apart in seconds."""
    for limit, short, name, divisor in SHORTER:
        if usual >= limit:
            return f"Is it {name}? {or_name(short, 'time', divisor)}"
    return f"Record faster. {_UNIT}"


def check_speed(recording: Recording) -> None:
    """Check that the speed does not jump, and that no other column shows it to be in km/h.

    Raises:
        ValueError: If it does; the message has the place and the likely cause.
    """
    signals, place = recording.signals, recording.place
    time, speed = signals["time"], signals["speed"]
    change = np.abs(np.diff(speed)) / np.maximum(np.diff(time), PERIOD)
    if (change > HARDEST_CHANGE).any():
        row = int(np.argmax(change > HARDEST_CHANGE)) + 1
        raise ValueError(
            f"{place(row)}, column speed: it jumps from {speed[row - 1]:g} to {speed[row]:g} m/s; "
            f"no car changes faster than {HARDEST_CHANGE:g} m/s2. {_jump(recording, row, change)}"
        )
    if {"gap", "headway"} <= signals.keys():
        gap, headway = signals["gap"], signals["headway"]
        known = np.isfinite(gap) & np.isfinite(headway) & (gap > 1.0) & (headway < 60.0)
        moving = known & (speed > STANDSTILL)
        if moving.sum() >= 10:
            ratio = float(np.median(headway[moving] * speed[moving] / gap[moving]))
            if 3.4 < ratio < 3.8:
                raise ValueError(
                    f"{place(0)}, column speed: headway x speed is {ratio:.2f} times the gap: "
                    f"the speed is in km/h. {or_name('km/h', 'speed', f'{KMH:g}')}"
                )


def _jump(recording: Recording, row: int, change: Floats) -> str:
    """Return what a jump of the speed to a row may mean."""
    if 0.0 in recording.signals["speed"][row - 1 : row + 1]:
        return f"Is the 0 a missing number? {FILL.capitalize()}"
    if change.max() <= HARDEST_CHANGE * KMH and "speed" not in recording.stated:
        return f"Is it km/h? {or_name('km/h', 'speed', f'{KMH:g}')}"
    return "Is a row missing, or does another drive begin? Make two of it by a column 'drive'"
