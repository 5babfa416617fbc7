"""From measured signals to rows at 2 Hz: time is checked, rates are matched, gaps are completed."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rlkit.envs.cabin.drive_cells import Notes, Place
from rlkit.envs.cabin.drive_columns import or_name
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
    headways,
    make_rows,
)

LONGEST_STEP = 2.0
"""The slowest rate that is resampled has this many seconds between rows [s]."""
GAP_FACTOR = 1.5
"""A step of more than this many usual steps is a gap in time."""
HARDEST_CHANGE = 15.0
"""No car changes its speed faster than this [m/s2]."""
KMH = 3.6
"""Kilometres an hour of one metre a second."""
CREEPING = 2.0
"""Speed from which it shows within seconds whether the gap to a standing leader closes [m/s]."""
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
        stated: The signals whose unit was stated, so that it need not be guessed.
    """

    signals: dict[str, Floats]
    place: Place
    stated: frozenset[str] = frozenset()


def join_recordings(recordings: Sequence[Recording], source: str, notes: Notes) -> Drives:
    """Return recordings as drives at 2 Hz; one warning says what was resampled or completed.

    Args:
        recordings: At least one.
        source: What the warning calls them.
        notes: What was done to them before, in words.

    Raises:
        ValueError: If time does not go on evenly, or the speed is not in m/s.
    """
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


def _check_speed(recording: Recording) -> None:
    """Refuse speeds that jump, and those that other columns show to be in km/h."""
    signals, place = recording.signals, recording.place
    time, speed = signals["time"], signals["speed"]
    change = np.abs(np.diff(speed)) / np.maximum(np.diff(time), PERIOD)
    if (change > HARDEST_CHANGE).any():
        row = int(np.argmax(change > HARDEST_CHANGE)) + 1
        hint = "Is a row missing, or does another drive begin? Make two of it by a column 'drive'"
        if change.max() <= HARDEST_CHANGE * KMH and "speed" not in recording.stated:
            hint = f"Is it km/h? {or_name('km/h', 'speed', f'{KMH:g}')}"
        raise ValueError(
            f"{place(row)}, column speed: it jumps from {speed[row - 1]:g} to {speed[row]:g} m/s; "
            f"no car changes faster than {HARDEST_CHANGE:g} m/s2. {hint}"
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


def _see_leader(signals: dict[str, Floats], notes: Notes) -> dict[str, Floats]:
    """Return the signals with the leader's speed only where a leader was measured; else inf.

    Resampling must not mix the speed of a leader with what stands there without one. And a 0 is
    no standing leader if the gap does not close as it would.
    """
    ahead = _ahead(signals)
    if ahead is None or "leader_speed" not in signals:
        return signals
    time, speed = signals["time"], signals["speed"]
    leader = np.where(np.isfinite(ahead), signals["leader_speed"], np.inf)
    start, end = np.maximum(time - 1.0, time[0]), np.minimum(time + 1.0, time[-1])
    fall = _finite(resample(time, ahead, start)) - _finite(resample(time, ahead, end))
    unmeasured = (leader == 0.0) & (speed > CREEPING)
    unmeasured &= fall < 0.5 * speed * (end - start)
    if unmeasured.any():
        leader[unmeasured] = np.inf
        notes[
            f"column 'leader_speed' is 0 in {int(unmeasured.sum())} rows where the gap does not "
            "close: taken as the own speed"
        ] = None
    return {**signals, "leader_speed": leader}


def _ahead(signals: dict[str, Floats]) -> Floats | None:
    """Return the gap as measured, or as the headway tells it; None without both."""
    if "gap" in signals:
        return signals["gap"]
    if "headway" not in signals:
        return None
    moving = np.isfinite(signals["headway"]) & (signals["speed"] >= STANDSTILL)
    gap = np.where(moving, signals["headway"], 0.0) * signals["speed"]
    return np.where(moving, gap, np.inf)


def _finite(gap: Floats) -> Floats:
    return np.minimum(gap, FARTHEST_GAP)


def _rows(recording: Recording, notes: Notes) -> Rows:
    time = recording.signals["time"]
    signals = _see_leader(recording.signals, notes)
    given = {name: signal for name, signal in signals.items() if name != "time"}
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


def _completed(given: dict[str, Floats], notes: Notes) -> dict[str, Floats]:
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
    ahead = _ahead(signals)
    if ahead is None:
        fill("gap", "no leader", np.full(len(speed), np.inf))
    else:
        fill("gap", "headway x speed, none while standing", ahead)
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
    if "headway" in signals:  # likewise
        headway = signals["headway"]
        signals["headway"] = np.where(np.isfinite(headway), headway, headways(speed, gap))
