"""The states of a gridworld: a cell and the keys that are held."""

from collections.abc import Sequence
from typing import NamedTuple, overload

import numpy as np

from rlkit.arrays import Floats, Ints
from rlkit.envs.gridworld.board import Board


class Place(NamedTuple):
    """A state: where the agent is, from 0, and which keys it holds, in alphabetical order."""

    row: int
    column: int
    keys: str = ""


class Places(Sequence[Place]):
    """The states that can be reached, by their index: set of keys by set of keys, row by row.

    Args:
        board: The map.
        kept: `(S,)`, the states of the board that can be reached, ascending.
    """

    def __init__(self, board: Board, kept: Ints) -> None:
        self.board = board
        self.kept = kept
        self.index_of = np.full(len(board), -1)
        """Of each state of the board; -1 for those that cannot be reached."""
        self.index_of[kept] = np.arange(len(kept))
        self.row, self.column = board.row[kept] - 1, board.column[kept] - 1
        self.layer = board.layer[kept]

    def number(self, place: Place) -> int:
        """Return the index of a place.

        Raises:
            KeyError: If it cannot be reached.
        """
        row, column, keys = place
        rows, columns = (side - 2 for side in self.board.glyphs.shape)
        if 0 <= row < rows and 0 <= column < columns and set(keys) <= set(self.board.keys):
            number = self.board.number(row + 1, column + 1, self.board.layer_of(keys))
            if number >= 0 and self.index_of[number] >= 0:
                return int(self.index_of[number])
        raise KeyError(f"{place} is no state of this gridworld")

    def on_map(self, values: Floats, keys: str = "") -> Floats:
        """Return values `(S, ...)` of the states that hold `keys`, as `(rows, columns, ...)`.

        Cells where nobody stands with these keys hold NaN.
        """
        shape = [side - 2 for side in self.board.glyphs.shape]
        laid = np.full((*shape, *np.shape(values)[1:]), np.nan)
        there = self.layer == self.board.layer_of(keys)
        laid[self.row[there], self.column[there]] = values[there]
        return laid

    def __len__(self) -> int:
        return len(self.kept)

    @overload
    def __getitem__(self, index: int) -> Place: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Place]: ...
    def __getitem__(self, index: int | slice) -> Place | Sequence[Place]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        held = self.board.held(int(self.layer[index]))
        return Place(int(self.row[index]), int(self.column[index]), held)
