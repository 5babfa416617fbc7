"""States of the exact cabin: as columns of indices, as a number, and as a readable record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, overload

import numpy as np

from rlkit.arrays import Floats, Ints
from rlkit.envs.cabin.tabular.config import ROADS

UNKNOWN, CONFIRMED = 0, 7
STATUSES = ("-", "uq", "um", "ul", "sq", "sm", "sl", "C")
"""Unknown; heard unsurely or surely in quiet, mid or loud noise; confirmed."""
WINDOWS = ("closed", "open")
LOADS = ("low", "high")


class CabinState(NamedTuple):
    """One state in words; each slot has a status of `STATUSES`, the first with `!` if guarded."""

    slots: tuple[str, ...]
    window: str
    road: str
    load: str
    patience: int


OVER = CabinState((), "", "", "", 0)
"""The one terminal state."""


@dataclass(frozen=True)
class Situation:
    """Columns of n states: what the assistant knows and where the car is, as indices `(n,)`.

    Attributes:
        heard: Status of each slot, 0 ... 7 (see `STATUSES`), a column a slot.
        guarded: Whether the command that was heard is a guarded one; 0 while it is unknown.
        window: 1 if open.
        road: 0 ... 5 (see `ROADS`).
        load: 1 if high.
        patience: 0 (last chance) and up.
    """

    heard: tuple[Ints, ...]
    guarded: Ints
    window: Ints
    road: Ints
    load: Ints
    patience: Ints

    @property
    def motorway(self) -> Ints:
        """1 on the motorway, 0 in the city."""
        return self.road // 3


class States(Sequence[CabinState]):
    """All states in index order, the terminal one last; made on demand, found by `index`."""

    def __init__(self, slots: int, patience: int) -> None:
        self.shape = (15, *[8] * (slots - 1), 2, len(ROADS), 2, patience)
        self.over = int(np.prod(self.shape))

    def __len__(self) -> int:
        return self.over + 1

    @overload
    def __getitem__(self, place: int) -> CabinState: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[CabinState]: ...
    def __getitem__(self, place: int | slice) -> CabinState | Sequence[CabinState]:
        """Return the state with this index."""
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(f"states are 0 ... {self.over}, got {place}")
        place %= len(self)
        if place == self.over:
            return OVER
        what, *values, window, road, load, patience = np.unravel_index(place, self.shape)
        first = STATUSES[(what + 1) // 2]
        guard = "!" if what and (what + 1) % 2 else ""
        return CabinState(
            (guard + first, *(STATUSES[v] for v in values)),
            WINDOWS[window],
            ROADS[road],
            LOADS[load],
            int(patience) + 1,
        )

    def index(self, state: CabinState, start: int = 0, stop: int | None = None) -> int:  # noqa: ARG002 - Sequence's signature
        """Return the index of a state.

        Raises:
            ValueError: If it is no state of this cabin.
        """
        if state == OVER:
            return self.over
        try:
            what = STATUSES.index(state.slots[0].removeprefix("!"))
            guarded = state.slots[0].startswith("!")
            places = (
                max(2 * what - 1, 0) + guarded,
                *(STATUSES.index(status) for status in state.slots[1:]),
                WINDOWS.index(state.window),
                ROADS.index(state.road),
                LOADS.index(state.load),
                state.patience - 1,
            )
            return int(np.ravel_multi_index(places, self.shape))
        except (ValueError, IndexError):
            raise ValueError(
                f"{state} is no state of this cabin; an example is {self[self.over - 1]}"
            ) from None

    def situation(self, places: Ints) -> Situation:
        """Return the columns of states that are not terminal."""
        what, *values, window, road, load, patience = np.unravel_index(places, self.shape)
        return Situation(
            heard=((what + 1) // 2, *values),
            guarded=np.where(what > 0, (what + 1) % 2, 0),
            window=window,
            road=road,
            load=load,
            patience=patience,
        )

    def places(self, situation: Situation) -> Ints:
        """Return the indices of columns; the inverse of `situation`."""
        what, *values = situation.heard
        columns = (
            np.maximum(2 * what - 1, 0) + situation.guarded,
            *values,
            situation.window,
            situation.road,
            situation.load,
            situation.patience,
        )
        return np.asarray(np.ravel_multi_index(columns, self.shape))

    def features(self, right: Floats) -> Floats:
        """Return one observation vector a state, `(S, F)`, entries in [0, 1]; zeros at the end."""
        here = self.situation(np.arange(self.over))
        columns = []
        for heard in here.heard:
            columns += [heard == k for k in range(len(STATUSES))]
            columns.append(right[heard])
        columns += [here.guarded, here.window, *[here.road == k for k in range(len(ROADS))]]
        columns += [here.load, (here.patience + 1) / self.shape[-1]]
        table = np.zeros((len(self), len(columns)))
        table[:-1] = np.stack(columns, axis=1)
        return table

    def feature_names(self) -> tuple[str, ...]:
        """Return the meaning of each column of `features`."""
        names = []
        for slot in range(len(self.shape) - 4):
            names += [f"slot {slot} is {status}" for status in STATUSES]
            names.append(f"P(right) of slot {slot}")
        names += ["guarded", "window open", *(f"road is {road}" for road in ROADS)]
        return (*names, "load high", "patience")
