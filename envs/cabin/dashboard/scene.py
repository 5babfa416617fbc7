"""What a moment in the cabin looks like, as plain data: the dashboard draws it.

Every field has a default, so that a dialogue without a road, or a cabin without windows, leaves
out what it does not have.
"""

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from rlkit.envs.cabin.roads.rows import MANOEUVRES, ROADS

SIGNALS = ("", "left", "right")
SPEAKERS = ("driver", "car")
ZONES = ("driver", "passenger", "rear left", "rear right")
LANE_WIDTH = 3.6
"""Of every lane [m]."""
LANES = {"parked": 2, "city": 2, "motorway": 3}
"""Lanes of each kind of road, all in the direction of travel."""
FURTHEST_OFFSET = 5.0
"""A car further beside the middle of its lane is not in that lane [m]."""
ROUNDING = 1e-6
"""A probability may miss [0, 1] by so much."""


def _check_one_of(name: str, value: object, allowed: Collection[object]) -> None:
    if value not in allowed:
        raise ValueError(f"{name} must be one of {allowed}, got {value!r}")


def _check_share(name: str, value: float | None) -> None:
    if value is not None and not -ROUNDING <= value <= 1 + ROUNDING:
        raise ValueError(f"{name} must be in [0, 1], got {value}")


def _check_finite(name: str, value: float) -> None:
    if not math.isfinite(value):
        raise ValueError(f"{name} must be a finite number, got {value}")


def _check_least(name: str, value: float) -> None:
    if not value >= 0:
        raise ValueError(f"{name} must be at least 0, got {value}")


@dataclass(frozen=True)
class Vehicle:
    """Another vehicle.

    Attributes:
        name: The same number for the same vehicle from scene to scene, so that it moves smoothly.
        ahead: Its rear bumper before the own front bumper [m]; negative beside or behind.
        lane: Its lane, counted from 0 at the left; between two while it changes.
        speed: Its speed [m/s], at least 0.
    """

    name: int
    ahead: float
    lane: float = 1
    speed: float = 0.0

    def __post_init__(self) -> None:
        _check_finite("ahead", self.ahead)
        _check_least("speed", self.speed)


@dataclass(frozen=True)
class Road:
    """Where the car is and how it moves; the default stands still at the kerb.

    Attributes:
        kind: One of `ROADS`.
        speed: Of the own car [m/s], at least 0.
        travelled: Way of the own car since the start [m], at least 0; it moves the landscape.
        lane: The own lane, counted from 0 at the left; see `LANES`.
        offset: Of the own car from the middle of its lane [m], to the right, in [-5, 5].
        manoeuvre: One of `MANOEUVRES`.
        signal: The indicator that is on: "left", "right" or "".
        gap: To the leader, bumper to bumper [m], at least 0; infinite for none.
        headway: Gap over speed [s], at least 0; infinite for none.
        time_to_collision: With the leader [s], at least 0; infinite when not closing in.
        traffic: The other vehicles. A leader that is not among them is drawn `gap` ahead.
        rain: In [0, 1].
        demand: Of the road on the driver, in [0, 1]; None where it is not known.
        note: How the road is, in a word or two, such as "following closely".
    """

    kind: str = "parked"
    speed: float = 0.0
    travelled: float = 0.0
    lane: int = 1
    offset: float = 0.0
    manoeuvre: str = "keep"
    signal: str = ""
    gap: float = math.inf
    headway: float = math.inf
    time_to_collision: float = math.inf
    traffic: tuple[Vehicle, ...] = ()
    rain: float = 0.0
    demand: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        _check_one_of("kind", self.kind, ROADS)
        _check_one_of("manoeuvre", self.manoeuvre, MANOEUVRES)
        _check_one_of("signal", self.signal, SIGNALS)
        _check_one_of("lane", self.lane, range(LANES[self.kind]))
        for name in ("speed", "travelled"):
            _check_finite(name, getattr(self, name))
        for name in ("speed", "travelled", "gap", "headway", "time_to_collision"):
            _check_least(name, getattr(self, name))
        if not abs(self.offset) <= FURTHEST_OFFSET:
            raise ValueError(f"offset must be in [-5, 5] m, got {self.offset}")
        _check_share("rain", self.rain)
        _check_share("demand", self.demand)


