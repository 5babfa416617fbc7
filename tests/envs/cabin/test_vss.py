"""Signals as VSS has them: the shipped car's paths and types, and values in both directions."""

import math
import re
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlkit.envs.cabin import Assistant
from rlkit.envs.cabin.live.assistant import Reply
from rlkit.envs.cabin.live.signals import INDICATORS, SENSORS, SignalReader
from rlkit.envs.cabin.ontology.domain import WHOLE, Domain, Function, Signal
from rlkit.envs.cabin.ontology.vss import as_flag, as_number, from_vss, to_vss, words_of
from rlkit.envs.cabin.scenario.options import find_domain
from tests.envs.cabin.vss_signals import AHEAD, CABIN, HVAC, VSS, Entry

PRIVATE = "Vehicle.Private."
SOURCE = f"{CABIN}.Infotainment.Media.Played.Source"
AIR = f"{HVAC}.Station.Row1.Driver.AirDistribution"
ROOF, SWITCH = f"{CABIN}.Sunroof.Position", f"{CABIN}.Sunroof.Switch"
WARM = f"{HVAC}.Station.Row1.Driver.Temperature"
FAN = f"{HVAC}.Station.Row1.Driver.FanSpeed"
VOLUME = f"{CABIN}.Infotainment.Media.Volume"
COOLING = f"{HVAC}.IsAirConditioningActive"
COLOUR = f"{CABIN}.Light.InteractiveLightBar.Color"
READY = {
    "Vehicle.Speed": 0.0,
    "Vehicle.Acceleration.Longitudinal": 0.0,
    f"{AHEAD}.Distance": 100.0,
    f"{AHEAD}.TimeGap": 60_000,
    "Vehicle.Body.Raindetection.Intensity": 0,
    "Vehicle.Driver.DistractionLevel": 0.0,
    "Vehicle.Private.Road.Class": "parked",
    "Vehicle.Private.Road.Headway": 60.0,
    "Vehicle.Private.Road.Manoeuvre": "keep",
    FAN: 40,
    AIR: "UP",
    f"{CABIN}.IsWindowChildLockEngaged": False,
}
"""A car in which every command of the ontology may be executed."""


@pytest.fixture(scope="module")
def cabin() -> Domain:
    return find_domain("cabin")


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return Assistant("handcrafted")


def ready(domain: Domain) -> dict[str, Any]:
    return {one.path: to_vss(one, one.starts[0]) for one in domain.signals} | READY


def check_value(entry: Entry, value: Any) -> None:
    """Check that VSS allows a value for a signal."""
    types = {"boolean": "bool", "string": "str", "float": "float"}
    assert type(value).__name__ == types.get(entry.datatype, "int")
    if entry.allowed:
        assert value in entry.allowed
    elif entry.datatype == "string":
        assert re.fullmatch("#[0-9A-F]{6}", value)
    elif entry.datatype != "boolean":
        assert (-math.inf if entry.low is None else entry.low) <= value
        assert value <= (math.inf if entry.high is None else entry.high)


def test_the_shipped_car_is_one_of_vss(cabin: Domain) -> None:
    seen = 0
    for signal in cabin.signals:
        if signal.path.startswith(PRIVATE):
            continue
        entry = VSS[signal.path]
        seen += 1
        assert (signal.datatype, signal.unit) == (entry.datatype, entry.unit), signal.path
        assert signal.lowest >= (-math.inf if entry.low is None else entry.low)
        assert signal.highest <= (math.inf if entry.high is None else entry.high)
        for level, texts in signal.texts:
            for text in texts:
                check_value(entry, text)
                assert from_vss(signal, {text.lower(): level}, text) == level
        assert (entry.kind == "sensor") == (signal.switch is not None)
        if signal.switch is not None:
            actuator = VSS[signal.switch.path]
            assert actuator.kind == "actuator"
            for _, below, above in signal.switch.words:
                check_value(actuator, below)
                check_value(actuator, above)
    assert seen == len(cabin.signals) - 1  # all but the phone


