"""Who plays in the table of results, and where."""

from functools import cache

from rlkit.agents.presets import Preset, presets

BASELINE = "handcrafted"
"""The rules that come with an environment; they do not learn."""
SOLVED = ("rlkit/CabinTabular-v0",)
"""Where the optimum is known, and players are measured by their distance to it."""


@cache
def roster() -> dict[str, dict[str, Preset | None]]:
    """Return the players of every environment by name; the rules, which come first, have None."""
    return {
        environment: {**({} if environment in SOLVED else {BASELINE: None}), **named}
        for environment, named in presets().items()
    }
