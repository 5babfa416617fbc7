"""An ontology in memory: what the driver and the assistant can talk about, and the car."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SPEED = -1
"""In the place of a signal: the speed of the car [m/s]."""
AT_LEAST, AT_MOST = "at_least", "at_most"
COMPARISONS = (AT_LEAST, AT_MOST)
UNSAFE, CONFIRM = "unsafe", "confirm"
EFFECTS = (UNSAFE, CONFIRM)
WINDOW, FAN, VOLUME = "window", "fan", "volume"
NOISE_SOURCES = (WINDOW, FAN, VOLUME)
"""Signals that the microphone hears; *quiet the cabin* turns them down."""
_BITS = (8, 16, 32, 64)
WHOLE = {
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in _BITS},
    **{f"uint{bits}": (0, 2**bits - 1) for bits in _BITS},
}
"""Types of whole numbers, with the range of each."""
DATATYPES = ("boolean", "string", "float", "double", *WHOLE)
"""Types that a signal's value has in the car, in the words of VSS."""


@dataclass(frozen=True)
class Switch:
    """Moves what a signal only measures."""

    path: str
    words: tuple[tuple[float, str, str], ...]
    """(level, what moves to it from below, what moves to it from above)."""

    def word(self, level: float, reading: float) -> str:
        """Return what moves to a level (or the nearest) from what the signal reads."""
        at, below, above = min(self.words, key=lambda move: abs(move[0] - level))
        return below if reading < at else above


@dataclass(frozen=True)
class Signal:
    """One signal of the car."""

    path: str
    """Its name, a COVESA VSS v6 path such as `Vehicle.Cabin.Infotainment.Media.Volume`."""
    unit: str
    """Unit of its value, "" for none."""
    lowest: float
    highest: float
    """Range of its value."""
    starts: tuple[float, ...]
    """Values that it has when a drive begins, equally likely."""
    source: str | None = None
    """One of `NOISE_SOURCES`, if it makes noise in proportion to its value."""
    datatype: str = "float"
    """One of `DATATYPES`: what its value is in the car."""
    texts: tuple[tuple[float, tuple[str, ...]], ...] = ()
    """(value, texts that stand for it in the car), the first of which is written."""
    switch: Switch | None = None
    """What moves it, if it is a sensor."""


@dataclass(frozen=True)
class Function:
    """Something the car does for the driver: find a place (from the data base) or a command."""

    name: str
    slots: tuple[int, ...]
    """Numbers of its slots, in the order in which the assistant asks; the function slot is none."""
    weight: float = 1.0
    """How often drivers want it, relative to the others."""
    confirm: bool = False
    """Whether the driver must confirm it before it is executed."""
    venues: tuple[int, int] | None = None
    """First row and one beyond the last of its places; None for a command."""
    private: tuple[int, ...] = ()
    """What the driver may ask about its places: indices into `Domain.private`."""
    signals: tuple[int, ...] = ()
    """What it sets: one signal, or one for each value of the zone slot; empty for a place."""
    zone: int | None = None
    """Slot whose value chooses the signal."""
    setting: int | None = None
    """Slot whose value sets the signal, to the slot's level of that value."""
    missing: tuple[tuple[int, tuple[int, ...]], ...] = ()
    """What this car does not have: (slot, values); the right answer is to refuse."""
    optional: tuple[tuple[int, int, tuple[int, ...]], ...] = ()
    """Slots needed only sometimes: (slot, slot that decides, its values that need it)."""


@dataclass(frozen=True)
class Rule:
    """Links functions: a command breaks it if all conditions hold and the requirement does not."""

    name: str
    function: int
    conditions: tuple[tuple[int, tuple[int, ...]], ...]
    """(slot, values), at most two: the command has one of the values in each of the slots."""
    signal: int
    """The signal that the requirement is about, or `SPEED`."""
    comparison: str
    """`AT_LEAST` or `AT_MOST`."""
    threshold: float
    """In the unit of the signal; [m/s] for the speed."""
    effect: str
    """`UNSAFE`: a command that breaks it must not be executed; `CONFIRM`: only if confirmed."""


@dataclass(frozen=True)
class Domain:
    """What the driver and the assistant can talk about; S slots, P private attributes.

    A domain without `functions` is one data base of venues.
    """

    name: str
    """Name of the domain, such as "restaurants"."""
    slots: tuple[str, ...]
    """`(S,)` names of what the driver constrains and the assistant may ask."""
    values: tuple[tuple[str, ...], ...]
    """`(S,)` the values of each slot, those included that no venue has."""
    entity: str
    """Name of the attribute that names a venue."""
    private: tuple[str, ...]
    """`(P,)` names of what only the driver may ask, such as a phone number."""
    venues: tuple[str, ...]
    """`(rows,)` names."""
    cells: NDArray[np.int16]
    """`(rows, S)` index of each venue's value, -1 where the table has none."""
    attributes: tuple[tuple[str, ...], ...]
    """`(rows, P)` what the assistant answers."""
    functions: tuple[Function, ...] = ()
    """What the car can do, in the order of the values of the slot `function`, which is slot 0."""
    levels: tuple[tuple[float, ...], ...] = ()
    """`(S,)` what each value of a slot sets a signal to; empty for slots that set none."""
    signals: tuple[Signal, ...] = ()
    rules: tuple[Rule, ...] = ()
    sentences: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By language and act (or act and slot): a template of what is said, for people to read."""
    type: str | None = None
    """What the driver says is looked for, such as "restaurant"; the name by default."""

    @property
    def kind(self) -> str:
        """What is looked for, in a word: the value of `type` in transcripts."""
        return self.name if self.type is None else self.type

    @property
    def requestables(self) -> tuple[str, ...]:
        """All that the driver may ask, in the order of the kernels' numbers."""
        return (*self.slots, self.entity, *self.private)

    @property
    def alphabetical(self) -> tuple[int, ...]:
        """The slots in alphabetical order of their names."""
        return tuple(sorted(range(len(self.slots)), key=lambda slot: self.slots[slot]))
