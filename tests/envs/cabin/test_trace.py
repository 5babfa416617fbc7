"""The road of the dashboard, from rows at 2 Hz: lanes, way, leaders, and who is in whose way."""

import math
from typing import Any

import numpy as np
import pytest

from rlkit.envs.cabin.car.constants import CabinConfig
from rlkit.envs.cabin.dashboard.scene import LANE_WIDTH
from rlkit.envs.cabin.roads.rows import CITY, LANE_CHANGE, MOTORWAY, Rows, make_rows
from rlkit.envs.cabin.spectator.trace import Trace, lanes_of
from rlkit.envs.cabin.spectator.traffic import CLEAR
from rlkit.envs.view.camera import CAR_LENGTH
from tests.envs.cabin.roads import motorway

CONSTANTS = CabinConfig().record()


def rows(count: int, **columns: Any) -> Rows:
    """Return rows of a free motorway at 30 m/s with some columns changed."""
    zero = np.zeros(count)
    plain = {
        "speed": zero + 30.0,
        "acceleration": zero,
        "lateral": zero,
        "rain": zero,
        "gap": zero + math.inf,
        "leader_speed": zero,
        "manoeuvre": zero,
        "road": zero + MOTORWAY,
    }
    return make_rows({**plain, **columns})


def trace(road: Rows) -> Trace:
    """Return all of a road."""
    return Trace(road, 0, len(road) - 1, CONSTANTS)


@pytest.mark.parametrize(
    ("lateral", "lanes"),
    [
        ([0.0, 1.0, 1.7, -1.6, -0.5, 0.0], [1, 1, 1, 2, 2, 2]),
        ([0.0, -1.0, -1.7, 1.6, 0.5, 0.0], [1, 1, 1, 0, 0, 0]),
        ([0.0, 1.79, 0.0], [1, 1, 1]),  # not half a lane
        ([1.7, -1.6, 0.0, 1.7, -1.6], [0, 1, 1, 1, 2]),  # two to the right fit only from the left
        ([1.7, -1.6, 1.7, -1.6, 1.7, -1.6], [1, 2, 1, 2, 1, 2]),  # back and forth
        ([1.0, -1.0, -0.9, 1.0, -1.0, -0.9, 1.0], [1, 2, 2, 1, 2, 2, 1]),
    ],
)
def test_lanes_are_counted_from_jumps(lateral: list[float], lanes: list[int]) -> None:
    assert lanes_of(rows(len(lateral), lateral=lateral)).tolist() == lanes


def test_lanes_stay_on_the_road() -> None:
    steps = [1.7, -1.6] * 5
    right = [value for pair in zip(steps[::2], steps[1::2], strict=True) for value in (*pair, 0.0)]
    assert lanes_of(rows(len(right), lateral=right)).max() <= 2
    city = rows(len(right), lateral=right, road=np.full(len(right), CITY))
    assert lanes_of(city).max() <= 1


def test_the_way_is_the_area_under_the_speed() -> None:
    road = trace(rows(5, speed=[10.0, 10.0, 20.0, 20.0, 20.0]))

    assert [road.at(t).travelled for t in (0.0, 0.5, 1.0, 1.5, 2.0)] == [0.0, 5.0, 12.5, 22.5, 32.5]
    assert road.at(0.75).speed == 15.0
    assert road.at(99.0).travelled == 32.5
    assert road.at(0.25).travelled == 2.5


def test_no_leader_is_infinitely_far() -> None:
    road = trace(rows(3)).at(0.6)

    assert (road.gap, road.headway, road.time_to_collision) == (math.inf,) * 3
    assert road.traffic == trace(rows(3)).at(0.6).traffic


def test_numbers_of_two_leaders_are_not_mixed() -> None:
    gap = [60.0, 59.0, 58.0, 20.0, 19.0]
    road = trace(rows(5, gap=gap, leader_speed=np.full(5, 28.0)))

    assert road.at(0.75).gap == 58.5
    assert road.at(1.25).gap == 58.0
    assert road.at(1.5).gap == 20.0


def test_a_leader_is_where_the_gap_says() -> None:
    road = trace(rows(40, gap=50.0 - np.arange(40), leader_speed=np.full(40, 28.0)))

    for clock in (0.0, 3.3, 10.0):
        moment = road.at(clock)
        lane = [v for v in moment.traffic if v.lane == moment.lane and v.ahead > -CAR_LENGTH]
        first = min(lane, key=lambda vehicle: vehicle.ahead)
        assert first.ahead == pytest.approx(moment.gap)
        assert first.speed == 28.0


@pytest.mark.parametrize(("way", "signal"), [(1.0, "right"), (-1.0, "left")])
def test_the_indicator_shows_where_a_change_of_lanes_leads(way: float, signal: str) -> None:
    lateral = np.array([0.0, 0.0, 0.9, 1.7, -1.7, -0.9, 0.0, 0.0]) * way
    changing = [0, LANE_CHANGE, LANE_CHANGE, LANE_CHANGE, LANE_CHANGE, LANE_CHANGE, 0, 0]
    road = trace(rows(8, lateral=lateral, manoeuvre=changing))

    assert [road.at(k / 2).signal for k in range(8)] == ["", *[signal] * 5, "", ""]
    assert road.at(1.0).manoeuvre == "lane change"


def test_the_car_moves_smoothly_across_the_road() -> None:
    road = trace(motorway())
    sides = []
    for k in range(4 * 400):
        moment = road.at(k / 4)
        sides.append(moment.lane * LANE_WIDTH + moment.offset)

    assert max(sides) - min(sides) == pytest.approx(LANE_WIDTH)
    assert np.abs(np.diff(sides)).max() < 0.35  # in a quarter of a second


def test_nobody_drives_through_anybody() -> None:
    """Whoever is shown keeps clear of the own car and of what leads it."""
    road = trace(motorway())
    most = 0
    for k in range(2 * 400):
        moment = road.at(k / 2)
        across = moment.lane + moment.offset / LANE_WIDTH
        most = max(most, len(moment.traffic))
        for vehicle in moment.traffic:
            if abs(vehicle.lane - across) < 0.5 and vehicle.ahead > -CAR_LENGTH - CLEAR / 2:
                assert vehicle.ahead >= moment.gap - 1e-6
        for one in moment.traffic:
            for other in moment.traffic:
                if one.name < other.name and abs(one.lane - other.lane) < 0.5:
                    assert abs(one.ahead - other.ahead) > CAR_LENGTH
    assert most >= 4


def test_the_same_road_is_the_same_again() -> None:
    first, second = trace(motorway()), trace(motorway())
    assert [first.at(t / 3) for t in range(300)] == [second.at(t / 3) for t in range(300)]