def test_the_road_is_one_of_vss() -> None:
    for sensor in SENSORS.values():
        if not sensor.path.startswith(PRIVATE):
            entry = VSS[sensor.path]
            assert (entry.kind, entry.unit) == ("sensor", sensor.unit)
            assert entry.low in (None, sensor.low)
            assert entry.high in (None, sensor.high)
    assert all(VSS[path].datatype == "boolean" for path in INDICATORS)


def levels_of(domain: Domain, function: Function) -> list[float]:
    assert function.setting is not None
    return list(domain.levels[function.setting])


def test_every_level_is_written_and_read_as_it_was(cabin: Domain) -> None:
    for function in cabin.functions:
        for number in set(function.signals):
            signal, words = cabin.signals[number], words_of(cabin, number)
            for level in levels_of(cabin, function):
                value = to_vss(signal, level)
                check_value(VSS.get(signal.path, Entry("actuator", signal.datatype)), value)
                assert from_vss(signal, words, value) == level
                assert from_vss(signal, words, level) == level
                assert from_vss(signal, words, str(value).lower()) == level


def commands(domain: Domain) -> Iterator[tuple[Signal, float, str]]:
    """Return (signal, level, what the driver says) of every command that the car can do."""
    for function in domain.functions:
        if function.setting is None:
            continue
        missing, setting, zone = dict(function.missing), function.setting, function.zone
        rest = {slot: 0 for slot in function.slots if slot not in (zone, setting)}
        for place in range(len(function.signals)):
            for value, level in enumerate(domain.levels[setting]):
                chosen = {**({} if zone is None else {zone: place}), setting: value, **rest}
                if any(one in missing.get(slot, ()) for slot, one in chosen.items()):
                    continue
                items = [f"{domain.slots[s]}={domain.values[s][v]}" for s, v in chosen.items()]
                said = ", ".join(items)
                signal = domain.signals[function.signals[place]]
                yield signal, level, f"inform(function={function.name}, {said})"


def executed(assistant: Assistant, said: str, signals: dict[str, Any]) -> Reply:
    """Return the reply that carries out what the driver says."""
    assistant.begin()
    reply = assistant.hear([(said, 0.99)], signals, 1.0)
    for _ in range(4):
        if reply.name == "execute":
            return reply
        reply = assistant.hear([("affirm()", 0.99)], signals, 1.0)
    raise AssertionError(f"{said}: {reply}")


