"""The reward: a sum of named terms with weights in a frozen config."""

from dataclasses import dataclass, fields, replace
from typing import Any

from rlkit.names import unknown

REWARD_TERMS = (
    "success",
    "turn",
    "second",
    "unsafe",
    "wrong",
    "refusal",
    "hand_over",
    "break_off",
    "window",
    "risk",
    "mood",
)
"""The terms of `info["reward_terms"]`, in the order of their columns in a dialogue's record.

Each is the weight of an event times how often, how long or how much it happened in the step. The
kernels write the events; `simulator.episode.reward` alone multiplies them by their weights.
"""
(
    EVENT_SUCCESS,
    EVENT_TURN,
    EVENT_SECOND,
    EVENT_UNSAFE,
    EVENT_WRONG,
    EVENT_REFUSAL,
    EVENT_HAND_OVER,
    EVENT_BREAK_OFF,
    EVENT_WINDOW,
    EVENT_RISK,
    EVENT_MOOD,
) = range(11)


@dataclass(frozen=True)
class RewardWeights:
    """What each event is worth; the defaults are PyDial's, used in the benchmark scenarios."""

    success: float = 20.0
    """The driver has what was wanted when the dialogue ends."""
    turn: float = -1.0
    """Each turn."""
    second: float = 0.0
    """Each simulated second [1/s]."""
    unsafe: float = 0.0
    """A command that must not be carried out now."""
    wrong: float = 0.0
    """A command that the driver did not give, or a refusal without need."""
    refusal: float = 0.0
    """A justified refusal."""
    hand_over: float = 0.0
    """Putting the matter on the screen for later."""
    break_off: float = 0.0
    """The driver gives up."""
    window: float = 0.0
    """Closing a window that the driver had opened."""
    risk: float = 0.0
    """Each second at risk [1/s]."""
    mood: float = 0.0
    """Each loss of one unit of the driver's mood, in [0, 1]."""


DRIVING_WEIGHTS = RewardWeights(
    turn=0.0,
    second=-0.2,
    unsafe=-10.0,
    wrong=-8.0,
    refusal=10.0,
    hand_over=4.0,
    break_off=-5.0,
    window=-1.0,
    risk=-2.5,
    mood=-1.0,
)
"""Driving scenarios; a five-second turn costs 1, as in the benchmark (assumption)."""


def reward_weights(base: RewardWeights, changes: dict[str, Any] | None) -> RewardWeights:
    """Return `base` with some weights changed.

    Raises:
        ValueError: If a name is unknown or a weight is not a finite number.
    """
    known = {field.name for field in fields(RewardWeights)}
    for name, weight in (changes or {}).items():
        if name not in known:
            raise ValueError(unknown("reward weight", name, known))
        number = isinstance(weight, int | float) and not isinstance(weight, bool)
        if not number or not abs(weight) < float("inf"):
            raise ValueError(f"the reward weight {name!r} is a finite number, got {weight!r}")
    return replace(base, **(changes or {}))
