"""The dashboard: what must show shows, nothing else does, words fit, and nothing is touched."""

import random
import subprocess
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pygame
import pytest
from numpy.typing import NDArray

from rlkit.envs.cabin.dashboard import drawing as dashboard
from rlkit.envs.cabin.dashboard.drawing import draw
from rlkit.envs.cabin.dashboard.panels import bubbles, road
from rlkit.envs.cabin.dashboard.scene import (
    Belief,
    GoalBar,
    Heard,
    Road,
    Utterance,
    Vehicle,
)
from rlkit.envs.view import kit
from studies.dashboard.scenes import (
    SCENES,
    city_in_rain,
    motorway_manoeuvre,
    parked,
)
from tests.envs.view.writing import AREAS, PANELS, Written

PLAIN = city_in_rain()
TALK, SEEN = PLAIN.conversation, PLAIN.road.traffic


def road_with(**changes: Any) -> dict[str, Any]:
    return {"road": replace(PLAIN.road, **changes)}


def driver_with(**changes: Any) -> dict[str, Any]:
    return {"driver": replace(PLAIN.driver, **changes)}


def belief_with(**changes: Any) -> dict[str, Any]:
    return {"beliefs": (replace(PLAIN.beliefs[0], **changes), *PLAIN.beliefs[1:])}


def heard_with(**changes: Any) -> dict[str, Any]:
    return {"conversation": (*TALK[:3], replace(TALK[3], **changes))}


def actuators_with(**changes: Any) -> dict[str, Any]:
    assert PLAIN.actuators is not None
    return {"actuators": replace(PLAIN.actuators, **changes)}


CHANGES: list[tuple[dict[str, Any], set[str]]] = [
    (road_with(kind="motorway"), {"road"}),
    (road_with(speed=20.0), {"road"}),
    (road_with(travelled=541.0), {"road"}),
    (road_with(lane=0), {"road"}),
    (road_with(offset=-0.8), {"road"}),
    (road_with(manoeuvre="turn"), {"road"}),
    (road_with(manoeuvre="stop"), {"road"}),
    (road_with(gap=8.0), {"road"}),
    (road_with(headway=0.5), {"road"}),
    (road_with(time_to_collision=2.0), {"road"}),
    (road_with(traffic=SEEN[:1]), {"road"}),
    (road_with(traffic=(replace(SEEN[0], ahead=30.0), SEEN[1])), {"road"}),
    (road_with(rain=0.2), {"road"}),
    (road_with(note="jam"), {"road"}),
    (road_with(demand=0.8), {"gauges"}),
    ({"clock": 47.0}, {"road"}),
    ({"outcome": "success", "success": True}, {"road"}),
    (driver_with(load=0.7), {"gauges"}),
    (driver_with(load=None), {"gauges"}),
    (driver_with(risk=1.3), {"gauges"}),
    (driver_with(risk_now=0.9), {"gauges"}),
    (driver_with(mood=0.2), {"gauges"}),
    (driver_with(patience=(1, 4)), {"gauges"}),
    ({"noise": 76.0}, {"gauges"}),
    ({"error_rate": 0.35}, {"gauges"}),
    (driver_with(goals=(GoalBar("home", 0.4),)), {"goal"}),
    (driver_with(goals=(replace(PLAIN.driver.goals[0], progress=1.0),)), {"goal"}),
    (driver_with(goals=(replace(PLAIN.driver.goals[0], active=False),)), {"goal"}),
    (belief_with(best="chinese"), {"belief"}),
    (belief_with(mass=0.5), {"belief"}),
    (belief_with(second="chinese"), {"belief"}),
    (belief_with(second_mass=0.02), {"belief"}),
    (belief_with(none=0.0), {"belief"}),
    (belief_with(confirmed=True), {"belief"}),
    (belief_with(guarded=True), {"belief"}),
    ({"beliefs": ()}, {"belief"}),
    ({"beliefs": PLAIN.beliefs * 3}, {"belief"}),
    (actuators_with(windows={"driver": 90.0}), {"car"}),
    (actuators_with(sunroof=50.0), {"car"}),
    (actuators_with(fan=3), {"car"}),
    (actuators_with(temperatures={"driver": 23.0}), {"car"}),
    (actuators_with(seat_heating={"rear left": 1}), {"car"}),
    (actuators_with(ambient="red"), {"car"}),
    (actuators_with(media="off"), {"car"}),
    (actuators_with(volume=5.0), {"car"}),
    (actuators_with(destination="home"), {"car"}),
    (actuators_with(charging="planned"), {"car"}),
    (actuators_with(call="Anna"), {"car"}),
    ({"conversation": ()}, {"talk"}),
    ({"conversation": TALK[:1]}, {"talk"}),
    ({"turn": 5}, {"talk"}),
    (heard_with(said="Close it"), {"talk"}),
    (heard_with(said=None), {"talk"}),
    (heard_with(said=""), {"talk"}),
    (heard_with(heard=(Heard("No, indian, in the south.", 0.81),)), {"talk"}),
    (heard_with(heard=(Heard("No, indian, in the north.", 0.6),)), {"talk"}),
    (heard_with(silence=0.2), {"talk"}),
    (heard_with(misheard=True), {"talk"}),
    ({"act": "execute"}, {"reward"}),
    ({"terms": {"time": -1.0}}, {"reward"}),
    ({"total": 5.0}, {"reward"}),
]


