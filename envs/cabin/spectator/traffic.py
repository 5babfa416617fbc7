"""Other vehicles for the dashboard: the recorded leaders, and motorway traffic to illustrate.

A trace knows the leader only. Before and after a vehicle leads it is taken to keep its speed, in
the lane beside the own one. The other vehicles of a motorway are made up; they keep clear of the
own car and of the leaders, and nothing depends on them.
"""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.dashboard.scene import LANES, Vehicle
from rlkit.envs.cabin.roads.rows import FARTHEST_GAP, MOTORWAY, PERIOD, ROADS
from rlkit.envs.view.camera import CAR_LENGTH, FAR

LEAP = 4.0
"""A gap that changes by so much more than the speeds tell is to another leader [m]."""
MEMORY = 20.0
"""A leader is followed so long before and after it leads [s]."""
MOVING_OVER = 4
"""Rows in which a vehicle cuts in or out."""
BEHIND, CLEAR = -60.0, 18.0
"""Vehicles are shown from here on; made-up ones keep so far from others in their lane [m]."""
BESIDE = 0.8
"""The own car is in the way of lanes nearer than this share of a lane."""
SPACING = 120.0
"""Mean distance of made-up vehicles in a lane [m]."""
GOLDEN = 0.6180339887
"""Its multiples spread the distances evenly."""
FASTER = (2.5, -1.0, -5.0)
"""Made-up vehicles drive so much faster than the own car on average, by lane [m/s]."""

Floats = NDArray[np.float64]


class Path(NamedTuple):
    """The way of the own car, a number a row."""

    rows: NDArray[Any]
    """`(N,)` of `DRIVE_ROW`."""
    travelled: Floats
    """Way since the start [m]."""
    lanes: NDArray[np.int64]
    """Nearest lane, from 0 at the left."""
    across: Floats
    """Place across the road, in lanes from the middle of the leftmost one."""


class Track(NamedTuple):
    """One vehicle, row by row."""

    name: int
    first: int
    """The first row in which it is known."""
    ahead: Floats
    """Its rear before the own front [m]; NaN where it is not shown."""
    lane: Floats
    """Its lane; between two while it changes."""
    speed: Floats


class Traffic:
    """The vehicles around the own car.

    Args:
        path: The way of the own car.
    """

    def __init__(self, path: Path) -> None:
        self._leads = leads(path.rows)
        self._changes = {end for _, end in self._leads} | {begin for begin, _ in self._leads}
        leaders = [leader_track(path, name, *lead) for name, lead in enumerate(self._leads)]
        self._tracks = [*leaders, *made_up(path, leaders)]

    def same_leader(self, k: int) -> bool:
        """Return whether the row after k has the leader of row k."""
        return k + 1 not in self._changes

    def at(self, place: float) -> tuple[Vehicle, ...]:
        """Return the vehicles at a place between rows, counted in rows."""
        return tuple(
            vehicle for track in self._tracks if (vehicle := _vehicle(track, place)) is not None
        )


def _vehicle(track: Track, place: float) -> Vehicle | None:
    """Return a vehicle where it is, None where it is not seen."""
    k = int(place) - track.first
    if not 0 <= k < len(track.ahead):
        return None
    after, fraction = min(k + 1, len(track.ahead) - 1), place - int(place)
    ahead, lane, speed = (
        float(column[k] + (column[after] - column[k]) * fraction)
        for column in (track.ahead, track.lane, track.speed)
    )
    if not BEHIND <= ahead <= FAR:  # NaN is not in it either
        return None
    return Vehicle(track.name, ahead, lane, max(speed, 0.0))


def leads(rows: NDArray[Any]) -> list[tuple[int, int]]:
    """Return the first row of each leader and the one after its last."""
    gap = np.asarray(rows["gap"], np.float64)
    closing = np.asarray(rows["leader_speed"], np.float64) - rows["speed"]
    there = gap < FARTHEST_GAP
    leaps = np.abs(np.diff(gap) - 0.5 * (closing[1:] + closing[:-1]) * PERIOD) > LEAP
    breaks = leaps | (there[1:] != there[:-1]) | (np.diff(rows["road"]) != 0)
    edges = [0, *(np.flatnonzero(breaks) + 1).tolist(), len(rows)]
    return [(begin, end) for begin, end in pairwise(edges) if there[begin]]


