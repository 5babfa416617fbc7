"""Example scenes: for trying the dashboard out, for its documentation and for its tests."""

from collections.abc import Callable
from dataclasses import replace

from rlkit.envs.cabin.dashboard.scene import (
    ZONES,
    Actuators,
    Belief,
    CabinScene,
    Driver,
    GoalBar,
    Heard,
    Road,
    Utterance,
    Vehicle,
)

LONG = "donaudampfschifffahrtsgesellschaftskapitaensmuetze"


def city_in_rain() -> CabinScene:
    """Return a drive through the city in rain with an open window, and a mishearing."""
    return CabinScene(
        clock=46.4,
        turn=4,
        road=Road(
            kind="city",
            speed=12.4,
            travelled=538.0,
            gap=17.0,
            headway=1.4,
            time_to_collision=9.0,
            traffic=(Vehicle(3, 17.0, 1, 11.0), Vehicle(0, 34.0, 0, 12.0)),
            rain=0.7,
            demand=0.45,
        ),
        driver=Driver(
            load=0.52,
            risk=0.4,
            risk_now=0.1,
            mood=0.7,
            patience=(3, 4),
            goals=(
                GoalBar("Navigate to an indian restaurant in the north; ask for its phone", 0.4),
                GoalBar("Set the driver's temperature to 21 degrees", 0.0, active=False),
            ),
        ),
        noise=66.0,
        error_rate=0.19,
        conversation=(
            Utterance("car", "How may I help you?"),
            Utterance(
                "driver",
                "I'd like an indian restaurant.",
                (
                    Heard("I'd like an italian restaurant.", 0.58),
                    Heard("I'd like an indian restaurant.", 0.24),
                    Heard("I'd like an austrian restaurant.", 0.07),
                ),
                0.11,
            ),
            Utterance("car", "Did you say italian?"),
            Utterance(
                "driver",
                "No, indian, in the north.",
                (Heard("No, indian, in the north.", 0.81), Heard("No, indian, in the south.", 0.1)),
                0.09,
            ),
        ),
        beliefs=(
            Belief("food", "indian", 0.83, "italian", 0.1, 0.04),
            Belief("area", "north", 0.81, "south", 0.1, 0.09),
            Belief("price range", none=1.0),
        ),
        actuators=cabin(windows={"driver": 40.0}),
        act="confirm food",
        terms={"time": -0.8, "risk": -0.25, "mood": -0.1},
        total=-4.35,
    )


def motorway_manoeuvre() -> CabinScene:
    """Return a lane change on the motorway under high load; the car has just waited."""
    return CabinScene(
        clock=83.3,
        turn=7,
        road=Road(
            kind="motorway",
            speed=33.6,
            travelled=2_610.0,
            lane=1,
            offset=-1.5,
            manoeuvre="lane change",
            signal="left",
            gap=14.0,
            headway=0.42,
            time_to_collision=3.4,
            traffic=(
                Vehicle(3, 14.0, 1, 29.5),
                Vehicle(0, 61.0, 0, 35.0),
                Vehicle(2, 25.0, 2, 27.0),
                Vehicle(1, -16.0, 2, 27.0),
            ),
            demand=0.8,
        ),
        driver=Driver(
            load=0.86,
            risk=1.7,
            risk_now=0.0,
            mood=0.55,
            patience=(2, 4),
            goals=(
                GoalBar("Find a fast charging stop on the way, at most 10 minutes off", 0.7),
                GoalBar("Call Anna", 0.0, active=False),
                GoalBar("Close all windows", 1.0, active=False),
            ),
        ),
        noise=71.0,
        error_rate=0.26,
        conversation=(
            Utterance(
                "driver",
                "Find a charger on the way.",
                (
                    Heard("Find a charger on the way.", 0.64),
                    Heard("Find a charter on the way.", 0.19),
                ),
                0.17,
            ),
            Utterance("car", "How fast should it charge?"),
            Utterance("driver", "", (Heard("ultra", 0.21),), 0.79),
            Utterance("car", "(waits for a quieter moment)"),
        ),
        beliefs=(
            Belief("function", "charging stop", 0.97, confirmed=True),
            Belief("power", "ultra", 0.21, "fast", 0.06, 0.73),
            Belief("detour", "10 minutes", 0.88, "20 minutes", 0.05, 0.02),
            Belief("brand", "any", 0.64, "aral", 0.11, 0.2),
            Belief("payment", none=1.0),
        ),
        actuators=cabin(
            ambient="purple", media="radio", volume=15.0, charging="planned", destination="Munich"
        ),
        act="wait",
        terms={"time": -0.2},
        total=-11.9,
    )


def cabin(**changes: object) -> Actuators:
    """Return a car in which everything has a value, with some of them changed."""
    plain = Actuators(
        windows=dict.fromkeys(ZONES, 0.0),
        sunroof=0.0,
        fan=2,
        temperatures={"driver": 21.0, "passenger": 22.0},
        seat_heating={"driver": 2, "passenger": 0},
        ambient="blue",
        media="radio",
        volume=35.0,
        destination="none",
        charging="none",
        call="none",
    )
    windows = {**plain.windows, **changes.pop("windows", {})}  # type: ignore[dict-item]
    return replace(plain, windows=windows, **changes)  # type: ignore[arg-type]