def test_every_command_is_sent_as_vss_spells_it_and_read_back(
    assistant: Assistant, cabin: Domain
) -> None:
    signals, names, count = ready(cabin), assistant.feature_names, 0
    assert executed(assistant, "inform(function=airflow, direction=feet)", signals).settings == {
        AIR: "DOWN"
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for signal, level, said in commands(cabin):
            reply = executed(assistant, said, signals)
            actuator = signal.path if signal.switch is None else signal.switch.path
            ((path, value),) = reply.settings.items()
            assert path == actuator
            check_value(VSS.get(path, Entry("actuator", signal.datatype)), value)
            assert reply.targets == {signal.path: to_vss(signal, level)}
            assistant.begin()
            assistant.hear([], {**signals, **reply.targets}, 1.0)
            share = (level - signal.lowest) / (signal.highest - signal.lowest)
            place = names.index(f"signal/{signal.path}")
            assert assistant.observation[place] == pytest.approx(share)
            count += 1
    assert count > 100


@pytest.mark.parametrize(
    ("position", "roof", "word"),
    [
        (0, "half open", "OPEN"),
        (100, "half open", "CLOSE"),
        (0, "wide open", "ONE_SHOT_OPEN"),
        (0, "tilted", "TILT_UP"),
        (100, "closed", "ONE_SHOT_CLOSE"),
        (-100, "closed", "TILT_DOWN"),
        (None, "closed", "ONE_SHOT_CLOSE"),
    ],
)
def test_the_sunroof_is_moved_by_its_switch(
    assistant: Assistant, cabin: Domain, position: int | None, roof: str, word: str
) -> None:
    one = Assistant("handcrafted") if position is None else assistant
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reply = executed(
            one, f"inform(function=sunroof, roof={roof})", {**ready(cabin), ROOF: position}
        )

    assert reply.settings == {SWITCH: word}
    assert reply.targets == {
        ROOF: {"closed": 0, "tilted": -100, "half open": 50, "wide open": 100}[roof]
    }


def test_a_switch_is_not_taken_for_the_position_that_it_moves(cabin: Domain) -> None:
    signals = ready(cabin)
    del signals[ROOF]
    with pytest.warns(UserWarning, match=f"missing: {ROOF}: taken as before"):
        SignalReader(cabin).read({**signals, SWITCH: "INACTIVE"})


ODD = [
    (SOURCE, "UNKNOWN", "unknown text 'UNKNOWN'"),
    (SOURCE, "radoi", "unknown text 'radoi'"),
    (SOURCE, 7, "7 is no level"),
    (SOURCE, True, "True is no number"),
    (COLOUR, "#C0C0C0", "unknown text '#C0C0C0'"),
    (AIR, "SIDEWAYS", "unknown text 'SIDEWAYS'"),
    (COOLING, "maybe", "'maybe' is neither true nor false"),
    (COOLING, 2, "2 is neither true nor false"),
    (VOLUME, 255, "255 is outside of 0 ... 100"),
    (VOLUME, math.nan, "nan is outside of 0 ... 100"),
    (VOLUME, math.inf, "inf is outside of 0 ... 100"),
    (VOLUME, "loudish", "'loudish' is no number"),
    (VOLUME, True, "True is no number"),
    (VOLUME, [1], r"\[1\] is no number"),
    (VOLUME, 10**400, "is no number"),
    ("Vehicle.Speed", math.nan, "nan is outside of -60 ... 250 .km/h.: taken as 120 km/h"),
    ("Vehicle.Speed", 1e9, "1e.09 is outside"),
    ("Vehicle.Speed", "fast", "'fast' is no number: taken as 120"),
    ("Vehicle.Speed", np.ones(3), "is no number"),
    ("Vehicle.Private.Road.Class", "motorwy", "Did you mean 'motorway'"),
    ("Vehicle.Private.Road.Manoeuvre", 3, "unknown word '3'"),
    (INDICATORS[0], "perhaps", "neither true nor false: taken as off"),
    ("Vehicle.Driver.DistractionLevel", "high", "'high' is no number: estimated"),
    (f"{AHEAD}.Distance", 0.0, "0 m is nothing at all: taken as nobody ahead"),
    (f"{AHEAD}.TimeGap", 0, "0 ms is nothing at all: taken as not closing in"),
]


@pytest.mark.parametrize(("path", "value", "words"), ODD)
def test_an_odd_value_is_told_and_loses_no_turn(path: str, value: Any, words: str) -> None:
    assistant = Assistant("handcrafted")
    signals = {**ready(assistant.domain), VOLUME: 40, "Vehicle.Speed": 90}
    if path in INDICATORS:
        del signals["Vehicle.Private.Road.Manoeuvre"]
    heard = [("inform(function=window, zone=driver, position=quarter)", 0.97)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = assistant.hear([], signals, 1.0)
    old = dict(zip(assistant.feature_names, assistant.observation, strict=True))
    with pytest.warns(UserWarning, match=f"signals are odd: {re.escape(path)}: .*{words}"):
        reply = assistant.hear(heard, {**signals, path: value}, 1.0)
    new = dict(zip(assistant.feature_names, assistant.observation, strict=True))

    assert before.name != "execute"
    assert reply.name == "execute"
    kept = {f"signal/{one.path}" for one in assistant.domain.signals}
    assert {name: new[name] for name in kept} == {name: old[name] for name in kept}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assistant.hear([], {**signals, path: value}, 1.0)  # it is told once


@pytest.mark.parametrize(
    ("path", "value", "share"),
    [
        (WARM, 29.5, 1.0),
        (WARM, "29.5", 1.0),
        (WARM, 15.0, 0.0),
        (VOLUME, 104, 1.0),
        (VOLUME, -1, 0.0),
    ],
)
def test_a_number_a_little_beyond_its_range_is_its_end(path: str, value: Any, share: float) -> None:
    assistant = Assistant("handcrafted")
    signals = ready(assistant.domain)
    with pytest.warns(UserWarning, match=f"{path}: .* is outside of .* taken as "):
        assistant.hear([], {**signals, path: value}, 1.0)
    assert assistant.observation[assistant.feature_names.index(f"signal/{path}")] == share
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assistant.hear([], {**signals, path: float(value) * 1.01}, 1.0)  # it drifts


@pytest.mark.parametrize(
    ("path", "value", "share"),
    [
        (SOURCE, "BLUETOOTH", 0.5),
        (SOURCE, "Bluetooth", 0.5),
        (SOURCE, "usb stick", 0.75),
        (SOURCE, "FM", 0.0),
        (SOURCE, "DAB", 0.0),
        (SOURCE, np.str_("INTERNET"), 0.25),
        (COLOUR, "#ffa500", 5 / 6),
        (AIR, "MIDDLE", 0.5),
        (FAN, "40", 0.4),
        (FAN, " 40.0 ", 0.4),
        (FAN, "two", 0.4),
        (FAN, np.uint8(40), 0.4),
        (FAN, np.array(40), 0.4),
        *[(COOLING, value, 1.0) for value in (True, "true", "ON", 1, "1")],
        *[(COOLING, value, 0.0) for value in (np.False_, "False", "off", 0.0)],
        (ROOF, -100, 0.0),
    ],
)
def test_values_are_understood(
    assistant: Assistant, cabin: Domain, path: str, value: Any, share: float
) -> None:
    assistant.begin()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assistant.hear([], {**ready(cabin), path: value}, 1.0)

    place = assistant.feature_names.index(f"signal/{path}")
    assert assistant.observation[place] == pytest.approx(share)


@pytest.mark.parametrize(
    ("path", "value", "feature"),
    [
        ("Vehicle.Private.Road.Class", "CITY", "road/class=city"),
        ("Vehicle.Private.Road.Manoeuvre", "LANE_CHANGE", "road/manoeuvre=lane_change"),
        (INDICATORS[1], "TRUE", "road/manoeuvre=lane_change"),
        (INDICATORS[1], "false", "road/manoeuvre=keep"),
    ],
)
def test_words_of_the_road_are_understood(
    assistant: Assistant, cabin: Domain, path: str, value: str, feature: str
) -> None:
    assistant.begin()
    signals = {**ready(cabin), path: value}
    if path in INDICATORS:
        del signals["Vehicle.Private.Road.Manoeuvre"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assistant.hear([], signals, 1.0)

    assert assistant.observation[assistant.feature_names.index(feature)] == 1.0


NUMBERS = st.one_of(st.floats(), st.integers(), st.booleans())
JUNK = st.one_of(NUMBERS, NUMBERS.map(str), st.text(max_size=5), st.lists(NUMBERS), st.binary())


@settings(max_examples=200)
@given(data=st.data())
def test_whatever_comes_is_a_moment(cabin: Domain, data: st.DataObject) -> None:
    paths = [*ready(cabin), *INDICATORS]
    junk: dict[str, Any] = data.draw(st.dictionaries(st.sampled_from(paths), st.none() | JUNK))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        moment = SignalReader(cabin).read({**ready(cabin), **junk})

    assert all(math.isfinite(number) for number in moment.row.values())
    assert moment.load is None or 0.0 <= moment.load <= 1.0
    for signal, level in zip(cabin.signals, moment.settings, strict=True):
        assert signal.lowest <= level <= signal.highest


def test_whole_numbers_have_the_ranges_of_their_types() -> None:
    for name, (low, high) in WHOLE.items():
        assert (low, high) == (np.iinfo(name).min, np.iinfo(name).max)


def test_numbers_and_flags() -> None:
    assert as_number("-2.5") == -2.5
    assert as_flag("Yes") is True
    for wrong in (None, "", "x", 1j, [1], np.ones(2), b"1", True):
        with pytest.raises(ValueError, match="is no number"):
            as_number(wrong)
    for wrong in (None, "", "x", 0.5, [1]):
        with pytest.raises(ValueError, match="is neither true nor false"):
            as_flag(wrong)
