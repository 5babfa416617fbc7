"""The signals of a real car by their COVESA VSS names: checked, converted, completed.

A signal that is missing, or has a value that nobody understands, has a fallback that is on the
safe side; what is missing or odd is said once.
"""

import difflib
import math
import re
import warnings
from typing import NamedTuple

from rlkit.envs.cabin.ontology.domain import AT_LEAST, Domain, Signal
from rlkit.envs.cabin.ontology.vss import Signals, as_flag, as_number, from_vss, words_of
from rlkit.envs.cabin.ontology.yaml_file import LONGEST_QUOTE
from rlkit.envs.cabin.roads.rows import (
    CITY,
    FARTHEST_GAP,
    KEEP,
    LANE_CHANGE,
    LONGEST_TIME,
    MANOEUVRES,
    MOTORWAY,
    PARKED,
    ROADS,
    STANDSTILL,
    TURN,
)
from rlkit.names import unknown

KMH = 3.6
"""Kilometres an hour of one metre a second."""
MOTORWAY_FROM = 80.0 / KMH
"""Speed from which a road without a class is a motorway [m/s]."""
INDICATORS = tuple(
    f"Vehicle.Body.Lights.DirectionIndicator.{side}.IsSignaling" for side in ("Left", "Right")
)

NEAR = 0.5
"""A number beyond its range by at most this share of the range is taken as the end of it."""


class Sensor(NamedTuple):
    """One signal of the road."""

    path: str
    unit: str
    low: float
    high: float
    scale: float
    """What a value is divided by."""
    missing: str
    """What is done without it, in words."""
    leader: bool = False
    """Whether it is about the car ahead, so that 0 means: nobody."""


SENSORS = {
    "speed": Sensor("Vehicle.Speed", "km/h", -60.0, 250.0, KMH, "taken as 120 km/h"),
    "acceleration": Sensor(
        "Vehicle.Acceleration.Longitudinal", "m/s^2", -20.0, 20.0, 1.0, "taken as 0"
    ),
    "gap": Sensor(
        "Vehicle.ADAS.ObstacleDetection.Front.Center.Distance",
        "m",
        0.0,
        math.inf,
        1.0,
        "taken as nobody ahead",
        leader=True,
    ),
    "time_to_collision": Sensor(
        "Vehicle.ADAS.ObstacleDetection.Front.Center.TimeGap",
        "ms",
        0.0,
        math.inf,
        1000.0,
        "taken as not closing in",
        leader=True,
    ),
    "headway": Sensor(
        "Vehicle.Private.Road.Headway", "s", 0.0, math.inf, 1.0, "distance over speed", leader=True
    ),
    "rain": Sensor(
        "Vehicle.Body.Raindetection.Intensity", "percent", 0.0, 100.0, 100.0, "taken as dry"
    ),
    "load": Sensor(
        "Vehicle.Driver.DistractionLevel",
        "percent",
        0.0,
        100.0,
        100.0,
        "estimated from the dialogue",
    ),
}
"""Numbers about road and driver."""
MANOEUVRE = "Vehicle.Private.Road.Manoeuvre"
CLASS = "Vehicle.Private.Road.Class"
WITHOUT = {
    MANOEUVRE: "an indicator that is on is a lane change, in the city a turn",
    CLASS: "taken from the speed",
}
"""Words about the road: `MANOEUVRES` and `ROADS`; and what is done without them."""
AS_BEFORE = "taken as before, at first where rules forbid most"
"""What is done without a signal of the ontology."""
UNKNOWN_SPEED = 120.0 / KMH
"""A car of unknown speed counts as fast, so that nothing is opened at speed [m/s]."""


class Moment(NamedTuple):
    """What the signals tell of one moment."""

    row: dict[str, float]
    """Fields of a `DRIVE_ROW`."""
    settings: list[float]
    """A value for each of the ontology's signals."""
    load: float | None
    """Of the driver, in [0, 1], where it is measured."""


