"""Random maps that can be solved, and families of them, split for training and testing."""

from typing import Any

import numpy as np
from scipy import ndimage

from rlkit.arrays import Array, Floats, Ints
from rlkit.envs.gridworld import maps
from rlkit.randomness import Stream, derive, uniform

MOST_TRIES = 100
"""Maps that are drawn before giving up."""

Map = tuple[str, ...]


def random_map(
    seed: int, rows: int = 8, columns: int = 8, *, walls: float = 0.25, pits: float = 0.05
) -> Map:
    """Return a map with a start, a goal, and a way between them that meets no pit.

    Start and goal are drawn from the largest room: the cells that can be walked to from each other.

    Args:
        seed: Of the map: the same seed gives the same map, on every machine.
        rows: Of the map.
        columns: Of the map.
        walls: Probability that a cell is a wall.
        pits: Probability that it is a pit.

    Raises:
        ValueError: If sides or probabilities are out of range, or no map with so many walls and
            pits can be solved.
    """
    if min(rows, columns) < 1 or not 2 <= rows * columns <= maps.LARGEST:
        raise ValueError(
            f"a map has from 2 to {maps.LARGEST:,} cells; this one would have {rows} x {columns}"
        )
    if min(walls, pits) < 0 or walls + pits >= 1:
        raise ValueError(
            f"walls and pits are probabilities with a sum below 1, got {walls} and {pits}"
        )
    for attempt in range(MOST_TRIES):
        draws = _draws(derive(seed, "tiles", attempt), (rows, columns))
        room = _largest_room(draws >= walls + pits)
        if len(room) > 1:
            tiles = [maps.WALL, maps.PIT]
            glyphs = np.select([draws < walls, draws < walls + pits], tiles, maps.FREE)
            _place_ends(glyphs, room, Stream(derive(seed, "ends", attempt)))
            return tuple("".join(row) for row in glyphs)
    raise ValueError(
        f"none of {MOST_TRIES} maps with walls={walls} and pits={pits} can be solved; lower them"
    )


def split_maps(
    train: int, test: int, seed: int = 0, **settings: Any
) -> tuple[list[Map], list[Map]]:
    """Return so many maps to train on and to test on, all of them different.

    The training maps do not depend on the test maps, and more of them begin with the same ones.

    Args:
        train: How many to train on.
        test: How many to test on.
        seed: Of the split.
        settings: See `random_map`.

    Raises:
        ValueError: If there are not so many different maps, or a setting is wrong.
    """
    seen: set[Map] = set()
    return _fresh(seen, train, seed, "train", settings), _fresh(seen, test, seed, "test", settings)


def _fresh(seen: set[Map], count: int, seed: int, name: str, settings: dict[str, Any]) -> list[Map]:
    """Draw maps that were not seen yet, and note them."""
    drawn: list[Map] = []
    for k in range(count + MOST_TRIES):
        if len(drawn) == count:
            return drawn
        rows = random_map(derive(seed, name, k), **settings)
        if rows not in seen:
            seen.add(rows)
            drawn.append(rows)
    raise ValueError(f"there are too few different maps for {count} to {name}; make them larger")


def _draws(key: int, shape: tuple[int, int]) -> Floats:
    """Return uniform numbers in [0, 1)."""
    counters = np.arange(shape[0] * shape[1], dtype=np.uint64)
    return np.asarray(uniform(np.uint64(key), counters)).reshape(shape)


def _largest_room(free: Array) -> Ints:
    """Return the cells `(N, 2)` of the largest connected part of the free ones."""
    rooms, count = ndimage.label(free)
    if count == 0:
        return np.empty((0, 2), dtype=np.int64)
    sizes = np.bincount(rooms.ravel())[1:]
    return np.argwhere(rooms == 1 + sizes.argmax())


def _place_ends(glyphs: Array, room: Ints, rng: Stream) -> None:
    """Mark a start and a goal in two different cells of a room."""
    start = rng.integers(len(room))
    goal = (start + 1 + rng.integers(len(room) - 1)) % len(room)
    glyphs[tuple(room[start])], glyphs[tuple(room[goal])] = maps.START, maps.GOAL
