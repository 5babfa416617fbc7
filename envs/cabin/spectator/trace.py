"""The road of one drive at any moment: from rows at 2 Hz to smooth motion for the dashboard.

A recorded row knows the place in the nearest lane; which lane that is follows from its jumps.
"""

import math
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.car.road import closeness, road_demand
from rlkit.envs.cabin.dashboard.scene import FURTHEST_OFFSET, LANE_WIDTH, LANES, Road
from rlkit.envs.cabin.roads.rows import (
    FARTHEST_GAP,
    KEEP,
    LANE_CHANGE,
    LONGEST_TIME,
    MANOEUVRES,
    MERGE,
    PERIOD,
    RATE,
    ROADS,
)
from rlkit.envs.cabin.spectator.traffic import Path, Traffic

SMOOTHING = np.array([1.0, 2.0, 3.0, 4.0, 3.0, 2.0, 1.0]) / 16.0
"""Weights over 3 s that make the way across the road round; recorded lane changes are abrupt."""
CLOSE = 0.5
"""Closeness from which the driver is said to follow closely."""


class Trace:
    """A stretch of road as it is driven.

    Args:
        road: Rows of `DRIVE_ROW`, as kernels have them.
        first: Number of the row at clock 0.
        last: Number of the last row; the car stays there.
        constants: Of the driving laws, one record of `car.constants.CONSTANTS`.
    """

    def __init__(self, road: NDArray[Any], first: int, last: int, constants: NDArray[Any]) -> None:
        rows = road[first : last + 1]
        self._rows = rows.view(np.recarray)
        self._constants = constants.view(np.recarray)[0]
        self._numbers = {
            name: np.asarray(rows[name], np.float64)
            for name in ("speed", "gap", "headway", "time_to_collision", "rain")
        }
        speed = self._numbers["speed"]
        ways = 0.5 * (speed[1:] + speed[:-1]) * PERIOD
        self._travelled = np.concatenate([[0.0], np.cumsum(ways)])
        self._lanes = lanes_of(rows)
        self._sides = smooth(self._lanes * LANE_WIDTH + rows["lateral"], rows["road"])
        path = Path(rows, self._travelled, self._lanes, self._sides / LANE_WIDTH)
        self._traffic = Traffic(path)

    def at(self, clock: float) -> Road:
        """Return the road `clock` seconds after the drive began; numbers run between the rows."""
        place = min(max(clock * RATE, 0.0), len(self._rows) - 1.0)
        k, fraction = int(place), place - int(place)
        row = self._rows[k]
        kind = ROADS[row.road]
        numbers = {name: _between(column, k, fraction) for name, column in self._numbers.items()}
        side = _between(self._sides, k, fraction)
        lane = min(max(round(side / LANE_WIDTH), 0), LANES[kind] - 1)
        offset = side - lane * LANE_WIDTH
        free = row.gap >= FARTHEST_GAP
        return Road(
            kind=kind,
            speed=numbers["speed"],
            travelled=_between(self._travelled, k, fraction),
            lane=lane,
            offset=min(max(offset, -FURTHEST_OFFSET), FURTHEST_OFFSET),
            manoeuvre=MANOEUVRES[row.manoeuvre],
            signal=self._signal(k),
            gap=math.inf if free else self._near(k, "gap", numbers),
            headway=_finite(self._near(k, "headway", numbers)),
            time_to_collision=_finite(self._near(k, "time_to_collision", numbers)),
            traffic=self._traffic.at(place),
            rain=numbers["rain"],
            demand=road_demand(self._constants, row),
            note=self._note(row),
        )

    def _near(self, k: int, name: str, numbers: dict[str, float]) -> float:
        """Return a number about the leader, that of the row where the leader changes after it."""
        return numbers[name] if self._traffic.same_leader(k) else float(self._numbers[name][k])

    def _signal(self, k: int) -> str:
        """Return the indicator that is on: where a change of lanes leads to."""
        manoeuvres = self._rows.manoeuvre
        if manoeuvres[k] not in (LANE_CHANGE, MERGE):
            return ""
        first = last = k
        while first > 0 and manoeuvres[first - 1] == manoeuvres[k]:
            first -= 1
        while last < len(manoeuvres) - 1 and manoeuvres[last] == manoeuvres[k]:
            last += 1
        way = int(self._lanes[last]) - int(self._lanes[first])
        return "" if way == 0 else "left" if way < 0 else "right"

    def _note(self, row: Any) -> str:
        if row.manoeuvre == KEEP and closeness(self._constants, row) > CLOSE:
            return "following closely"
        return ""


def lanes_of(rows: NDArray[Any]) -> NDArray[np.int64]:
    """Return the own lane in each row, counted from 0 at the left, shape `(N,)`.

    Where the place in the nearest lane jumps by more than half a lane, the lane has changed. The
    first lane of a stretch of one kind of road is the one from which most of them fit.
    """
    jumps = np.diff(np.asarray(rows["lateral"], np.float64))
    steps = np.where(jumps > LANE_WIDTH / 2, -1, np.where(jumps < -LANE_WIDTH / 2, 1, 0))
    relative = np.concatenate([[0], np.cumsum(steps)])
    lanes = np.empty(len(rows), np.int64)
    for begin, end in pairwise(stretches(rows["road"])):
        most = LANES[ROADS[rows["road"][begin]]] - 1
        part = relative[begin:end] - relative[begin]
        first = min(max(1, -int(part.min())), max(most - int(part.max()), 0))
        lanes[begin:end] = _walk(first, np.diff(part), most)
    return lanes


def _walk(first: int, steps: NDArray[np.int64], most: int) -> list[int]:
    """Return the lanes of a way across the road that stays on it."""
    lanes = [min(max(first, 0), most)]
    for step in steps:
        lanes.append(min(max(lanes[-1] + int(step), 0), most))
    return lanes


def stretches(kinds: NDArray[Any]) -> list[int]:
    """Return where each stretch of one kind of road begins, and the number of rows."""
    return [0, *(np.flatnonzero(np.diff(kinds)) + 1).tolist(), len(kinds)]


def smooth(sides: NDArray[np.float64], kinds: NDArray[Any]) -> NDArray[np.float64]:
    """Return the places across the road [m] as moving means, each kind of road for itself."""
    reach = len(SMOOTHING) // 2
    parts = [
        np.convolve(np.pad(sides[begin:end], reach, "edge"), SMOOTHING, "valid")
        for begin, end in pairwise(stretches(kinds))
    ]
    return np.concatenate(parts)


def _between(column: NDArray[np.float64], k: int, fraction: float) -> float:
    """Return what lies between row k and the next."""
    after = column[min(k + 1, len(column) - 1)]
    return float(column[k] + (after - column[k]) * fraction)


def _finite(seconds: float) -> float:
    """Return a time, infinite where it is the longest that is recorded."""
    return math.inf if seconds >= LONGEST_TIME else seconds