VENUE_SLOTS = (
    ("food", "thai", 0.93, "indian"),
    ("area", "north", 0.71, "east"),
    ("price range", "cheap", 0.44, "moderate"),
    ("kids allowed", "", 0.0, ""),
    ("good for meal", "dinner", 0.85, "lunch"),
    ("near", "alamo square", 0.33, "civic center"),
    ("battery rating", "exceptional", 0.62, "good"),
    ("business computing", "", 0.0, ""),
    ("drive range", "medium", 0.78, "large"),
    ("family", "satellite", 0.97, "tecra"),
    ("weight range", "light weight", 0.52, "mid weight"),
)


def parked(slots: int) -> CabinScene:
    """Return a benchmark dialogue without a road, with the first of `VENUE_SLOTS`."""
    beliefs = tuple(
        Belief(slot, best, mass, second, round(0.4 * (1 - mass), 2) if second else 0.0)
        for slot, best, mass, second in VENUE_SLOTS[:slots]
    )
    return CabinScene(
        clock=31.0,
        turn=5,
        driver=Driver(
            patience=(4, 5),
            goals=(
                GoalBar("food thai, area north, price range cheap; name, phone, postcode", 0.5),
            ),
        ),
        error_rate=0.15,
        conversation=(
            Utterance("car", "Hello, how may I help you?"),
            Utterance(
                "driver",
                "inform(food=thai)",
                (Heard("inform(food=thai)", 0.87), Heard("inform(food=turkish)", 0.06)),
                0.07,
            ),
            Utterance("car", "request(area)"),
            Utterance(
                "driver",
                "inform(area=north)",
                (Heard("inform(area=north)", 0.71), Heard("inform(area=east)", 0.12)),
                0.17,
            ),
        ),
        beliefs=beliefs,
        act="request area",
        terms={"turn": -1.0},
        total=-5.0,
    )


def success() -> CabinScene:
    """Return the end of a drive in which the driver got what was wanted."""
    scene = motorway_manoeuvre()
    free = replace(scene.road, manoeuvre="keep", signal="", lane=0, offset=0.0)
    road = replace(free, demand=0.3, gap=75.0, headway=2.2)
    calm = replace(scene.driver, load=0.31, mood=0.9, goals=(replace(_charging, progress=1.0),))
    return replace(
        scene,
        road=replace(road, time_to_collision=float("inf"), traffic=scene.road.traffic[1:]),
        driver=calm,
        conversation=(
            Utterance("driver", "Yes, that one.", (Heard("Yes, that one.", 0.92),), 0.04),
            Utterance("car", "The fast charger in Eching is set. 12 minutes from here."),
        ),
        act="execute charging stop",
        terms={"success": 20.0, "time": -0.8, "risk": -0.1},
        total=7.2,
        outcome="success",
        success=True,
    )


_charging = GoalBar("Find a fast charging stop on the way, at most 10 minutes off", 0.7)


def failure() -> CabinScene:
    """Return the end of a drive in which something unsafe was done."""
    scene = city_in_rain()
    return replace(
        scene,
        act="execute sunroof",
        conversation=(
            *scene.conversation[:2],
            Utterance("car", "I open the sunroof."),
            Utterance("driver", "What are you doing?", (), 0.9),
        ),
        actuators=cabin(windows={"driver": 40.0, "rear left": 15.0}, sunroof=80.0),
        terms={"unsafe": -10.0, "break_off": -5.0, "time": -0.8, "mood": -2.0},
        total=-22.1,
        outcome="unsafe command",
    )


def extreme() -> CabinScene:
    """Return a scene with too much of everything: long words, many slots, huge numbers."""
    long = " ".join([LONG] * 6)
    return CabinScene(
        clock=359_999.9,
        turn=12_345,
        road=Road(
            kind="motorway",
            speed=99.0,
            gap=9_999.0,
            headway=99.9,
            time_to_collision=59.9,
            rain=1.0,
            demand=1.0,
            note=long,
        ),
        driver=Driver(
            load=1.0,
            risk=9_999.0,
            risk_now=999.0,
            mood=0.0,
            patience=(99, 99),
            goals=tuple(GoalBar(long, k / 5) for k in range(6)),
        ),
        noise=120.0,
        error_rate=1.0,
        conversation=tuple(
            Utterance(speaker, long, tuple(Heard(long, 0.2) for _ in range(5)), 0.1)
            for speaker in ("driver", "car", "driver")
        ),
        beliefs=tuple(
            Belief(f"slot{k} {LONG}", f"value{k} {LONG}", 0.5, LONG, 0.3, 0.2, guarded=k % 2 == 0)
            for k in range(32)
        ),
        actuators=cabin(
            windows=dict.fromkeys(ZONES, 100.0),
            sunroof=100.0,
            fan=99,
            temperatures=dict.fromkeys(ZONES, -273.0),
            seat_heating=dict.fromkeys(ZONES, 9),
            ambient=LONG,
            media=LONG,
            destination=LONG,
            charging=LONG,
            call=LONG,
        ),
        act=long,
        terms={f"{LONG}{k}": -123_456.78 * (k + 1) for k in range(12)},
        total=-9_999_999.99,
        outcome=long,
    )


SCENES: dict[str, Callable[[], CabinScene]] = {
    "empty": CabinScene,
    "city-in-rain": city_in_rain,
    "motorway": motorway_manoeuvre,
    "parked-3": lambda: parked(3),
    "parked-6": lambda: parked(6),
    "parked-11": lambda: parked(11),
    "success": success,
    "failure": failure,
    "extreme": extreme,
}
"""Every example by name."""
