"""A slot-filling domain in memory: slots, values and a data base of venues."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Domain:
    """What the driver and the assistant can talk about; S slots, P private attributes."""

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

    @property
    def requestables(self) -> tuple[str, ...]:
        """All that the driver may ask, in the order of the kernels' numbers."""
        return (*self.slots, self.entity, *self.private)

    @property
    def alphabetical(self) -> tuple[int, ...]:
        """The slots in alphabetical order of their names."""
        return tuple(sorted(range(len(self.slots)), key=lambda slot: self.slots[slot]))
