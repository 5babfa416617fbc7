"""Scenes: what is refused, what counts as misheard, and the text."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from rlkit.envs.cabin.dashboard.as_text import WIDTH, describe
from rlkit.envs.cabin.dashboard.scene import (
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
from studies.dashboard.scenes import SCENES, city_in_rain

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("part", "field", "value", "message"),
    [
        (Road, "kind", "tunnel", "kind must be one of"),
        (Road, "manoeuvre", "drift", "manoeuvre must be one of"),
        (Road, "signal", "both", "signal must be one of"),
        (Road, "lane", 2, "lane must be one of"),
        (Road, "speed", -1.0, "speed must be at least 0"),
        (Road, "speed", INF, "speed must be a finite"),
        (Road, "travelled", NAN, "travelled must be a finite"),
        (Road, "gap", -1.0, "gap must be at least 0"),
        (Road, "gap", NAN, "gap must be at least 0"),
        (Road, "headway", NAN, "headway must be at least 0"),
        (Road, "time_to_collision", -1.0, "time_to_collision must be at least 0"),
        (Road, "offset", 5.1, "offset must be in"),
        (Road, "offset", NAN, "offset must be in"),
        (Road, "rain", 1.1, "rain must be in"),
        (Road, "demand", NAN, "demand must be in"),
        (Driver, "load", 1.2, "load must be in"),
        (Driver, "mood", -0.1, "mood must be in"),
        (Driver, "risk", -1.0, "risk must be at least 0"),
        (Driver, "risk_now", NAN, "risk_now must be a finite"),
        (Driver, "patience", (4, 3), "patience must be"),
        (Actuators, "windows", {"boot": 5.0}, "a zone of windows must be one of"),
        (Actuators, "windows", {"driver": 101.0}, "driver must be in"),
        (Actuators, "temperatures", {"driver": NAN}, "temperatures must be a finite"),
        (Actuators, "sunroof", -1.0, "sunroof must be in"),
        (Actuators, "volume", 101.0, "volume must be in"),
        (CabinScene, "clock", INF, "clock must be a finite"),
        (CabinScene, "turn", -1, "turn must be at least 0"),
        (CabinScene, "noise", NAN, "noise must be a finite"),
        (CabinScene, "error_rate", 1.2, "error_rate must be in"),
        (CabinScene, "total", NAN, "total must be a finite"),
        (CabinScene, "terms", {"mood": NAN}, "'mood' must be a finite"),
    ],
)
def test_impossible_scenes_are_refused(
    part: Callable[..., Any], field: str, value: object, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        part(**{field: value})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Utterance("radio", "hello"), "speaker must be one of"),
        (lambda: Utterance("driver", "a", silence=2.0), "silence must be in"),
        (lambda: Heard("a", 1.5), "confidence must be in"),
        (lambda: Belief("what", "?", NAN), "mass must be in"),
        (lambda: Belief("what", "a", 0.6, "b", 0.5), "sum to more than 1"),
        (lambda: GoalBar("a", 1.5), "progress must be in"),
        (lambda: Vehicle(0, INF), "ahead must be a finite"),
        (lambda: Vehicle(0, 1.0, 1, -1.0), "speed must be at least 0"),
    ],
)
def test_impossible_parts_are_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_a_scene_needs_nothing_and_has_no_hidden_state() -> None:
    assert CabinScene() == CabinScene()
    assert CabinScene().road.kind == "parked"
    assert CabinScene().actuators is None


@pytest.mark.parametrize(
    ("said", "heard", "silence", "wrong"),
    [
        ("No, moderate!", "no moderate", 0.1, False),
        ("no, moderate", "no, expensive", 0.1, True),
        ("same", "same", 0.85, True),  # silence was more probable
        ("", "a word", 0.7, False),
        ("", "a word", 0.1, True),
        (None, "a value", 0.1, False),
    ],
)
def test_misheard_compares_words_not_letters(
    said: str | None, heard: str, silence: float, *, wrong: bool
) -> None:
    assert Utterance("driver", said, (Heard(heard, 0.6),), silence).wrong is wrong
    assert Utterance("driver", said, (Heard(heard, 0.6),), silence, misheard=True).wrong


def test_nothing_heard_is_wrong_only_if_it_was_more_probable_than_any_word() -> None:
    assert Utterance("driver", "word", (), 0.9).wrong
    assert not Utterance("driver", "word").wrong
    assert not Utterance("car", "word", (), 0.9).wrong


def test_the_text_says_what_was_said_heard_believed_and_paid() -> None:
    words = describe(city_in_rain())
    for part in (
        "[ 46.4 s] turn 4, city, keep, 45 km/h, 17 m ahead, headway 1.4 s, collision in 9.0 s",
        "rain 0.7",
        "load 0.52, risk 0.40 s, now +0.10 s, mood 0.70, noise 66 dB(A), mishears 19%",
        "patience 3/4",
        "windows open: driver 40%",
        "food: indian 0.83; italian 0.10; not mentioned 0.04",
        "price range: unknown",
        'car: "Did you say italian?"',
        'driver: "No, indian, in the north."',
        'heard of the driver: "No, indian, in the north." 0.81, "No, indian, in the south." 0.10',
        "confirm food: reward -1.15 (time -0.80, risk -0.25, mood -0.10); total -4.35",
    ):
        assert part in " ".join(words.split()) or part in words
    assert "Navigate" not in words, "the goal is hidden"


@pytest.mark.parametrize("name", SCENES)
def test_no_line_of_the_text_is_longer_than_100_characters(name: str) -> None:
    words = describe(SCENES[name]())
    assert words.endswith("\n")
    assert max(map(len, words.splitlines())) <= WIDTH == 100