@dataclass(frozen=True)
class GoalBar:
    """What the driver wants. The spectator sees it, the agent never does.

    Attributes:
        words: In words, such as "navigate to a thai restaurant; ask for the phone".
        progress: Share of it that is done, in [0, 1].
        active: Whether it is pursued now.
    """

    words: str
    progress: float = 0.0
    active: bool = True

    def __post_init__(self) -> None:
        _check_share("progress", self.progress)


@dataclass(frozen=True)
class Driver:
    """How the driver is; None where it is not known.

    Attributes:
        load: In [0, 1].
        risk: Seconds at risk so far [s], at least 0.
        risk_now: Seconds at risk in the last act [s], at least 0.
        mood: In [0, 1]; 1 is content.
        patience: Left, and of how many; (0, 0) for none.
        goals: What the driver wants.
    """

    load: float | None = None
    risk: float | None = None
    risk_now: float | None = None
    mood: float | None = None
    patience: tuple[int, int] = (0, 0)
    goals: tuple[GoalBar, ...] = ()

    def __post_init__(self) -> None:
        _check_share("load", self.load)
        _check_share("mood", self.mood)
        for name in ("risk", "risk_now"):
            if getattr(self, name) is not None:
                _check_finite(name, getattr(self, name))
                _check_least(name, getattr(self, name))
        if not 0 <= self.patience[0] <= self.patience[1]:
            raise ValueError(f"patience must be (left, of), got {self.patience}")


@dataclass(frozen=True)
class Heard:
    """One hypothesis of the recogniser: words, and their probability in [0, 1]."""

    words: str
    confidence: float

    def __post_init__(self) -> None:
        _check_share("confidence", self.confidence)


@dataclass(frozen=True)
class Utterance:
    """One line of the conversation.

    Attributes:
        speaker: "driver" or "car".
        said: What was said; "" for silence, None where nobody but the driver knows.
        heard: The recogniser's hypotheses, the best first; () for the car, or if nothing was heard.
        silence: Probability, for the recogniser, that nothing was said, in [0, 1].
        misheard: Whether the best hypothesis, or silence if that is more probable, is wrong; None
            compares it with what was said, word by word.
    """

    speaker: str
    said: str | None
    heard: tuple[Heard, ...] = ()
    silence: float = 0.0
    misheard: bool | None = None

    @property
    def wrong(self) -> bool:
        """Whether what was heard is known not to be what was said."""
        if self.misheard is not None:
            return self.misheard
        if self.said is None or self.speaker == "car":
            return False
        return self.said != "" if self.missed else bool(self.heard) and not self.matches(0)

    @property
    def missed(self) -> bool:
        """Whether it was more probable for the recogniser that nothing was said."""
        return self.silence > max((one.confidence for one in self.heard), default=0.0)

    def matches(self, rank: int) -> bool:
        """Return whether a hypothesis has the words that were said."""
        return self.said is not None and _words(self.said) == _words(self.heard[rank].words)

    def __post_init__(self) -> None:
        _check_one_of("speaker", self.speaker, SPEAKERS)
        _check_share("silence", self.silence)