class SignalReader:
    """Reads the signals of one car, and remembers what was missing or odd before.

    Args:
        domain: The ontology, whose `signals` the car has too.
    """

    def __init__(self, domain: Domain) -> None:
        self._domain = domain
        self._words = [words_of(domain, k) for k in range(len(domain.signals))]
        self._last: list[float | None] = [None] * len(domain.signals)
        self._said: set[str] = set()
        self._missing: dict[str, str] = {}
        self._odd: dict[str, str] = {}

    def read(self, signals: Signals) -> Moment:
        """Return the moment that signals tell.

        Names that no sensor and no signal of the ontology has are ignored. A value that is no
        number, NaN, far out of range or an unknown text counts as missing, with a warning.
        """
        self._missing, self._odd = {}, {}
        row = self._road(signals)
        load = self._number("load", signals)
        settings = [self._setting(k, signals) for k in range(len(self._domain.signals))]
        self._say_missing(signals)
        self._say_odd()
        return Moment(row, settings, load)

    def _road(self, signals: Signals) -> dict[str, float]:
        speed = self._number("speed", signals)
        speed = UNKNOWN_SPEED if speed is None else abs(speed)
        gap = _or(self._number("gap", signals), FARTHEST_GAP)
        headway = self._number("headway", signals)
        if headway is None:
            headway = gap / max(speed, 1e-6) if gap < FARTHEST_GAP else LONGEST_TIME
        closing = _or(self._number("time_to_collision", signals), LONGEST_TIME)
        road = self._road_class(speed, signals)
        return {
            "speed": speed,
            "acceleration": _or(self._number("acceleration", signals), 0.0),
            "gap": min(gap, FARTHEST_GAP),
            "headway": min(headway, LONGEST_TIME),
            "time_to_collision": min(closing, LONGEST_TIME),
            "rain": _or(self._number("rain", signals), 0.0),
            "road": road,
            "manoeuvre": self._manoeuvre(road, signals),
        }

    def _number(self, name: str, signals: Signals) -> float | None:
        """Return a number about the road in our unit; None if it is missing, which is noted."""
        sensor = SENSORS[name]
        value = signals.get(sensor.path)
        if value is None:
            self._missing[sensor.path] = sensor.missing
            return None
        try:
            number = as_number(value)
            if sensor.leader and number <= 0.0:
                raise ValueError(f"{number:g} {sensor.unit} is nothing at all")
            return self._near(sensor.path, number, sensor) / sensor.scale
        except ValueError as error:
            self._odd[sensor.path] = _told(error, sensor.missing)
            return None

    def _near(self, path: str, number: float, bounds: Sensor | Signal) -> float:
        """Return a number, or the end of its range if it lies a little beyond, which is noted.

        Raises:
            ValueError: If it is NaN, or lies far beyond.
        """
        low, high = _range(bounds)
        end = min(max(number, low), high)
        if number == end:
            return number
        beyond = f"{number:g} is outside of {low:g} ... {high:g} [{bounds.unit or 'no unit'}]"
        if not abs(number - end) <= NEAR * (high - low):  # NaN is not either
            raise ValueError(beyond)
        self._odd[path] = f"{beyond}: taken as {end:g}"
        return end

    def _road_class(self, speed: float, signals: Signals) -> int:
        word = self._word(CLASS, ROADS, signals)
        if word is not None:
            return word
        if speed < STANDSTILL:
            return PARKED
        return MOTORWAY if speed > MOTORWAY_FROM else CITY

    def _manoeuvre(self, road: int, signals: Signals) -> int:
        word = self._word(MANOEUVRE, MANOEUVRES, signals)
        if word is not None:
            return word
        if not any(self._is_on(path, signals) for path in INDICATORS):
            return KEEP
        return TURN if road == CITY else LANE_CHANGE

    def _is_on(self, path: str, signals: Signals) -> bool:
        value = signals.get(path)
        try:
            return value is not None and as_flag(value)
        except ValueError as error:
            self._odd[path] = _told(error, "taken as off")
            return False

    def _word(self, path: str, words: tuple[str, ...], signals: Signals) -> int | None:
        value = signals.get(path)
        if value is None:
            self._missing[path] = WITHOUT[path]
            return None
        word = re.sub(r"[\s_-]+", " ", str(value).strip().lower())
        if word in words:
            return words.index(word)
        self._odd[path] = _told(unknown("word", str(value)[:LONGEST_QUOTE], words), WITHOUT[path])
        return None

    def _setting(self, k: int, signals: Signals) -> float:
        """Return the value of a signal of the ontology."""
        signal = self._domain.signals[k]
        value = signals.get(signal.path)
        if value is None:
            self._missing[signal.path] = AS_BEFORE
        else:
            try:
                level = from_vss(signal, self._words[k], value)
                self._last[k] = self._near(signal.path, level, signal)
            except ValueError as error:
                self._odd[signal.path] = _told(error, AS_BEFORE)
        last = self._last[k]
        return _guarded(self._domain, k) if last is None else last

    def _say_missing(self, signals: Signals) -> None:
        """Warn of every missing signal once."""
        new = {path: how for path, how in self._missing.items() if path not in self._said}
        if not new:
            return
        self._said |= new.keys()
        known = {sensor.path for sensor in SENSORS.values()} | WITHOUT.keys()
        known |= {signal.path for signal in self._domain.signals} | set(INDICATORS)
        known |= {one.switch.path for one in self._domain.signals if one.switch is not None}
        strangers = [path for path in signals if path not in known]
        parts = []
        for path, how in new.items():
            near = difflib.get_close_matches(path, strangers, n=1, cutoff=0.8)
            hint = f" (is it {near[0]!r}?)" if near else ""
            parts.append(f"{path}{hint}: {how}")
        warnings.warn(f"signals are missing: {'; '.join(parts)}", UserWarning, stacklevel=4)

    def _say_odd(self) -> None:
        """Warn of every odd value once; of numbers that drift out of range too."""
        odd = [f"{path}: {fault}" for path, fault in self._odd.items()]
        new = {kind: one for one in odd if (kind := re.sub(r"[\d.]+", "", one)) not in self._said}
        if new:
            self._said |= new.keys()
            warnings.warn(f"signals are odd: {'; '.join(new.values())}", UserWarning, stacklevel=4)


def _told(fault: object, fallback: str) -> str:
    return f"{str(fault).rstrip('.')}: {fallback}"


def _range(bounds: Sensor | Signal) -> tuple[float, float]:
    if isinstance(bounds, Sensor):
        return bounds.low, bounds.high
    return bounds.lowest, bounds.highest


def _guarded(domain: Domain, signal: int) -> float:
    """Return the value of a signal of which nothing is known: one that breaks the rules about it.

    A signal that no rule requires anything of has what it may have when a drive begins.
    """
    one = domain.signals[signal]
    for rule in domain.rules:
        if rule.signal == signal:
            return one.lowest if rule.comparison == AT_LEAST else one.highest
    return one.starts[0]


def _or(number: float | None, fallback: float) -> float:
    return fallback if number is None else number
