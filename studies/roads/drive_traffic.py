"""One stretch of road with traffic around the recorded car, which never leaves its middle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from highway_env.road.lane import StraightLane
from highway_env.road.road import Road
from highway_env.vehicle.objects import Obstacle

from rlkit.envs.cabin.roads.loading import CITY, MOTORWAY, PERIOD
from studies.roads.drive_cars import BRAKING, Car, RecordedCar, merging_road, straight_road

PHYSICS = 3
"""Steps of the simulator between two rows (6 Hz)."""
MERGE_LANE = 500.0
"""Length of the lane on which the recorded car accelerates and merges [m]."""
MERGE_SPACE = 40.0
"""Who already drives there leaves this room before and behind a car that comes to merge [m]."""
RAIN_SPEED = 0.1
"""Share of its speed that a car gives up in the heaviest rain."""


@dataclass(frozen=True)
class RoadClass:
    """The traffic of a class of road, and how often the recorded car meets what."""

    code: int
    """`CITY` or `MOTORWAY`."""
    lanes: int
    cars: int
    """Cars in the window around the recorded one."""
    ahead: float
    """Reach of the window ahead [m]."""
    behind: float
    """Reach of the window behind [m]."""
    cruise: tuple[float, float]
    """Mean and standard deviation of the speed that the recorded car wants [m/s]."""
    speeds: tuple[tuple[float, float], ...]
    """Range of the speeds that cars want, in each lane from the left [m/s]."""
    time_gaps: tuple[float, float]
    """Range of the time gaps that drivers want [s]."""
    corner_every: float
    """Mean time between corners or exits [s]."""
    light_every: float
    """Mean time between red lights [s]; inf: none."""


CITY_ROAD = RoadClass(
    code=CITY,
    lanes=2,
    cars=10,
    ahead=150.0,
    behind=70.0,
    cruise=(15.5, 0.8),
    speeds=((12.5, 16.5), (11.5, 15.5)),
    time_gaps=(0.55, 1.05),
    corner_every=50.0,
    light_every=45.0,
)
MOTORWAY_ROAD = RoadClass(
    code=MOTORWAY,
    lanes=3,
    cars=9,
    ahead=260.0,
    behind=140.0,
    cruise=(35.0, 1.5),
    speeds=((33.0, 39.0), (29.0, 36.0), (24.0, 30.0)),
    time_gaps=(0.5, 1.1),
    corner_every=180.0,
    light_every=np.inf,
)


@dataclass(frozen=True)
class Moment:
    """What is recorded of half a second: the signals of a row but rain, at its end."""

    speed: float
    acceleration: float
    gap: float
    leader_speed: float
    lateral: float


class Stretch:
    """A straight road, the recorded car, and the traffic in a window that moves with it.

    Args:
        kind: The class of the road.
        speed: Of the recorded car as it comes [m/s].
        rain: 0 ... 1; every car drives more slowly in rain.
        rng: Draws the traffic.
        merging: Whether the car starts on an extra lane and has to merge.
        empty: Whether it is a ramp: one lane, no traffic.
    """

    def __init__(
        self,
        kind: RoadClass,
        speed: float,
        rain: float,
        rng: np.random.Generator,
        *,
        merging: bool = False,
        empty: bool = False,
    ) -> None:
        self.kind = kind
        self.slowness = 1.0 - RAIN_SPEED * rain
        self.rng = rng
        self.empty = empty
        self.lanes = 1 if empty else kind.lanes
        self.road: Road = (
            merging_road(self.lanes, MERGE_LANE, rng) if merging else straight_road(self.lanes, rng)
        )
        lane = self.lanes if merging else int(rng.integers(self.lanes))
        low, high = kind.cruise[0] - 2 * kind.cruise[1], kind.cruise[0] + 2 * kind.cruise[1]
        cruise = float(np.clip(rng.normal(*kind.cruise), low, high))
        self.car = RecordedCar(self.road, (0.0, _side(lane)), speed, cruise * self.slowness)
        self._give_character(self.car)
        self.car.merging = merging
        if merging:
            self.car.route = [("b", "c", self.lanes - 1), ("c", "d", None)]
        self.road.vehicles.append(self.car)
        for _ in range(0 if empty else kind.cars):
            place = float(rng.uniform(-kind.behind, kind.ahead))
            if not merging or abs(place) > MERGE_SPACE:
                self._enter(place)

    @property
    def x(self) -> float:
        """Where the recorded car is [m]."""
        return float(self.car.position[0])

    @property
    def crashed(self) -> bool:
        """Whether the recorded car hit something."""
        return bool(self.car.crashed)

    @property
    def merged(self) -> bool:
        """Whether the recorded car has left the extra lane, if there is one."""
        return int(self.car.lane_index[2]) < self.lanes and not self.car.changes_lane

    def advance(self) -> Moment:
        """Let half a second pass."""
        start = self.car.speed
        for _ in range(PHYSICS):
            self.road.act()
            self.road.step(PERIOD / PHYSICS)
        self._renew()
        gap, leader_speed = self._leader()
        return Moment(
            speed=float(self.car.speed),
            acceleration=(float(self.car.speed) - start) / PERIOD,
            gap=gap,
            leader_speed=leader_speed,
            lateral=float(self.car.lane.local_coordinates(self.car.position)[1]),
        )

    def red_light(self) -> bool:
        """Turn a light red, far enough ahead of every car that it concerns; return whether so."""
        for distance in range(60, 141, 10):
            x = self.x + distance
            cars = [(x - float(car.position[0]), car.speed) for car in self.road.vehicles]
            if all(not -5.0 < ahead < 15.0 + speed**2 / 5.0 for ahead, speed in cars):
                for lane in range(self.lanes):
                    self.road.objects.append(Obstacle(self.road, (x, _side(lane))))
                return True
        return False

    def green_light(self) -> None:
        """Let the traffic go on."""
        self.road.objects.clear()

    def stops(self, stopping: bool, *, started: float) -> bool:
        """Return whether the recorded car is braking for a red light, stands, or starts again.

        Args:
            stopping: Whether it did so half a second ago.
            started: Speed from which it has started again [m/s].
        """
        lights = [float(light.position[0]) - self.x for light in self.road.objects]
        ahead = min((distance for distance in lights if distance > 0.0), default=np.inf)
        if ahead < 10.0 + self.car.speed**2 / (2.0 * BRAKING):
            return True
        return stopping and (self.car.speed < started or ahead < np.inf)

    def take_exit(self) -> None:
        """Make the recorded car change to the right lane."""
        start, end, _ = self.car.target_lane_index
        self.car.route = [(start, end, self.lanes - 1)]

    def forget_exit(self) -> None:
        """Let the recorded car use every lane again."""
        self.car.route = None

    @property
    def at_exit(self) -> bool:
        """Whether the recorded car keeps the right lane."""
        return int(self.car.lane_index[2]) == self.lanes - 1 and not self.car.changes_lane

    @property
    def at_corner(self) -> bool:
        """Whether the recorded car has reached the corner that it slowed down for."""
        return self.car.corner is not None and self.x >= self.car.corner[0]

    def slow_down_to(self, speed: float, *, after: float) -> None:
        """Put a corner so far ahead that comfortable braking begins after some metres."""
        way = max(self.car.speed**2 - speed**2, 0.0) / (2.0 * BRAKING)
        self.car.corner = (self.x + way + after, speed)

    def _leader(self) -> tuple[float, float]:
        """Return (gap [m], speed [m/s]) of the car ahead in the nearest lane; inf without one."""
        leader, _ = self.road.neighbour_vehicles(self.car, self.car.lane_index)
        if leader is None or isinstance(leader, Obstacle):
            return np.inf, float(self.car.speed)
        gap = self.car.lane_distance_to(leader) - self.car.LENGTH
        return float(gap), float(leader.velocity[0])

    def _renew(self) -> None:
        """Replace cars that left the window (or hit each other) where cars are too few."""
        inside = [
            car
            for car in self.road.vehicles[1:]
            if -self.kind.behind <= float(car.position[0]) - self.x <= self.kind.ahead
            and not car.crashed
        ]
        self.road.vehicles[1:] = inside
        missing = 0 if self.empty else self.kind.cars - len(inside)
        share = self.kind.ahead / (self.kind.ahead + self.kind.behind)
        for _ in range(missing):
            leading = sum(float(car.position[0]) > self.x for car in self.road.vehicles[1:])
            edge = float(self.rng.uniform(0.0, 20.0))
            ahead = leading < share * self.kind.cars
            self._enter(self.kind.ahead - edge if ahead else edge - self.kind.behind)

    def _enter(self, place: float) -> None:
        """Put a new car `place` metres ahead of the recorded one, in a lane that is free there."""
        x = self.x + place
        for lane in self.rng.permutation(self.lanes):
            wanted = float(self.rng.uniform(*self.kind.speeds[lane])) * self.slowness
            if self._is_free(x, int(lane), wanted):
                car = Car(self.road, (x, _side(int(lane))), speed=wanted, target_speed=wanted)
                self._give_character(car)
                self.road.vehicles.append(car)
                return

    def _is_free(self, x: float, lane: int, speed: float) -> bool:
        """Return whether nobody is near, and nobody would have to brake hard."""
        for other in [*self.road.vehicles, *self.road.objects]:
            if abs(float(other.position[1]) - _side(lane)) > StraightLane.DEFAULT_WIDTH * 0.9:
                continue
            distance = float(other.position[0]) - x
            closing = speed - other.speed if distance > 0 else other.speed - speed
            follower = speed if distance > 0 else other.speed
            if abs(distance) < 8.0 + 1.0 * follower + max(closing, 0.0) ** 2 / 4.0:
                return False
        return True

    def _give_character(self, car: Car) -> None:
        car.TIME_WANTED = float(self.rng.uniform(*self.kind.time_gaps)) / self.slowness**2
        car.randomize_behavior()


def _side(lane: int) -> float:
    return lane * float(StraightLane.DEFAULT_WIDTH)
