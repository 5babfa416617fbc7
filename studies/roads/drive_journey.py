"""A journey of the recorded car: stretches of road, and what happens on them and between them.

The rule: a drive is made of straight stretches. Red lights come at random times in the city. At
random times too a stretch ends: in the city at a corner, on the motorway at an exit with a ramp,
after which the car merges again. Behind a corner or a ramp the traffic is new; the speed of the
recorded car goes on without a jump.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.roads.loading import (
    KEEP,
    LANE_CHANGE,
    MERGE,
    PERIOD,
    STOP,
    TURN,
)
from studies.roads.drive_traffic import CITY_ROAD, MOTORWAY_ROAD, Moment, RoadClass, Stretch

AFTER_CORNER = 2.0
"""Seconds that a turn lasts beyond the corner [s]."""
RED_SECONDS = (6.0, 22.0)
"""Range of a red light [s]."""
STARTED = 5.0
"""Speed at which the car has started again [m/s]."""
PATIENCE = 25.0
"""Longest time to merge, and to reach the lane of an exit [s]."""
CORNER_SPEED = (5.0, 7.0)
"""Range of the speeds at a corner in the city [m/s]."""
RAMP_SPEED = (16.0, 20.0)
"""Range of the lowest speeds on a ramp from motorway to motorway [m/s]."""
ENTRY_SPEED = (22.0, 27.0)
"""Range of the speeds that cars want at the end of a ramp up [m/s]."""
RAMP_LENGTH = 140.0
"""Length of a ramp up to the motorway [m]."""

Record = tuple[Moment, int, int]
"""Moment, manoeuvre, class of the road."""


class DriveError(Exception):
    """The recorded car crashed, or did not get onto the motorway: the drive is discarded."""


@dataclass(frozen=True)
class Plan:
    """Where a journey starts, and how probably each class of road is left at a corner or exit."""

    start: RoadClass
    leave_city: float = 0.0
    leave_motorway: float = 0.0


class Journey:
    """Endless driving by a plan.

    Args:
        plan: Where it starts, and how often the class of the road changes.
        rain: 0 ... 1 in every half second; the last one holds on.
        rng: Draws everything.
    """

    def __init__(self, plan: Plan, rain: NDArray[np.float64], rng: np.random.Generator) -> None:
        self.plan = plan
        self.rain = rain
        self.rng = rng
        self.time = 0
        self.turning = 0.0

    def records(self) -> Iterator[Record]:
        """Yield what happens, every half second.

        Raises:
            DriveError: If the drive must be discarded.
        """
        kind = self.plan.start
        stretch = self._stretch(kind, kind.cruise[0])
        while True:
            if kind is CITY_ROAD:
                yield from self._city(stretch)
                leaves = self.rng.random() < self.plan.leave_city
                kind = MOTORWAY_ROAD if leaves else CITY_ROAD
            else:
                yield from self._motorway(stretch)
                leaves = self.rng.random() < self.plan.leave_motorway
                kind = CITY_ROAD if leaves else MOTORWAY_ROAD
                stretch = yield from self._ramp_down(stretch.car.speed, kind)
            if kind is CITY_ROAD:
                stretch = self._stretch(kind, stretch.car.speed)
            else:
                stretch = yield from self._ramp_up(stretch.car.speed)

    def _stretch(self, kind: RoadClass, speed: float, *, merging: bool = False) -> Stretch:
        return Stretch(kind, speed, self._rain_now(), self.rng, merging=merging)

    def _ramp(self, speed: float) -> Stretch:
        return Stretch(MOTORWAY_ROAD, speed, self._rain_now(), self.rng, empty=True)

    def _rain_now(self) -> float:
        return float(self.rain[min(self.time, len(self.rain) - 1)])

    def _city(self, stretch: Stretch) -> Iterator[Record]:
        """Drive along a street to its corner; red lights on the way."""
        kind, car = stretch.kind, stretch.car
        corner_in = self.rng.exponential(kind.corner_every)
        light_in = self.rng.exponential(kind.light_every)
        red, stopping = 0.0, False
        while not stretch.at_corner:
            corner_in -= PERIOD
            light_in -= PERIOD
            if red > 0.0:
                red -= PERIOD
                if red <= 0.0:
                    stretch.green_light()
            elif not stopping and car.corner is None:
                if light_in <= 0.0 and stretch.red_light():
                    red = float(self.rng.uniform(*RED_SECONDS))
                    light_in = self.rng.exponential(kind.light_every) + red
                elif corner_in <= 0.0:
                    stretch.slow_down_to(float(self.rng.uniform(*CORNER_SPEED)), after=10.0)
            stopping = stretch.stops(stopping, started=STARTED)
            yield self._record(stretch, STOP if stopping else None)

    def _motorway(self, stretch: Stretch) -> Iterator[Record]:
        """Drive along the motorway until the car is in the right lane at an exit."""
        exit_in = self.rng.exponential(stretch.kind.corner_every)
        while True:
            exit_in -= PERIOD
            if exit_in <= 0.0:
                stretch.take_exit()
                if stretch.at_exit:
                    return
            if exit_in < -PATIENCE:
                stretch.forget_exit()
                exit_in = self.rng.exponential(stretch.kind.corner_every)
            yield self._record(stretch, None)

    def _ramp_down(self, speed: float, to: RoadClass) -> Generator[Record, None, Stretch]:
        """Leave the motorway and slow down on a ramp; return the ramp."""
        ramp = self._ramp(speed)
        ramp.slow_down_to(
            to.cruise[0] if to is CITY_ROAD else float(self.rng.uniform(*RAMP_SPEED)), after=20.0
        )
        while not ramp.at_corner:
            yield self._record(ramp, TURN)
        return ramp

    def _ramp_up(self, speed: float) -> Generator[Record, None, Stretch]:
        """Speed up on a ramp and merge; return the stretch of motorway."""
        ramp = self._ramp(speed)
        ramp.car.cruise = float(self.rng.uniform(*ENTRY_SPEED))
        while ramp.x < RAMP_LENGTH:
            yield self._record(ramp, TURN)
        stretch = self._stretch(MOTORWAY_ROAD, ramp.car.speed, merging=True)
        left = PATIENCE
        while not stretch.merged:
            left -= PERIOD
            if left < 0.0:
                raise DriveError("no way into the traffic")
            yield self._record(stretch, MERGE)
        stretch.car.merging = False
        self.turning = 0.0
        return stretch

    def _record(self, stretch: Stretch, manoeuvre: int | None) -> Record:
        moment = stretch.advance()
        self.time += 1
        if stretch.crashed or moment.gap < 0.3:
            raise DriveError("crashed")
        self.turning -= PERIOD
        if manoeuvre is None:
            if stretch.car.slows_for_corner:
                self.turning = AFTER_CORNER
            if self.turning > 0.0:
                manoeuvre = TURN
            else:
                manoeuvre = LANE_CHANGE if stretch.car.changes_lane else KEEP
        elif manoeuvre == TURN:
            self.turning = AFTER_CORNER
        return moment, manoeuvre, stretch.kind.code


PLANS = {
    "city": Plan(CITY_ROAD),
    "motorway": Plan(MOTORWAY_ROAD),
    "mixed": Plan(CITY_ROAD, leave_city=0.25, leave_motorway=0.5),
}
"""The drives that are recorded."""