def leader_track(path: Path, name: int, begin: int, end: int) -> Track:
    """Return the way of a leader, with what it does before and after it leads."""
    rows, reach = path.rows, round(MEMORY / PERIOD)
    first, last = max(begin - reach, 0), min(end + reach, len(rows))
    seconds = np.arange(first, last) * PERIOD
    inside = np.clip(np.arange(first, last), begin, end - 1)
    speed = np.asarray(rows["leader_speed"], np.float64)[inside]
    where = (path.travelled + rows["gap"])[inside] + speed * (seconds - inside * PERIOD)
    ahead = where - path.travelled[first:last]
    lane = np.full(last - first, float(path.lanes[begin]))
    _move_over(path, lane, first, begin, before=True)
    _move_over(path, lane, first, end, before=False)
    near = np.abs(path.across[first:last] - lane) < BESIDE
    leading = np.zeros(last - first, np.bool_)
    leading[begin - first : end - first] = True
    other_road = rows["road"][first:last] != rows["road"][begin]
    ahead[other_road | (near & ~leading)] = np.nan  # else it would stand between car and leader
    return Track(name, first, ahead, lane, speed)


def _move_over(path: Path, lane: Floats, first: int, edge: int, *, before: bool) -> None:
    """Put a vehicle that cut in (before an edge) or out (after it) into the lane beside."""
    if not 0 < edge < len(path.rows) or path.lanes[edge - 1] != path.lanes[edge]:
        return  # the own car changed lanes, not the other
    own = int(path.lanes[edge])
    most = LANES[ROADS[path.rows["road"][edge - 1 if before else edge]]] - 1
    beside = own - 1 if own > 0 else min(own + 1, most)
    place = edge - first
    steps = np.arange(len(lane))
    away = (place + 1 - steps if before else steps - place + 2) / MOVING_OVER
    chosen = steps < place if before else steps >= place
    fraction = np.clip(away, 0.0, 1.0)[chosen]
    lane[chosen] = own + (beside - own) * fraction * fraction * (3.0 - 2.0 * fraction)


def made_up(path: Path, leaders: list[Track]) -> list[Track]:
    """Return motorway traffic that stays out of everybody's way."""
    motorway = path.rows["road"] == MOTORWAY
    if not motorway.any():
        return []
    count = len(path.rows)
    mean = float(path.rows["speed"][motorway].mean())
    tracks: list[Track] = []
    for lane in range(LANES["motorway"]):
        speed = mean + FASTER[lane]
        drift = np.arange(count) * PERIOD * speed - path.travelled
        taken = [track for track in leaders if (np.abs(track.lane - lane) < BESIDE).any()]
        start, number = -float(drift.max()) + BEHIND, 0
        while start < -float(drift.min()) + FAR:
            ahead = np.where(motorway, start + drift, np.nan)
            if _keeps_clear(path, ahead, lane, taken):
                name = 1000 * (lane + 1) + number
                column = np.full(count, float(lane))
                tracks.append(Track(name, 0, ahead, column, np.full(count, speed)))
            start += SPACING * (0.5 + number * GOLDEN % 1.0)
            number += 1
    return tracks


def _keeps_clear(path: Path, ahead: Floats, lane: int, leaders: list[Track]) -> bool:
    """Return whether a made-up vehicle never comes near another one while it is seen."""
    with np.errstate(invalid="ignore"):
        seen = (ahead >= BEHIND) & (ahead <= FAR)
        gap = np.where(path.rows["gap"] < FARTHEST_GAP, path.rows["gap"], np.inf)
        beside = np.abs(path.across - lane) < BESIDE
        between = (ahead > -CAR_LENGTH - CLEAR) & (ahead < gap + CLEAR)
        if (seen & beside & between).any():
            return False
        for track in leaders:
            part = slice(track.first, track.first + len(track.ahead))
            close = np.abs(track.ahead - ahead[part]) < CLEAR
            if (seen[part] & close & (np.abs(track.lane - lane) < BESIDE)).any():
                return False
    return True
