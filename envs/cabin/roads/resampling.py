"""From measured signals to rows at 2 Hz: rates are matched, what is missing is completed."""

import warnings
from collections.abc import Callable, Sequence

import numpy as np

from rlkit.envs.cabin.roads.cells import Notes
from rlkit.envs.cabin.roads.checks import Recording, check_speed, check_time
from rlkit.envs.cabin.roads.rows import (
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

CREEPING = 2.0
"""Speed from which it shows within seconds whether the gap to a standing leader closes [m/s]."""
MOTORWAY_SPEED = 22.0
"""A drive without road classes is a motorway's if its fastest tenth is faster than this [m/s]."""
CODES = ("manoeuvre", "road")


def join_recordings(recordings: Sequence[Recording], source: str, notes: Notes) -> Drives:
    """Return recordings as drives at 2 Hz; one warning says what was resampled or completed.

    Args:
        recordings: At least one.
        source: What messages call them.
        notes: What was done to them before, in words.

    Raises:
        ValueError: If time does not go on evenly, or the speed is not in m/s.
    """
    parts = []
    for recording in recordings:
        check_time(recording)
        check_speed(recording)
        parts.append(_rows(recording, notes))
    if notes:
        warnings.warn(f"{source}: {'; '.join(notes)}", UserWarning, stacklevel=4)
    starts = np.cumsum([0, *(len(part) for part in parts)])
    return Drives(np.concatenate(parts), starts.astype(np.int64), source)


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
    fraction = np.where(finite, np.clip((grid - time[before]) / step, 0.0, 1.0), 0.0)
    change = np.where(finite, right, 0.0) - np.where(finite, left, 0.0)
    resampled: Floats = left + fraction * change
    return resampled


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