def crop(frame: NDArray[np.uint8], area: pygame.Rect) -> NDArray[np.uint8]:
    return frame[area.top : area.bottom, area.left : area.right]


def test_a_frame_is_720_high_and_1280_wide_and_the_caller_may_write_on_it() -> None:
    frame = draw(PLAIN)
    assert frame.shape == (720, 1280, 3)
    assert frame.dtype == np.uint8
    assert frame.flags.c_contiguous
    frame[:] = 0
    assert draw(PLAIN).any()


@pytest.mark.parametrize(("change", "panels"), CHANGES, ids=lambda x: str(x)[:50])
def test_each_field_shows_in_its_panel_and_nowhere_else(
    change: dict[str, Any], panels: set[str]
) -> None:
    plain, changed = draw(PLAIN), draw(replace(PLAIN, **change))
    differ = {
        name
        for name, area in PANELS.items()
        if not np.array_equal(crop(plain, area), crop(changed, area))
    }
    assert differ == panels


@pytest.mark.parametrize("name", SCENES)
def test_drawing_depends_on_the_scene_alone(name: str) -> None:
    first = draw(SCENES[name]())
    for other in SCENES.values():
        draw(other())
    assert np.array_equal(first, draw(SCENES[name]()))


def test_drawing_touches_no_random_state() -> None:
    numpy_state = np.random.get_state()  # noqa: NPY002 - the global state is what must not change
    python_state = random.getstate()
    for scene in SCENES.values():
        draw(scene())
    assert str(np.random.get_state()) == str(numpy_state)  # noqa: NPY002
    assert random.getstate() == python_state


