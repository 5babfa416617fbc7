"""Motion between decisions: ends where it should, without jumps."""

import itertools
import math
from dataclasses import replace

import pytest

from rlkit.envs.cabin.dashboard import FPS
from rlkit.envs.cabin.dashboard.motion import HELD, LONGEST, between, frames
from rlkit.envs.cabin.dashboard.scene import (
    LANE_WIDTH,
    Actuators,
    CabinScene,
    Driver,
    Heard,
    Road,
    Utterance,
    Vehicle,
)
from studies.dashboard.scenes import SCENES, motorway_manoeuvre, success

SHARES = [k / 200 for k in range(201)]


def test_it_begins_and_ends_with_the_scenes_themselves() -> None:
    before, now = motorway_manoeuvre(), success()
    assert between(before, now, 0.0) is before
    assert between(before, now, 1.0) is now
    moving = list(frames(before, replace(now, outcome=None)))
    assert moving[-1] == replace(now, outcome=None)


@pytest.mark.parametrize(("seconds", "count"), [(0.0, 1), (1.0, 30), (3.0, 90), (60.0, 240)])
def test_an_act_takes_as_many_frames_as_seconds_up_to_a_limit(seconds: float, count: int) -> None:
    assert LONGEST * FPS == 240
    before, now = CabinScene(clock=5.0), CabinScene(clock=5.0 + seconds)
    assert len(list(frames(before, now))) == count
    over = replace(now, outcome="success")
    assert len(list(frames(before, over))) == count + HELD * FPS


def test_what_can_be_measured_is_half_way_at_half_time() -> None:
    before = CabinScene(
        clock=2.0,
        noise=50.0,
        error_rate=0.1,
        road=Road("city", speed=20.0, travelled=100.0, gap=30.0, headway=1.5, demand=0.2),
        driver=Driver(load=0.2, risk=1.0, mood=1.0),
        actuators=Actuators(windows={"driver": 0.0}, sunroof=100.0),
    )
    now = CabinScene(
        clock=4.0,
        noise=60.0,
        error_rate=0.3,
        road=Road("city", speed=10.0, travelled=130.0, gap=math.inf, headway=2.5, demand=0.4),
        driver=Driver(load=0.4, risk=2.0, mood=0.5),
        actuators=Actuators(windows={"driver": 50.0}, sunroof=0.0),
    )
    half = between(before, now, 0.5)
    assert half.clock == pytest.approx(3.0)
    assert half.noise == pytest.approx(55.0)
    assert half.error_rate == pytest.approx(0.2)
    assert half.road.speed == pytest.approx(15.0)
    assert half.road.headway == pytest.approx(2.0)
    assert half.road.demand == pytest.approx(0.3)
    assert half.road.gap == math.inf
    assert half.driver.load == pytest.approx(0.3)
    assert half.driver.risk == pytest.approx(1.5)
    assert half.driver.mood == pytest.approx(0.75)
    assert half.actuators is not None
    assert half.actuators.windows["driver"] == pytest.approx(25.0)
    assert half.actuators.sunroof == pytest.approx(50.0)


def test_braking_evenly_covers_the_way_of_physics() -> None:
    """From 20 to 10 m/s in 2 s: s = 20 t - 2.5 t^2."""
    before = CabinScene(clock=0.0, road=Road("city", speed=20.0, travelled=0.0))
    now = CabinScene(clock=2.0, road=Road("city", speed=10.0, travelled=30.0))
    for share in SHARES:
        seconds = 2.0 * share
        way = 20.0 * seconds - 2.5 * seconds**2
        assert between(before, now, share).road.travelled == pytest.approx(way)


