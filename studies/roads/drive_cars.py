"""The cars of the recorded drives: highway-env's IDM and MOBIL vehicles, in gentler traffic."""

from __future__ import annotations

from typing import Any

import numpy as np
from highway_env.road.lane import StraightLane
from highway_env.road.road import Road, RoadNetwork
from highway_env.vehicle.behavior import IDMVehicle
from highway_env.vehicle.objects import Obstacle

SIGNAL_SECONDS = 2.0
"""How long the recorded car signals and looks before it changes lanes [s]."""
CENTRED = 0.3
"""Nearer than this to the centre of its lane, a lane change is over [m]."""
BRAKING = 1.5
"""Deceleration towards a corner [m/s2]."""

LaneIndex = tuple[str, str, int]


class Car(IDMVehicle):  # type: ignore[misc]
    """One car of the traffic: comfortable accelerations, no reversing, its own time gap."""

    COMFORT_ACC_MAX = 2.0
    COMFORT_ACC_MIN = -3.0
    DISTANCE_WANTED = 4.5 + IDMVehicle.LENGTH
    LANE_CHANGE_MIN_ACC_GAIN = 0.4

    def step(self, dt: float) -> None:
        """Move on by `dt` seconds; braking ends at a standstill."""
        self.action["acceleration"] = max(self.action["acceleration"], -self.speed / dt)
        super().step(dt)


class RecordedCar(Car):
    """The car whose signals are recorded. It signals first, and slows down for corners.

    Attributes:
        cruise: Speed it wants on an open road [m/s].
        corner: Where it must have slowed down, and to what (x [m], speed [m/s]); None: nowhere.
        merging: Whether it signals all the time, and takes the first gap that is safe.
    """

    def __init__(self, road: Road, position: Any, speed: float, cruise: float) -> None:
        super().__init__(road, position, speed=speed, target_speed=cruise)
        self.cruise = cruise
        self.corner: tuple[float, float] | None = None
        self.merging = False
        self._intended: LaneIndex | None = None
        self._signalling = 0.0

    @property
    def changes_lane(self) -> bool:
        """Whether it signals, or is not yet back in the middle of a lane."""
        lane = self.road.network.get_lane(self.target_lane_index)
        return self._intended is not None or abs(lane.local_coordinates(self.position)[1]) > CENTRED

    @property
    def slows_for_corner(self) -> bool:
        """Whether a corner ahead is what limits its speed."""
        return self.corner is not None and self._corner_speed() < min(self.cruise, self.speed + 1.0)

    def act(self, action: Any = None) -> None:
        """Choose steering and acceleration."""
        self.target_speed = min(self.cruise, self._corner_speed())
        super().act(action)

    def step(self, dt: float) -> None:
        """Move on by `dt` seconds."""
        self._signalling -= dt
        super().step(dt)

    def change_lane_policy(self) -> None:
        """Let MOBIL decide; signal for a while; ask MOBIL again, and go or stay."""
        if self.merging:
            self.timer = np.inf  # MOBIL is asked at every step
            super().change_lane_policy()
            return
        if self._intended is not None:
            if self._signalling <= 0.0:
                if self.mobil(self._intended):
                    self.target_lane_index = self._intended
                self._intended = None
            return
        own = self.target_lane_index
        super().change_lane_policy()
        if self.target_lane_index != own and self.lane_index == own:
            self._intended, self.target_lane_index = self.target_lane_index, own
            self._signalling = SIGNAL_SECONDS

    def _corner_speed(self) -> float:
        if self.corner is None:
            return np.inf
        x, speed = self.corner
        ahead = max(x - float(self.position[0]), 0.0)
        return float(np.sqrt(speed * speed + 2.0 * BRAKING * ahead))


def straight_road(lanes: int, rng: np.random.Generator) -> Road:
    """Return a straight road of 60 km; x = 0 lies 1 km behind its start."""
    network = RoadNetwork()
    _add_lanes(network, ("a", "b"), lanes, -1000.0, 60_000.0)
    return Road(network, np_random=rng)


def merging_road(lanes: int, length: float, rng: np.random.Generator) -> Road:
    """Return a road with one more lane on the right from x = 0, blocked after `length` metres."""
    network = RoadNetwork()
    _add_lanes(network, ("a", "b"), lanes, -1000.0, 0.0)
    _add_lanes(network, ("b", "c"), lanes, 0.0, length)
    side = lanes * StraightLane.DEFAULT_WIDTH
    network.add_lane(
        "b", "c", StraightLane((0.0, side), (length, side), forbidden=True, speed_limit=None)
    )
    _add_lanes(network, ("c", "d"), lanes, length, 60_000.0)
    road = Road(network, np_random=rng, neighbour_vehicles_connected_lanes=True)
    road.objects.append(Obstacle(road, (length, side)))
    return road


def _add_lanes(
    network: RoadNetwork, nodes: tuple[str, str], lanes: int, start: float, end: float
) -> None:
    for lane in range(lanes):
        side = lane * StraightLane.DEFAULT_WIDTH
        network.add_lane(*nodes, StraightLane((start, side), (end, side), speed_limit=None))
