"""A scene that the tests change one field at a time."""

from typing import Any

from rlkit.envs.cabin.scene import Belief, CabinScene, Utterance


def scene_of(**changes: Any) -> CabinScene:
    """Return a scene in the middle of a dialogue, with some fields changed."""
    fields: dict[str, Any] = {
        "motorway": True,
        "phase": "keep",
        "clock": 12.4,
        "window_open": False,
        "noise": 65.0,
        "error_rate": 0.18,
        "demand": 0.3,
        "load_high": False,
        "patience": (2, 3),
        "risk": 1.2,
        "beliefs": (Belief("what", "heard, sure", 0.92), Belief("value", "unknown", 0.0)),
        "conversation": (
            Utterance("car", "What can I do for you?"),
            Utterance("driver", "Open the sunroof", "open the tailgate", 0.41),
        ),
        "act": "request what",
        "terms": {"time": -1.0, "risk": -0.3},
        "total": -1.3,
    }
    return CabinScene(**(fields | changes))
