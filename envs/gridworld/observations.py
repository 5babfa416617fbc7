"""What the agent sees of a gridworld: an index, coordinates, one-hot, a view, or pixels."""

import numpy as np
from gymnasium import spaces

from rlkit.arrays import Array, Bools, Ints
from rlkit.envs.gridworld import maps, palette
from rlkit.envs.gridworld.problem import GridWorldMDP
from rlkit.names import unknown

OBSERVATIONS = ("index", "coordinates", "one-hot", "view", "pixels")
TILE_CODES = {glyph: code for code, glyph in enumerate(maps.LEGEND, 1)}
"""Of the tiles in a view, in the order of the legend; 0 is what is not seen."""
CELL_PIXELS = 8
"""Side of a cell in the pixel observation."""
LARGEST_TABLE = 2**28
"""Bytes that the observations of all states may take together."""

Seen = tuple[Array | None, spaces.Space[Array] | None]
"""The observation of each state `(S, ...)` and their space; None and None for the index."""


def observations_of(
    grid: GridWorldMDP, observation: str = "index", *, radius: int = 2, occlusion: bool = False
) -> Seen:
    """Return what is seen in each state.

    Args:
        grid: The problem.
        observation: "index"; "coordinates", (row, column) and 0 or 1 for each key, int32;
            "one-hot", `(S,)` float32; "view", the tiles around the agent by `TILE_CODES`,
            `(2 radius + 1, 2 radius + 1)` uint8, where taken keys and open doors are free cells;
            "pixels", the whole map `(8 rows, 8 columns, 3)` uint8.
        radius: How far a view reaches.
        occlusion: Whether walls and closed doors hide in a view what lies behind them.

    Raises:
        ValueError: If the kind is unknown, the radius below 1, or the observations of all states
            need more than `LARGEST_TABLE` bytes.
    """
    if observation not in OBSERVATIONS:
        raise ValueError(unknown("observation", observation, OBSERVATIONS))
    if radius < 1:
        raise ValueError(f"radius must be at least 1, got {radius}")
    if observation == "index":
        return None, None
    if observation == "coordinates":
        return _coordinates(grid)
    _check_size(grid, observation, radius)
    if observation == "one-hot":
        size = len(grid.states)
        return np.eye(size, dtype=np.float32), spaces.Box(0, 1, (size,), np.float32)
    if observation == "view":
        views = _views(grid, radius)
        if occlusion:
            views[~_visible(np.isin(views, [TILE_CODES[g] for g in maps.WALL + maps.DOORS]))] = 0
        return views, spaces.Box(0, len(TILE_CODES), views.shape[1:], np.uint8)
    pixels = _pixels(grid)
    return pixels, spaces.Box(0, 255, pixels.shape[1:], np.uint8)


def _check_size(grid: GridWorldMDP, observation: str, radius: int) -> None:
    states, width = len(grid.states), 2 * radius + 1
    each = {
        "one-hot": 4 * states,
        "view": width * width,
        "pixels": 3 * CELL_PIXELS * CELL_PIXELS * len(grid.rows) * len(grid.rows[0]),
    }[observation]
    if states * each > LARGEST_TABLE:
        raise ValueError(
            f"observation={observation!r} of {states:,} states would take "
            f"{states * each / 2**20:,.0f} MiB; the limit is {LARGEST_TABLE / 2**20:,.0f}. "
            "'index' and 'coordinates' work at any size, and Gymnasium's AddRenderObservation "
            "shows frames"
        )


def _coordinates(grid: GridWorldMDP) -> Seen:
    places, keys = grid.places, range(len(grid.places.board.keys))
    held = [places.layer >> bit & 1 for bit in keys]
    table = np.stack([places.row, places.column, *held], axis=1).astype(np.int32)
    high = np.array([len(grid.rows) - 1, len(grid.rows[0]) - 1, *(1 for _ in keys)], np.int32)
    return table, spaces.Box(np.zeros_like(high), high, dtype=np.int32)


def shown_maps(grid: GridWorldMDP) -> Array:
    """Return the map as it looks with each set of keys, `(sets, rows, columns)` characters.

    Keys that are held are gone, and their doors are open: both are free cells.
    """
    board = grid.places.board
    maps_of = np.stack([board.glyphs[1:-1, 1:-1]] * board.layers)
    for layer, shown in enumerate(maps_of):
        held = board.held(layer)
        shown[np.isin(shown, list(held + held.upper()))] = maps.FREE
    return maps_of


def _views(grid: GridWorldMDP, radius: int) -> Array:
    """Return the tiles around the agent, `(S, 2 radius + 1, 2 radius + 1)`; walls outside."""
    glyphs = shown_maps(grid)
    edges = ((0, 0), (radius, radius), (radius, radius))
    codes = np.full(128, 0, dtype=np.uint8)
    for glyph, code in TILE_CODES.items():
        codes[ord(glyph)] = code
    wide = np.pad(codes[glyphs.view(np.uint32)], edges, constant_values=TILE_CODES[maps.WALL])
    offsets = np.arange(2 * radius + 1)
    places = grid.places
    rows = places.row[:, None, None] + offsets[:, None]
    columns = places.column[:, None, None] + offsets
    return np.asarray(wide[places.layer[:, None, None], rows, columns])


def _visible(opaque: Bools) -> Bools:
    """Return which cells of views `(S, W, W)` are in sight from the middle.

    A cell is in sight if nothing opaque lies strictly between on one of the two straight lines of
    cells to it, which differ where a line passes between two cells.
    """
    side = opaque.shape[1]
    radius = side // 2
    visible = np.ones_like(opaque)
    for i, k in np.ndindex(side, side):
        lines = _lines(i - radius, k - radius)
        hidden = [opaque[:, radius + line[0], radius + line[1]].any(axis=1) for line in lines]
        visible[:, i, k] = ~(hidden[0] & hidden[1])
    return visible


def _lines(down: int, right: int) -> tuple[Ints, Ints]:
    """Return the cells strictly between the middle and an offset, on two lines, `(2, N)` each."""
    steps = max(abs(down), abs(right))
    share = np.arange(1, steps) / max(steps, 1)
    exact = np.outer([down, right], share)
    # Rounded first: 3 * (1 / 6) must count as the half that it is.
    exact = np.round(exact, 9)
    return np.floor(exact + 0.5).astype(np.int64), np.ceil(exact - 0.5).astype(np.int64)


def _pixels(grid: GridWorldMDP) -> Array:
    """Return pictures of the whole map, the agent a block in its cell, `(S, 8 H, 8 W, 3)`."""
    places, glyphs = grid.places, shown_maps(grid)
    colours = np.zeros((*glyphs.shape, 3), dtype=np.uint8)
    for glyph in maps.LEGEND:
        colours[glyphs == glyph] = palette.flat_colour(glyph)
    bare = colours.repeat(CELL_PIXELS, axis=1).repeat(CELL_PIXELS, axis=2)
    pictures: Array = bare[places.layer]
    inside = np.arange(1, CELL_PIXELS - 1)
    rows = (places.row[:, None] * CELL_PIXELS + inside)[:, :, None]
    columns = (places.column[:, None] * CELL_PIXELS + inside)[:, None, :]
    pictures[np.arange(len(places))[:, None, None], rows, columns] = palette.AGENT
    return pictures
