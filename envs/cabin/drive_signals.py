"""From measured signals to rows at 2 Hz: time is checked, rates are matched, gaps are completed."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rlkit.envs.cabin.drive_rows import (
    CITY,
    FARTHEST_GAP,
    KEEP,
    MOTORWAY,
    PERIOD,
    RATE,
    STANDSTILL,
    Drives,
    Floats,
    Rows,
    make_rows,
)

LONGEST_STEP = 2.0
"""The slowest rate that is resampled has this many seconds between rows [s]."""
GAP_FACTOR = 1.5
"""A step of more than this many usual steps is a gap in time."""
HARDEST_CHANGE = 15.0
"""No car changes its speed faster than this [m/s2]."""
MOTORWAY_SPEED = 22.0
"""A drive without road classes is a motorway's if its fastest tenth is faster than this [m/s]."""
CODES = ("manoeuvre", "road")


@dataclass(frozen=True)
class Recording:
    """The signals of one drive as they were measured.

    Attributes:
        signals: A column a signal by its name in `DRIVE_ROW`, and `time` [s]; inf where there is
            no leader. `time` and `speed` are there, the others may be.
        place: Words for where a row stands in the file.
    """

    signals: dict[str, Floats]
    place: Callable[[int], str]


def join_recordings(recordings: Sequence[Recording], source: str) -> Drives:
    """Return recordings as drives at 2 Hz; one warning says what was resampled or completed.

    Raises:
        ValueError: If time does not go on evenly, or the speed is not in m/s.
    """
    notes: dict[str, None] = {}
    parts = []
    for recording in recordings:
        _check_time(recording)
        _check_speed(recording)
        parts.append(_rows(recording, notes))
    if notes:
        warnings.warn(f"{source}: {'; '.join(notes)}", UserWarning, stacklevel=4)
    starts = np.cumsum([0, *(len(part) for part in parts)])
    return Drives(np.concatenate(parts), starts.astype(np.int64))


def resample(time: Floats, signal: Floats, grid: Floats, *, hold: bool = False) -> Floats:
    """Return a signal at the times of a grid, each inside of the signal's own times.

    Linear between the two samples around it; where one of them is infinite, or with `hold`, the
    earlier sample holds.

    Args:
        time: Times of the samples [s], increasing, shape (N,).
        signal: The samples, shape (N,).
        grid: Times that are wanted [s], shape (M,).
        hold: Whether the signal jumps (a code) and must not be interpolated.

    Returns:
        Shape (M,).
    """
    before = np.clip(np.searchsorted(time, grid, side="right") - 1, 0, len(time) - 1)
    after = np.minimum(before + 1, len(time) - 1)
    left, right = signal[before], signal[after]
    finite = np.isfinite(left) & np.isfinite(right) & (after > before) & (not hold)
    step = np.where(after > before, time[after] - time[before], 1.0)
    share = np.where(finite, np.clip((grid - time[before]) / step, 0.0, 1.0), 0.0)
    change = np.where(finite, right, 0.0) - np.where(finite, left, 0.0)
    resampled: Floats = left + share * change
    return resampled


def _check_time(recording: Recording) -> None:
    time, place = recording.signals["time"], recording.place
    steps = np.diff(time)
    if (steps <= 0).any():
        row = int(np.argmax(steps <= 0)) + 1
        raise ValueError(
            f"{place(row)}, column time: {time[row]:g} s does not come after {time[row - 1]:g} s; "
            "tell several drives apart by a column 'drive'"
        )
    if time[-1] - time[0] < PERIOD:
        raise ValueError(f"{place(0)}: a drive has at least two rows and lasts {PERIOD:g} s")
    usual = float(np.median(steps))
    if usual > LONGEST_STEP:
        raise ValueError(
            f"{place(1)}, column time: the rows are {usual:g} s apart; the limit is "
            f"{LONGEST_STEP:g} s. Is it milliseconds? Then divide by 1000"
        )
    if (steps > GAP_FACTOR * usual).any():
        row = int(np.argmax(steps > GAP_FACTOR * usual)) + 1
        raise ValueError(
            f"{place(row)}, column time: a gap of {steps[row - 1]:g} s where {usual:g} s is usual; "
            "fill it, or make two drives of it with a column 'drive'"
        )