@dataclass(frozen=True)
class Belief:
    """What is believed of one slot.

    Attributes:
        slot: Its name.
        best: The most probable value, or how it stands, in words; "" for none.
        mass: Its probability, in [0, 1].
        second: The next value; "" for none.
        second_mass: Its probability, in [0, 1].
        none: Probability that nothing was said of the slot, in [0, 1].
        confirmed: Whether the driver has confirmed the best value.
        guarded: Whether it opens something, which is unsafe at speed.
    """

    slot: str
    best: str = ""
    mass: float = 0.0
    second: str = ""
    second_mass: float = 0.0
    none: float = 0.0
    confirmed: bool = False
    guarded: bool = False

    def __post_init__(self) -> None:
        for name in ("mass", "second_mass", "none"):
            _check_share(name, getattr(self, name))
        if self.mass + self.second_mass + self.none > 1 + 3 * ROUNDING:
            raise ValueError(
                f"the masses of {self.slot!r} sum to more than 1: best {self.mass}, "
                f"second {self.second_mass}, none {self.none}"
            )


@dataclass(frozen=True)
class Actuators:
    """What the car is set to; None, or a zone that is missing, where it has no such thing.

    Attributes:
        windows: How far each window is open, by zone of `ZONES` [%], in [0, 100].
        sunroof: How far it is open [%], in [0, 100].
        fan: Level, at least 0.
        temperatures: By zone [degrees Celsius].
        seat_heating: Level by zone, at least 0.
        ambient: Name of the colour of the ambient light, or "off".
        media: What plays, or "off".
        volume: Of the media [%], in [0, 100].
        destination: Of the navigation, or "none".
        charging: The charging stop that is planned, or "none".
        call: Who is called, or "none".
    """

    windows: Mapping[str, float] = field(default_factory=dict)
    sunroof: float | None = None
    fan: int | None = None
    temperatures: Mapping[str, float] = field(default_factory=dict)
    seat_heating: Mapping[str, int] = field(default_factory=dict)
    ambient: str | None = None
    media: str | None = None
    volume: float | None = None
    destination: str | None = None
    charging: str | None = None
    call: str | None = None

    def __post_init__(self) -> None:
        for name in ("windows", "temperatures", "seat_heating"):
            for zone, value in getattr(self, name).items():
                _check_one_of(f"a zone of {name}", zone, ZONES)
                _check_finite(name, value)
        openings = {**self.windows, "sunroof": self.sunroof, "volume": self.volume}
        for name, value in openings.items():
            if value is not None and not 0 <= value <= 100:
                raise ValueError(f"{name} must be in [0, 100] %, got {value}")


@dataclass(frozen=True)
class CabinScene:
    """One moment: road, driver, cabin, conversation, belief and reward.

    Attributes:
        clock: Seconds since the start [s], at least 0.
        turn: Turns so far, at least 0.
        road: Where the car is and how it moves.
        driver: How the driver is.
        noise: At the microphone [dB(A)], at least 0; None where it is not known.
        error_rate: Of the recogniser, in [0, 1]; None where it is not known.
        conversation: Newest last; the last dozen lines are enough.
        beliefs: One a slot.
        actuators: What the car is set to; None for a car that only talks.
        act: The assistant's last act.
        terms: Reward terms of the last step.
        total: Return so far.
        outcome: How it ended; None while it goes on.
        success: Whether it ended well.

    Raises:
        ValueError: If a field, here or in a part, is out of its range or not a number.
    """

    clock: float = 0.0
    turn: int = 0
    road: Road = Road()
    driver: Driver = Driver()
    noise: float | None = None
    error_rate: float | None = None
    conversation: tuple[Utterance, ...] = ()
    beliefs: tuple[Belief, ...] = ()
    actuators: Actuators | None = None
    act: str = ""
    terms: Mapping[str, float] = field(default_factory=dict)
    total: float = 0.0
    outcome: str | None = None
    success: bool = False

    def __post_init__(self) -> None:
        for name, least in (("clock", self.clock), ("turn", self.turn), ("noise", self.noise or 0)):
            _check_finite(name, least)
            _check_least(name, least)
        _check_share("error_rate", self.error_rate)
        _check_finite("total", self.total)
        for name, value in self.terms.items():
            _check_finite(f"reward term {name!r}", value)


def _words(sentence: str) -> list[str]:
    """Return the words of a sentence without case and punctuation."""
    return re.findall(r"\w+", sentence.casefold())
