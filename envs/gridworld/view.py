"""Gridworlds as pictures and text: tiles, the agent, and what is known of the states over them."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pygame
from numpy.typing import ArrayLike, NDArray

from rlkit.arrays import Array, Bools, Floats
from rlkit.envs.gridworld import maps
from rlkit.envs.gridworld.moves import FOUR, Way
from rlkit.envs.gridworld.overlays import Scale, arrows, heat, wedges
from rlkit.envs.gridworld.sidebar import LEGEND_HEIGHT, with_sidebar
from rlkit.envs.gridworld.tiles import lift, marks, tiles
from rlkit.envs.view import kit, shapes

LONGEST_SIDE = 960
"""Of the map on the picture [px], unless it has more cells than fit at the smallest size."""
LARGEST_CELL, SMALLEST_CELL = 160, 4
"""Sides of a cell [px]."""
LARGEST_SIDE = 2_048
"""A longer side [px] is not drawn: of a huge map the part around the agent is shown."""
FOUR_WAYS = tuple(FOUR.values())
COLOURS = {"values": "value", "visits": "visits", "q": "Q(s, a)"}
"""The overlays that colour cells, of which one can be drawn, and what their scale is called."""

Cell = tuple[int, int]


def draw(
    rows: Sequence[str],
    agent: Cell | None,
    *,
    keys: str = "",
    values: ArrayLike | None = None,
    visits: ArrayLike | None = None,
    q: ArrayLike | None = None,
    policy: ArrayLike | None = None,
    headings: Sequence[Way] = FOUR_WAYS,
) -> NDArray[np.uint8]:
    """Return a picture of the map.

    Args:
        rows: The map, with the tiles of `maps.LEGEND`.
        agent: (row, column) of the agent; None draws none.
        keys: Those that the agent holds: they are gone from the map, and their doors are open.
        values: `(rows, columns)`, shown as a heat map with a colour bar; NaN where there is none.
        visits: `(rows, columns)`, likewise, on a logarithmic scale.
        q: `(rows, columns, A)`, a wedge of the cell for each action, likewise.
        policy: Actions `(rows, columns)` or their probabilities `(rows, columns, A)`, shown as
            arrows; NaN where there is none.
        headings: Where each of the A actions points, as (down, right); (0, 0) for nowhere.

    Returns:
        `(H, W, 3)` uint8, at most 2,048 px high and a legend wider; its size depends on the map
        alone. Of a map that does not fit at 4 px a cell only the part around the agent is drawn,
        or that around its middle.

    Raises:
        ValueError: If the map is empty or ragged, has an unknown tile, more than one of values,
            visits and q is given, or they, the policy or the agent do not fit the map.
    """
    rows = tuple(rows)
    _check_map(rows, agent)
    shape = (len(rows), len(rows[0]))
    colours = {"values": values, "visits": visits, "q": q}
    given = {name: np.asarray(t, np.float64) for name, t in colours.items() if t is not None}
    if len(given) > 1:
        raise ValueError(f"{' and '.join(given)} both colour the cells: give one of them")
    for name, table in given.items():
        _check_shape(name, table, (*shape, len(headings)) if name == "q" else shape)
    odds = None if policy is None else _odds(np.asarray(policy, np.float64), shape, len(headings))
    top, left, high, wide = _part(shape, agent)
    window = np.s_[top : top + high, left : left + wide]
    rows = tuple(row[left : left + wide] for row in rows[top : top + high])
    size = max(min(LONGEST_SIDE // max(high, wide), LARGEST_CELL), SMALLEST_CELL)
    kind, colour = next(iter(given.items()), (None, None))
    packed = (_packed(colour, window), _packed(odds, window))
    picture = _scenery(rows, size, keys, tuple(headings), kind, packed).copy()
    if agent is not None:
        cell = agent[0] - top, agent[1] - left
        _agent(picture, cell, size, kind)
        if odds is not None and maps.LEGEND[rows[cell[0]][cell[1]]] not in {"goal", "pit"}:
            arrows(picture, {cell: odds[agent]}, headings, size, over_heat=kind is not None)
    return kit.pixels(picture)


def describe(rows: Sequence[str], agent: Cell | None, keys: str = "") -> str:
    """Return the map as text, with `A` where the agent is; doors are open to those who hold keys.

    Where the map itself has a door `A`, the agent is `@`.
    """
    opened = str.maketrans(dict.fromkeys(keys + keys.upper(), maps.FREE))
    lines = [list(row.translate(opened)) for row in rows]
    if agent is not None:
        doors = any("A" in row for row in rows)
        lines[agent[0]][agent[1]] = "@" if doors else "A"
    return "\n".join("".join(line) for line in lines) + "\n"


def _odds(policy: Array, shape: Cell, actions: int) -> Floats:
    """Return the probabilities `(rows, columns, A)` of a policy; NaN where it has none."""
    if policy.ndim != 2:
        _check_shape("policy", policy, (*shape, actions))
        return policy
    _check_shape("policy", policy, shape)
    known = np.isfinite(policy)
    if not np.isin(policy[known], range(actions)).all():
        raise ValueError(f"a policy of actions must hold 0 ... {actions - 1}, or NaN")
    table = np.eye(actions)[np.where(known, policy, 0).astype(np.intp)]
    table[~known] = np.nan
    return table


def _check_map(rows: tuple[str, ...], agent: Cell | None) -> None:
    if not rows or not rows[0] or any(len(row) != len(rows[0]) for row in rows):
        raise ValueError("the map is empty or ragged")
    stray = sorted(set("".join(rows)) - set(maps.LEGEND))
    if stray:
        raise ValueError(f"unknown tile {stray[0]!r}; the tiles are: {maps.legend()}")
    shape = (len(rows), len(rows[0]))
    if agent is not None and not (0 <= agent[0] < shape[0] and 0 <= agent[1] < shape[1]):
        raise ValueError(f"the agent is at {agent}, outside of the map of shape {shape}")


def _check_shape(name: str, table: Array, shape: tuple[int, ...]) -> None:
    if table.shape != shape:
        raise ValueError(f"{name} must have shape {shape} on this map, got {table.shape}")


def _part(shape: Cell, agent: Cell | None) -> tuple[int, int, int, int]:
    """Return (top, left, height, width) of what is drawn, in cells."""
    most = LARGEST_SIDE // SMALLEST_CELL
    extent = [min(length, most) for length in shape]
    centre = agent if agent is not None else (shape[0] // 2, shape[1] // 2)
    start = [
        min(max(at - shown // 2, 0), length - shown)
        for at, shown, length in zip(centre, extent, shape, strict=True)
    ]
    return start[0], start[1], extent[0], extent[1]


def _packed(table: Floats | None, window: tuple[slice, slice]) -> bytes | None:
    """Return the part of an overlay that is drawn, as something that a cache can look up."""
    return None if table is None else np.ascontiguousarray(table[window]).tobytes()


@lru_cache(maxsize=4)
def _scenery(
    rows: tuple[str, ...],
    size: int,
    keys: str,
    headings: tuple[Way, ...],
    kind: str | None,
    packed: tuple[bytes | None, bytes | None],
) -> pygame.Surface:
    """Return the picture without the agent: it stays the same as long as the overlays do."""
    glyphs = np.array([list(row) for row in rows])
    shown = ~np.isin(glyphs, [maps.WALL, maps.GOAL, maps.PIT, maps.CLIFF])
    colour, odds = (
        None if part is None else np.frombuffer(part).reshape(*glyphs.shape, -1) for part in packed
    )
    picture = tiles(glyphs, size)
    known, scale = _coloured(picture, kind, colour, headings, shown)
    arrowed = shown & (np.isfinite(odds).all(axis=-1) if odds is not None else False)
    marks(picture, glyphs, keys, size, covered=known | arrowed, named=kind != "q")
    if odds is not None:
        cells = {(int(i), int(k)): odds[i, k] for i, k in np.argwhere(arrowed)}
        arrows(picture, cells, headings, size, over_heat=kind is not None)
    small = picture.get_height() < LEGEND_HEIGHT
    return picture if small else with_sidebar(picture, glyphs, scale)


def _coloured(
    picture: pygame.Surface,
    kind: str | None,
    table: Floats | None,
    headings: Sequence[Way],
    shown: Bools,
) -> tuple[Bools, Scale | None]:
    """Colour the cells that have numbers `(rows, columns, A)`; return which, and the scale."""
    if kind is None or table is None:
        return np.zeros_like(shown), None
    known = shown & np.isfinite(table).all(axis=-1)
    if not known.any():
        return known, None
    table = np.where(known[..., None], table, np.nan)
    scale = Scale.of(table, COLOURS[kind], counts=kind == "visits")
    size = picture.get_height() // len(shown)
    if kind == "q":
        wedges(picture, table, scale, headings, size)
    else:
        heat(picture, table[..., 0], scale, size)
    return known, scale


def _agent(picture: pygame.Surface, cell: Cell, size: int, kind: str | None) -> None:
    """Draw the agent as a disc with a ring; on the smallest cells it is larger than its cell.

    It leaves room for the numbers of the overlay.
    """
    radius = max(round(size * (0.10 if kind == "q" else 0.22)), 4)
    up = lift(size) if kind in {"values", "visits"} else 0
    centre = ((cell[1] + 0.5) * size, (cell[0] + 0.5) * size - up)
    shapes.disc(picture, centre, radius + max(radius // 5, 1), kit.TEXT)
    shapes.disc(picture, centre, radius, kit.BLUE)
