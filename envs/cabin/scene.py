"""What a moment in the cabin looks like, as plain data: the dashboard draws it."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

PHASES = ("keep", "following", "manoeuvre")
"""What the own car does: keeps its lane, follows closely, or changes lanes."""
SPEAKERS = ("driver", "car")
ROUNDING = 1e-6
"""A probability may miss [0, 1] by so much."""


@dataclass(frozen=True)
class Utterance:
    """One line of the conversation.

    Attributes:
        speaker: "driver" or "car".
        said: What was said; None where nobody but the driver knows.
        heard: What the microphone made of it; None for the car.
        confidence: Probability that what was heard is right, in [0, 1].
        misheard: Whether what was heard is wrong; None compares it with what was said, word by
            word.

    Raises:
        ValueError: If the speaker is unknown or the confidence is no probability.
    """

    speaker: str
    said: str | None
    heard: str | None = None
    confidence: float | None = None
    misheard: bool | None = None

    @property
    def wrong(self) -> bool:
        """Whether what was heard is known not to be what was said."""
        if self.misheard is not None:
            return self.misheard
        if self.said is None or self.heard is None:
            return False
        return _words(self.said) != _words(self.heard)

    def __post_init__(self) -> None:
        if self.speaker not in SPEAKERS:
            raise ValueError(f"speaker must be one of {SPEAKERS}, got {self.speaker!r}")
        if self.confidence is not None:
            _check_share("confidence", self.confidence)


@dataclass(frozen=True)
class Belief:
    """What is believed of one slot.

    Attributes:
        slot: Its name.
        value: How it stands, in words, such as "heard, unsure" or "23 degrees".
        right: Probability that it is right, in [0, 1].
        confirmed: Whether the driver has confirmed it.
        guarded: Whether it opens something, which is unsafe at speed.

    Raises:
        ValueError: If `right` is no probability.
    """

    slot: str
    value: str
    right: float
    confirmed: bool = False
    guarded: bool = False

    def __post_init__(self) -> None:
        _check_share("right", self.right)


@dataclass(frozen=True)
class CabinScene:
    """One moment: road, driver, cabin, conversation and reward.

    Attributes:
        motorway: Class of the road; else city.
        phase: What the own car does, one of `PHASES`.
        clock: Seconds since the start; the traffic moves with it.
        window_open: The driver's window.
        noise: At the microphone [dB(A)].
        error_rate: Of one value, in [0, 1].
        demand: Of the road, in [0, 1].
        load_high: Whether the driver still feels the last exchange.
        patience: Left, and of how many.
        risk: Seconds at risk so far.
        beliefs: One a slot.
        conversation: Newest last.
        act: The assistant's last act.
        terms: Reward terms of the last step.
        total: Return so far.
        outcome: How it ended; None while it goes on.
        success: Whether it ended well.
        load: Load of the driver, in [0, 1]; None where only `load_high` is known.
        last_risk: Seconds at risk in the last act; None where it is not known.
        phase_before: The phase that is being left; None for none.
        progress: How far the car has come from `phase_before` to `phase`, in [0, 1].
        speed: Of the own car [m/s]; None for what is usual on the road.
        gap: To the car ahead, bumper to bumper [m]; infinite for none, None for what is usual in
            the phase.
        travelled: Way of the own car so far [m]; None for the usual speed times the clock.

    Raises:
        ValueError: If a field is out of its range or not a number.
    """

    motorway: bool
    phase: str
    clock: float
    window_open: bool
    noise: float
    error_rate: float
    demand: float
    load_high: bool
    patience: tuple[int, int]
    risk: float
    beliefs: tuple[Belief, ...]
    conversation: tuple[Utterance, ...] = ()
    act: str = ""
    terms: Mapping[str, float] = field(default_factory=dict)
    total: float = 0.0
    outcome: str | None = None
    success: bool = False
    load: float | None = None
    last_risk: float | None = None
    phase_before: str | None = None
    progress: float = 1.0
    speed: float | None = None
    gap: float | None = None
    travelled: float | None = None

    def __post_init__(self) -> None:
        _check_phase("phase", self.phase)
        _check_phase("phase_before", self.phase_before or self.phase)
        for name in ("error_rate", "demand", "load", "progress"):
            value = getattr(self, name)
            if value is not None:
                _check_share(name, value)
        for name in ("clock", "noise", "risk", "total", "last_risk", "speed", "travelled"):
            value = getattr(self, name)
            if value is not None and not math.isfinite(value):
                raise ValueError(f"{name} must be a finite number, got {value}")
        if self.gap is not None and not self.gap >= 0:
            raise ValueError(f"gap must be at least 0, got {self.gap}")
        for name, value in self.terms.items():
            if not math.isfinite(value):
                raise ValueError(f"reward term {name!r} must be a finite number, got {value}")
        if not 0 <= self.patience[0] <= self.patience[1]:
            raise ValueError(f"patience must be (left, of), got {self.patience}")


def frames(
    before: CabinScene, now: CabinScene, seconds: float, fps: int = 30
) -> Iterator[CabinScene]:
    """Yield the scenes that lead smoothly from one decision to the next.

    The words, beliefs and rewards are those of `now`; the road moves on from `before`.

    Args:
        before: The scene at the decision.
        now: The scene after the act.
        seconds: For how long it is shown; at least one frame is [s].
        fps: Frames per second.
    """
    count = max(round(seconds * fps), 1)
    for k in range(1, count + 1):
        share = k / count
        yield replace(
            now,
            clock=before.clock + (now.clock - before.clock) * share,
            phase_before=before.phase,
            progress=share,
            speed=_between(before.speed, now.speed, share),
            gap=_between(before.gap, now.gap, share),
            travelled=_between(before.travelled, now.travelled, share),
        )


def _between(before: float | None, now: float | None, share: float) -> float | None:
    """Return what lies between two numbers; the second where there is no way between them."""
    if before is None or now is None or not math.isfinite(before) or not math.isfinite(now):
        return now
    return before + (now - before) * share


def describe(scene: CabinScene) -> str:
    """Return the scene as text: a line of state, a line a slot, the last exchange, the reward."""
    lines = [_state_line(scene)]
    lines += [
        f"  {belief.slot}: {belief.value} (P(right) {belief.right:.2f}"
        f"{', confirmed' if belief.confirmed else ''}{', guarded' if belief.guarded else ''})"
        for belief in scene.beliefs
    ]
    lines += [_spoken_line(line) for line in scene.conversation[-2:]]
    if scene.terms:
        terms = ", ".join(f"{name} {value:+.2f}" for name, value in scene.terms.items())
        act = f"{scene.act}: " if scene.act else ""
        step = sum(scene.terms.values())
        lines.append(f"  {act}reward {step:+.2f} ({terms}); total {scene.total:+.2f}")
    if scene.outcome:
        lines.append(f"  == {scene.outcome} ==")
    return "\n".join(lines) + "\n"


def _state_line(scene: CabinScene) -> str:
    load = "high" if scene.load_high else "low"
    load += "" if scene.load is None else f" ({scene.load:.2f})"
    last = "" if scene.last_risk is None else f" ({scene.last_risk:+.2f} s)"
    return (
        f"[{scene.clock:4.0f} s] {'motorway' if scene.motorway else 'city'}, {scene.phase}; "
        f"window {'open' if scene.window_open else 'closed'}; {scene.noise:.0f} dB(A), "
        f"error rate {scene.error_rate:.0%}; load {load}; "
        f"patience {scene.patience[0]}/{scene.patience[1]}; risk {scene.risk:.2f} s{last}"
    )


def _spoken_line(line: Utterance) -> str:
    said = "" if line.said is None else f' "{line.said}"'
    heard = "" if line.heard is None else f' heard as "{line.heard}"'
    sure = "" if line.confidence is None else f" ({line.confidence:.2f})"
    return f"  {line.speaker}:{said}{heard}{sure}"


def _words(sentence: str) -> list[str]:
    """Return the words of a sentence without case and punctuation."""
    return re.findall(r"\w+", sentence.casefold())


def _check_phase(name: str, phase: str) -> None:
    if phase not in PHASES:
        raise ValueError(f"{name} must be one of {PHASES}, got {phase!r}")


def _check_share(name: str, value: float) -> None:
    if not -ROUNDING <= value <= 1 + ROUNDING:
        raise ValueError(f"{name} must be in [0, 1], got {value}")
