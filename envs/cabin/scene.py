"""What a moment in the cabin looks like, as plain data: the dashboard draws it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Utterance:
    """One line of the conversation.

    Attributes:
        speaker: "driver" or "car".
        said: What was said; None where nobody but the driver knows.
        heard: What the microphone made of it; None for the car.
        confidence: Probability that what was heard is right, in [0, 1].
    """

    speaker: str
    said: str | None
    heard: str | None = None
    confidence: float | None = None


@dataclass(frozen=True)
class Belief:
    """What is believed of one slot: its value in words, P(right) in [0, 1], and how it stands."""

    slot: str
    value: str
    right: float
    confirmed: bool = False


@dataclass(frozen=True)
class CabinScene:
    """One moment: road, driver, cabin, conversation and reward.

    Attributes:
        motorway: Class of the road.
        phase: "keep", "following" or "manoeuvre".
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


def describe(scene: CabinScene) -> str:
    """Return the scene as text."""
    road = f"{'motorway' if scene.motorway else 'city'}, {scene.phase}"
    window = "open" if scene.window_open else "closed"
    state = (
        f"[{scene.clock:4.0f} s] {road}; window {window}; {scene.noise:.0f} dB(A), "
        f"error rate {scene.error_rate:.0%}; load {'high' if scene.load_high else 'low'}; "
        f"patience {scene.patience[0]}/{scene.patience[1]}; risk {scene.risk:.2f} s"
    )
    lines = [state]
    lines += [
        f"  {belief.slot}: {belief.value} (P(right) {belief.right:.2f}"
        f"{', confirmed' if belief.confirmed else ''})"
        for belief in scene.beliefs
    ]
    for line in scene.conversation[-2:]:
        said = "" if line.said is None else f' "{line.said}"'
        heard = "" if line.heard is None else f' heard as "{line.heard}"'
        sure = "" if line.confidence is None else f" ({line.confidence:.2f})"
        lines.append(f"  {line.speaker}:{said}{heard}{sure}")
    if scene.terms:
        terms = ", ".join(f"{name} {value:+.2f}" for name, value in scene.terms.items())
        lines.append(
            f"  reward {sum(scene.terms.values()):+.2f} ({terms}); total {scene.total:+.2f}"
        )
    if scene.outcome:
        lines.append(f"  == {scene.outcome} ==")
    return "\n".join(lines) + "\n"