@pytest.mark.parametrize("speeds", [(0.0, 30.0), (30.0, 0.0), (99.0, 99.0), (0.0, 0.0), (1.0, 2.0)])
@pytest.mark.parametrize("way", [0.0, 1.0, 40.0, 500.0])
def test_the_car_never_rolls_back(speeds: tuple[float, float], way: float) -> None:
    before = CabinScene(clock=1.0, road=Road("motorway", speed=speeds[0], travelled=7.0))
    now = CabinScene(clock=4.0, road=Road("motorway", speed=speeds[1], travelled=7.0 + way))
    ways = [between(before, now, share).road.travelled for share in SHARES]
    assert all(new >= old - 1e-9 for old, new in itertools.pairwise(ways))


def test_a_lane_change_is_smooth_and_passes_the_line_once() -> None:
    before = CabinScene(road=Road("motorway", lane=2, offset=0.3))
    now = CabinScene(road=Road("motorway", lane=0, offset=-0.2))
    roads = [between(before, now, share).road for share in SHARES]
    sides = [road.lane * LANE_WIDTH + road.offset for road in roads]
    assert all(abs(road.offset) <= LANE_WIDTH / 2 + 1e-9 for road in roads)
    assert all(0 <= old - new < 0.1 for old, new in itertools.pairwise(sides))
    assert [road.lane for road in roads] == sorted((road.lane for road in roads), reverse=True)


def test_vehicles_are_known_by_their_names() -> None:
    before = CabinScene(road=Road("city", traffic=(Vehicle(1, 10.0), Vehicle(2, 50.0))))
    now = CabinScene(road=Road("city", traffic=(Vehicle(2, 30.0), Vehicle(3, 80.0))))
    half = between(before, now, 0.5).road.traffic
    assert [(vehicle.name, vehicle.ahead) for vehicle in half] == [(2, 40.0), (3, 80.0)]


def test_another_kind_of_road_begins_at_once() -> None:
    before = CabinScene(road=Road("city", travelled=10.0))
    now = CabinScene(road=Road("motorway", travelled=90.0))
    assert between(before, now, 0.01).road == now.road


def test_lines_come_one_after_the_other_and_then_what_follows_from_them() -> None:
    old = Utterance("car", "Hello")
    ask, answer = Utterance("car", "Where to?"), Utterance("driver", "Home", (Heard("Rome", 0.5),))
    before = CabinScene(conversation=(Utterance("car", "dropped"), old), total=-1.0)
    now = CabinScene(clock=3.0, conversation=(old, ask, answer), total=-2.0, act="request")
    seen = [between(before, now, share) for share in SHARES[1:]]
    stages = [(len(scene.conversation), scene.total, scene.act) for scene in seen]
    assert [stage for stage, _ in itertools.groupby(stages)] == [
        (1, -1.0, ""),
        (2, -1.0, ""),
        (3, -1.0, ""),
        (3, -2.0, "request"),
    ]


def test_equal_lines_are_not_taken_for_new_ones() -> None:
    line = Utterance("car", "Pardon?")
    before, now = CabinScene(conversation=(line,)), CabinScene(conversation=(line, line))
    assert between(before, now, 0.01).conversation == (line,)
    assert between(before, now, 0.99).conversation == (line, line)


def test_a_line_that_is_put_differently_stays() -> None:
    question, once, twice = (Utterance("car", words) for words in ("What?", "waits", "waits 2x"))
    before = CabinScene(conversation=(question, once), total=-1.0)
    now = CabinScene(clock=1.0, conversation=(question, twice), total=-2.0)

    for share in (0.01, 0.5, 0.99):
        assert between(before, now, share).conversation == (question, twice)
    assert between(before, now, 0.01).total == -1.0


@pytest.mark.parametrize("first", SCENES)
def test_every_example_leads_to_every_other(first: str) -> None:
    before = SCENES[first]()
    for then in SCENES.values():
        now = then()
        for share in (0.1, 0.5, 0.9):
            shown = between(before, now, share)
            earliest, latest = sorted((before.clock, now.clock))
            assert earliest <= shown.clock <= latest
            assert shown.conversation == now.conversation[: len(shown.conversation)]
