"""The rules of gridworlds, on arrays: where a way leads from every state at once.

A *state* here is a cell and the keys that are held, numbered layer by layer (a layer is a set of
keys), then row by row. Walls and cliffs are no states: nobody ever stands there.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from rlkit.arrays import Array, Bools, Ints
from rlkit.envs.gridworld import maps
from rlkit.envs.gridworld.moves import Way


class Board:
    """A map with its walls, wind, portals, keys and cliffs.

    Args:
        rows: A checked map.
        wind: How many cells the wind blows upwards in each column, `(columns,)`; below 0 it blows
            downwards.

    Raises:
        ValueError: If the wind does not fit the map, or cells times sets of keys exceed
            `maps.LARGEST`.
    """

    def __init__(self, rows: Sequence[str], wind: Sequence[int] | None = None) -> None:
        # A wall around the map stops who would leave it; all arrays below have that frame.
        framed = np.pad(np.array([list(row) for row in rows]), 1, constant_values=maps.WALL)
        self.glyphs = framed
        self.keys = "".join(key for key in maps.KEYS if (framed == key).any())
        self.layers = 2 ** len(self.keys)
        self._wind = _checked_wind(wind, framed.shape)
        self._blocked = np.stack([self._blocked_in(layer) for layer in range(self.layers)])
        places = np.argwhere(~np.isin(framed, [maps.WALL, maps.CLIFF]))
        if len(places) * self.layers > maps.LARGEST:
            raise ValueError(
                f"{len(places):,} cells and {len(self.keys)} keys make "
                f"{len(places) * self.layers:,} states; the limit is {maps.LARGEST:,}"
            )
        self._number = np.full(framed.shape, -1)
        self._number[tuple(places.T)] = np.arange(len(places))
        self.row, self.column = (np.tile(axis, self.layers) for axis in places.T)
        self.layer = np.repeat(np.arange(self.layers), len(places))

    def __len__(self) -> int:
        return len(self.row)

    def tile(self) -> Array:
        """Return the tile of each state, `(S,)` characters."""
        return self.glyphs[self.row, self.column]

    def held(self, layer: int) -> str:
        """Return the keys of a layer."""
        return "".join(key for bit, key in enumerate(self.keys) if layer >> bit & 1)

    def layer_of(self, keys: str) -> int:
        """Return the layer of some keys."""
        return sum(1 << self.keys.index(key) for key in set(keys))

    def number(self, row: Any, column: Any, layer: Any) -> Ints:
        """Return the states at cells of the framed map."""
        cell = self._number[row, column]
        return np.where(cell < 0, -1, layer * (len(self) // self.layers) + cell)

    def at(self, cells: Sequence[tuple[int, int]] | Ints) -> Ints:
        """Return the states at cells of the map, without keys."""
        row, column = np.asarray(cells).reshape(-1, 2).T + 1
        return self.number(row, column, np.zeros_like(row))

    def spot(self, state: int) -> str:
        """Return where a state is, as people count."""
        return maps.spot((int(self.row[state]) - 1, int(self.column[state]) - 1))

    def lead(self, way: Way) -> tuple[Ints, Ints, Ints]:
        """Return where a way leads from each state: (state, row, column), each `(S,)`.

        Row and column are those of the tile that was stepped on, which is not where the step ends
        if it is a portal or a cliff.
        """
        row, column = self._walk(way)
        moved = (row != self.row) | (column != self.column)
        ends = self._carried(row, column, moved)
        layer = self.layer.copy()
        for bit, key in enumerate(self.keys):
            layer |= (self.glyphs[row, column] == key).astype(np.int64) << bit
        return self.number(*ends, layer), row, column

    def _walk(self, way: Way) -> tuple[Ints, Ints]:
        """Go sideways, then up or down cell by cell, wind included, as far as nothing blocks."""
        row, column = self.row, self.column
        tile = self.glyphs[row, column]
        held = np.zeros(len(self), dtype=np.bool_)
        for arrow, only in maps.ONE_WAY.items():
            if only != way:
                held |= tile == arrow
        down = np.where(held, 0, way[0]) - self._wind[column]
        side = column + np.where(held, 0, way[1])
        column = np.where(self._blocked[self.layer, row, side], column, side)
        for step in range(int(np.abs(down).max())):
            ahead = row + np.sign(down) * (step < np.abs(down))
            row = np.where(self._blocked[self.layer, ahead, column], row, ahead)
        return row, column

    def _carried(self, row: Ints, column: Ints, moved: Bools) -> tuple[Ints, Ints]:
        """Return the cells where steps end: through portals, and back from cliffs."""
        to = np.indices(self.glyphs.shape)
        for portal in maps.PORTALS:
            pair = np.argwhere(self.glyphs == portal)
            if len(pair):
                to[:, *pair[0]], to[:, *pair[1]] = pair[1], pair[0]
        cliffs = self.glyphs == maps.CLIFF
        if cliffs.any():
            to[:, cliffs] = np.argwhere(self.glyphs == maps.START).T
        ends = to[:, row, column]
        return np.where(moved, ends[0], row), np.where(moved, ends[1], column)

    def _blocked_in(self, layer: int) -> Bools:
        closed = [door for door in maps.DOORS if door.lower() not in self.held(layer)]
        return np.isin(self.glyphs, [maps.WALL, *closed])


def reached(leads: Ints, sources: Ints, stops: Bools) -> Bools:
    """Return which states can be reached from `sources`, `(S,)`.

    Args:
        leads: `(S, W)`, where each of W ways leads.
        sources: States.
        stops: `(S,)`, states that nothing follows.
    """
    size, ways = leads.shape
    tails = np.concatenate([np.repeat(np.flatnonzero(~stops), ways), np.full(len(sources), size)])
    heads = np.concatenate([leads[~stops].ravel(), sources])
    return _found(tails, heads, size)


def can_reach(leads: Ints, targets: Ints, stops: Bools) -> Bools:
    """Return from which states one of `targets` can be reached, `(S,)`; see `reached`."""
    size, ways = leads.shape
    heads = np.concatenate([np.repeat(np.flatnonzero(~stops), ways), targets])
    tails = np.concatenate([leads[~stops].ravel(), np.full(len(targets), size)])
    return _found(tails, heads, size)


def _found(tails: Ints, heads: Ints, source: int) -> Bools:
    """Return which states a search from the extra node `source` finds."""
    graph: sparse.csr_array = sparse.csr_array(
        (np.ones(len(tails)), (tails, heads)), shape=(source + 1, source + 1)
    )
    order = csgraph.breadth_first_order(graph, source, return_predecessors=False)
    found = np.zeros(source + 1, dtype=np.bool_)
    found[order] = True
    return found[:source]


def _checked_wind(wind: Sequence[int] | None, framed: tuple[int, ...]) -> Ints:
    """Return the wind of each framed column; more than the height of the map is no stronger."""
    high, columns = framed[0] - 2, framed[1] - 2
    given = np.zeros(columns, dtype=np.int64) if wind is None else np.asarray(wind)
    if given.shape != (columns,) or given.dtype.kind not in "iu":
        raise ValueError(
            f"wind must be {columns} whole numbers, one a column, upwards if positive; got {wind}"
        )
    return np.pad(given.astype(np.int64).clip(-high, high), 1)
