"""Published figures and tables, computed anew: what was expected, and what is obtained here.

`studies.reproductions.reproduce` writes them to `docs/gallery/`; the tests check each of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rlkit.lazy import resolve


@dataclass(frozen=True)
class Finding:
    """One number beside its published value."""

    what: str
    expected: float
    obtained: float
    tolerance: float
    """How far they may be apart: half of the last printed digit, or as the text says."""

    @property
    def holds(self) -> bool:
        """Whether they are no further apart than they may be."""
        return abs(self.obtained - self.expected) <= self.tolerance


@dataclass(frozen=True)
class Reproduction:
    """A published figure or table."""

    title: str
    source: str
    text: str
    """What is shown, and where it differs from the source; Markdown."""
    findings: list[Finding]
    figure: Any
    """A Matplotlib figure."""


REPRODUCTIONS = {
    "small-grid": "studies.reproductions.small_grid:reproduce",
    "jumps": "studies.reproductions.jumps:reproduce",
    "car-rental": "studies.reproductions.car_rental:reproduce",
    "gambler": "studies.reproductions.gambler:reproduce",
    "random-walk": "studies.reproductions.random_walk:reproduce",
    "windy-grid": "studies.reproductions.windy_grid:reproduce",
    "cliff-walking": "studies.reproductions.cliff_walking:reproduce",
    "toy-text": "studies.reproductions.toy_text:reproduce",
}


def find(name: str) -> Callable[[], Reproduction]:
    """Return the function that makes the reproduction called `name`."""
    function: Callable[[], Reproduction] = resolve(REPRODUCTIONS[name])
    return function