def _check_speed(recording: Recording) -> None:
    """Refuse speeds that jump, and those that other columns show to be in km/h."""
    signals, place = recording.signals, recording.place
    time, speed = signals["time"], signals["speed"]
    change = np.abs(np.diff(speed))
    jumps = change > HARDEST_CHANGE * np.maximum(np.diff(time), PERIOD)
    if jumps.any():
        row = int(np.argmax(jumps)) + 1
        raise ValueError(
            f"{place(row)}, column speed: it jumps from {speed[row - 1]:g} to {speed[row]:g} m/s; "
            f"no car changes faster than {HARDEST_CHANGE:g} m/s2. Is it km/h? Then divide by 3.6"
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
                    "the speed is in km/h. Divide by 3.6"
                )


def _rows(recording: Recording, notes: dict[str, None]) -> Rows:
    time = recording.signals["time"]
    given = {name: signal for name, signal in recording.signals.items() if name != "time"}
    steps = np.diff(time)
    if np.abs(steps - PERIOD).max() > 0.02 * PERIOD:
        rate = 1.0 / float(np.median(steps))
        notes[f"resampled from {rate:.3g} Hz to {RATE} Hz"] = None
        count = int(np.floor((time[-1] - time[0]) * RATE + 1e-6)) + 1
        grid = np.minimum(time[0] + np.arange(count) * PERIOD, time[-1])
        given = {
            name: resample(time, signal, grid, hold=name in CODES) for name, signal in given.items()
        }
    return make_rows(_completed(given, notes))


def _completed(given: dict[str, Floats], notes: dict[str, None]) -> dict[str, Floats]:
    """Return the signals with the missing ones filled by the rules that the notes say."""
    signals = dict(given)
    speed = signals["speed"]

    def fill(name: str, rule: str, signal: Floats) -> None:
        if name not in signals:
            signals[name] = signal
            notes[f"no column {name!r}: {rule}"] = None

    fill("acceleration", "taken from the speed", np.diff(speed, prepend=speed[0]) / PERIOD)
    _complete_leader(signals, fill)
    fill("lateral", "0", np.zeros(len(speed)))
    fill("rain", "0, dry", np.zeros(len(speed)))
    fill("manoeuvre", "keep", np.full(len(speed), float(KEEP)))
    fast = float(np.quantile(speed, 0.9)) > MOTORWAY_SPEED
    name = "motorway" if fast else "city"
    fill("road", f"{name}, by the speed", np.full(len(speed), float(MOTORWAY if fast else CITY)))
    return signals


def _complete_leader(signals: dict[str, Floats], fill: Callable[[str, str, Floats], None]) -> None:
    """Fill gap and leader's speed: from headway and time to collision where these are given."""
    speed = signals["speed"]
    free = np.full(len(speed), np.inf)
    if "headway" in signals:
        moving = np.isfinite(signals["headway"]) & (speed >= STANDSTILL)
        gap = np.where(moving, signals["headway"], 0.0) * speed
        fill("gap", "headway x speed, none while standing", np.where(moving, gap, np.inf))
    fill("gap", "no leader", free)
    gap = signals["gap"]
    if "time_to_collision" in signals:
        time = signals["time_to_collision"]
        closing = np.isfinite(time) & (gap < FARTHEST_GAP)
        rate = np.where(closing, gap, 0.0) / np.where(closing, np.maximum(time, 0.1), 1.0)
        fill("leader_speed", "from the time to collision", np.maximum(speed - rate, 0.0))
    fill("leader_speed", "the gap neither opens nor closes", speed)
    # An empty cell beside a gap: nothing is known of the leader's speed.
    leader = signals["leader_speed"]
    signals["leader_speed"] = np.where(np.isfinite(leader), leader, speed)