def test_it_draws_without_a_screen_and_starts_no_sound() -> None:
    code = (
        "import sys, os\n"
        "for name in ('DISPLAY', 'WAYLAND_DISPLAY', 'SDL_VIDEODRIVER'): os.environ.pop(name, 0)\n"
        "import rlkit.envs, rlkit.envs.cabin.dashboard.screen\n"
        "from studies.dashboard.scenes import SCENES\n"
        "assert 'pygame' not in sys.modules and 'matplotlib' not in sys.modules\n"
        "from rlkit.envs.cabin.dashboard.drawing import draw\n"
        "assert draw(SCENES['motorway']()).any()\n"
        "import pygame\n"
        "assert not pygame.display.get_init() and pygame.mixer.get_init() is None\n"
        "assert 'matplotlib' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_success_is_green_and_failure_is_red() -> None:
    plain = draw(PLAIN).astype(int)
    for good, strong, weak in ((True, 1, 0), (False, 0, 1)):
        shown = draw(replace(PLAIN, outcome="over", success=good)).astype(int)
        colour = shown[(shown != plain).any(axis=-1)].mean(axis=0)
        assert colour[strong] > colour[weak] + 20


def test_a_longer_reward_has_a_longer_bar_on_its_own_side() -> None:
    def extent(value: float) -> tuple[int, int]:
        frame = draw(replace(PLAIN, terms={"success": value}))
        colour = kit.GREEN if value > 0 else kit.RED
        match = (crop(frame, dashboard.REWARD) == np.array(colour)).all(axis=-1)
        columns = np.nonzero(match.any(axis=0))[0]
        return int(columns.min()), int(columns.max())

    small, large, negative = extent(2.0), extent(20.0), extent(-20.0)
    assert abs(small[0] - large[0]) <= 1
    assert large[1] > small[1] + 40
    assert negative[1] <= small[0]


def test_panels_take_the_room_of_a_neighbour_that_has_nothing_to_show() -> None:
    wide = draw(replace(PLAIN, actuators=None))
    gap = pygame.Rect(dashboard.BELIEF.right + 2, dashboard.BELIEF.y + 60, 8, 60)
    assert (crop(draw(PLAIN), gap) == kit.BACKGROUND).all()
    assert not (crop(wide, gap) == kit.BACKGROUND).any()
    high = draw(replace(PLAIN, driver=replace(PLAIN.driver, goals=())))
    gap = pygame.Rect(dashboard.GOAL.x + 60, dashboard.GOAL.bottom + 2, 60, 8)
    assert (crop(draw(PLAIN), gap) == kit.BACKGROUND).all()
    assert not (crop(high, gap) == kit.BACKGROUND).all()


def test_of_many_slots_those_that_are_known_best_are_shown_and_the_others_counted(
    written: list[Written],
) -> None:
    slots = tuple(Belief(f"slot {k}", "value", k / 40) for k in range(32))
    draw(replace(PLAIN, beliefs=slots))
    words = [line.words for line in written]
    shown = [word for word in words if word.startswith("slot ")]
    assert shown == [f"slot {k}" for k in range(20, 32)]
    assert "20 more" in words
    written.clear()
    draw(parked(11))
    words = [line.words for line in written]
    assert all(belief.slot in words for belief in parked(11).beliefs)


def test_a_mishearing_is_told_in_words_and_in_colour(written: list[Written]) -> None:
    def colours(line: Utterance) -> dict[str, kit.Colour]:
        written.clear()
        bubbles.bubble.cache_clear()
        bubbles.bubble(line)
        return {one.words: one.colour for one in written}

    right = colours(Utterance("driver", "north", (Heard("north", 0.7),)))
    wrong = colours(Utterance("driver", "north", (Heard("south", 0.7), Heard("north", 0.2))))
    missed = colours(Utterance("driver", "north", (), 0.8))
    assert right.keys() == {"north", "heard", "70%"}
    assert wrong.keys() == {"north", "misheard", "south", "70%", "20%"}
    assert missed.keys() == {"north", "not heard", "silence 80%"}
    assert wrong["south"] == kit.AMBER != right["north"]


def test_a_leader_that_is_not_in_the_traffic_is_drawn_at_the_gap() -> None:
    alone = Road("city", gap=20.0)
    with_leader = replace(alone, traffic=(Vehicle(5, 20.0),))
    elsewhere = replace(alone, traffic=(Vehicle(5, 20.0, lane=0), Vehicle(6, -30.0)))
    assert len(road.vehicles_of(alone)) == 1
    assert len(road.vehicles_of(with_leader)) == 1
    assert len(road.vehicles_of(elsewhere)) == 3
    assert road.vehicles_of(Road("city")) == ()


def test_the_leader_brakes_when_the_own_car_closes_in_and_the_indicator_blinks() -> None:
    def cars(clock: float = 0.0, **changes: Any) -> list[road.Car]:
        return list(road.cars_of(Road("motorway", gap=20.0, **changes), clock))

    assert [car.braking for car in cars()] == [False, False]
    assert [car.braking for car in cars(time_to_collision=3.0)] == [False, True]
    assert [car.braking for car in cars(manoeuvre="stop")] == [True, False]
    signals = {cars(clock / 10, signal="left")[0].signal for clock in range(20)}
    assert signals == {"", "left"}


@pytest.mark.parametrize("name", SCENES)
def test_nothing_is_drawn_between_the_panels(name: str) -> None:
    frame = draw(SCENES[name]())
    outside = np.ones((720, 1280), dtype=bool)
    for area in AREAS:
        outside[area.top : area.bottom, area.left : area.right] = False
    assert (frame[outside] == kit.BACKGROUND).all()


def test_the_manoeuvre_example_is_between_two_lanes() -> None:
    side = road.ego_side(motorway_manoeuvre().road)
    assert -3.6 < side < 0
