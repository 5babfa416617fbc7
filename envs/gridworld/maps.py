"""Maps of gridworlds as text: the legend, the checks, and a few to begin with."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from rlkit.names import unknown

WALL, FREE, START, GOAL, PIT, CLIFF = "#", ".", "S", "G", "P", "X"
BONUS, PENALTY = "+", "-"
ONE_WAY = {"^": (-1, 0), ">": (0, 1), "v": (1, 0), "<": (0, -1)}
"""Tiles that are left in one direction only, as (down, right)."""
PORTALS, KEYS = "0123456789", "abcdef"
DOORS = KEYS.upper()

LEGEND = {
    WALL: "wall",
    FREE: "free",
    START: "start",
    GOAL: "goal",
    PIT: "pit",
    CLIFF: "cliff",
    BONUS: "bonus",
    PENALTY: "penalty",
    **dict.fromkeys(ONE_WAY, "one-way"),
    **dict.fromkeys(PORTALS, "portal"),
    **dict.fromkeys(KEYS, "key"),
    **dict.fromkeys(DOORS, "door"),
}
"""What each tile is."""
LARGEST = 4_000_000
"""Cells of the largest map, and states of the largest problem."""
FILES = (".txt", ".map")
"""Endings of the names of map files."""

MAPS = {
    "classroom": (
        "S...#...",
        "..#.#.#.",
        "..#...#.",
        ".##.P.#.",
        "....#...",
        ".P..#.#.",
        "..#...#.",
        "..#.#..G",
    ),
    "small": ("S..G", ".#.P", "...."),
    "open": ("S....", ".....", ".....", ".....", "....G"),
    "small-grid": ("G...", "....", "....", "...G"),
    "cliff": ("............", "............", "............", "SXXXXXXXXXXG"),
    "windy": (*[".........."] * 3, "S......G..", *[".........."] * 3),
    "four-rooms": (
        "#############",
        "#.....#.....#",
        "#.....#.....#",
        "#...........#",
        "#.....#.....#",
        "#.....#.....#",
        "##.####.....#",
        "#.....###G###",
        "#.....#.....#",
        "#.....#.....#",
        "#...........#",
        "#.....#.....#",
        "#############",
    ),
    "random-walk": ("P..S..G",),
    "museum": (
        "#############",
        "#S.a..#..b..#",
        "#.###.#.###.#",
        "#.#0..A...v.#",
        "#.#.###.#...#",
        "#...-.#.#P#.#",
        "#.###.#.###B#",
        "#...P.0.#G..#",
        "#############",
    ),
}


def read_map(text: str | Sequence[str]) -> tuple[str, ...]:
    """Return the rows of a map: one of `MAPS` by name, a text file, text, or rows.

    Args:
        text: A name; a path that ends with `.txt` or `.map`; text with line breaks; or rows.

    Raises:
        ValueError: If the map is empty, ragged, too large, has a stray character (with its line
            and column), no goal, no start, a portal without exactly one partner, a key without a
            door or a door without a key, or cliffs without exactly one start to fall back to.
        OSError: If the file cannot be read.
    """
    rows = _rows_of(text)
    _check_shape(rows)
    _check_glyphs(rows)
    _check_ends(rows)
    _check_partners(rows)
    return rows


def cells(rows: Sequence[str], glyphs: str) -> list[tuple[int, int]]:
    """Return the (row, column) of every cell that shows one of `glyphs`."""
    some = ((i, row) for i, row in enumerate(rows) if any(glyph in row for glyph in glyphs))
    return [(i, k) for i, row in some for k, glyph in enumerate(row) if glyph in glyphs]


def starts(rows: Sequence[str]) -> list[tuple[int, int]]:
    """Return the start cells: those marked S, or every free cell if none is."""
    return cells(rows, START) or cells(rows, FREE)


def legend() -> str:
    """Return what the tiles are, in a line."""
    meanings = dict.fromkeys(LEGEND.values())
    glyphs = {
        meaning: [g for g, other in LEGEND.items() if other == meaning] for meaning in meanings
    }
    return ", ".join(f"{_span(marks)} {meaning}" for meaning, marks in glyphs.items())


def spot(cell: tuple[int, int]) -> str:
    """Return where a cell is, as people count."""
    return f"line {cell[0] + 1}, column {cell[1] + 1}"


def _span(marks: list[str]) -> str:
    consecutive = all(ord(after) - ord(before) == 1 for before, after in pairwise(marks))
    return f"{marks[0]}...{marks[-1]}" if consecutive and len(marks) > 2 else " ".join(marks)


def _rows_of(text: Any) -> tuple[str, ...]:
    if not isinstance(text, str):
        if not isinstance(text, Sequence) or not all(isinstance(row, str) for row in text):
            raise ValueError(f"a map is a name, a file, text or a list of rows, got {text!r}")
        return tuple(text)
    if text in MAPS:
        return MAPS[text]
    if text.endswith(FILES):
        text = Path(text).read_text(encoding="utf-8")
    elif "\n" not in text and not set(text) <= set(LEGEND):
        raise ValueError(unknown("map", text, MAPS) + f" A file's name ends with {FILES}.")
    return tuple(text.strip("\r\n").splitlines())


def _check_shape(rows: tuple[str, ...]) -> None:
    if not rows or not rows[0]:
        raise ValueError("the map is empty")
    for number, row in enumerate(rows, 1):
        if len(row) != len(rows[0]):
            raise ValueError(
                f"the map is ragged: line {number} has {len(row)} characters, line 1 has "
                f"{len(rows[0])}"
            )
    if len(rows) * len(rows[0]) > LARGEST:
        raise ValueError(
            f"the map has {len(rows) * len(rows[0]):,} cells; the limit is {LARGEST:,}"
        )


def _check_glyphs(rows: tuple[str, ...]) -> None:
    if set("".join(rows)) <= set(LEGEND):
        return
    for number, row in enumerate(rows, 1):
        for column, glyph in enumerate(row, 1):
            if glyph not in LEGEND:
                raise ValueError(
                    f"line {number}, column {column}: {glyph!r} is no tile. The legend: {legend()}"
                )


def _check_ends(rows: tuple[str, ...]) -> None:
    if not cells(rows, GOAL):
        raise ValueError(f"the map has no goal; mark one with {GOAL}")
    if not starts(rows):
        raise ValueError(f"the map has no start; mark one with {START}")
    marked = len(cells(rows, START))
    if cells(rows, CLIFF) and marked != 1:
        raise ValueError(
            f"who falls off a cliff ({CLIFF}) goes back to the start, so there must be exactly "
            f"one {START}; the map has {marked}"
        )


def _check_partners(rows: tuple[str, ...]) -> None:
    for portal in PORTALS:
        places = cells(rows, portal)
        if len(places) not in {0, 2}:
            raise ValueError(
                f"the portal {portal} in {spot(places[0])} needs exactly one partner; the map has "
                f"it {len(places)} times"
            )
    for key, door in zip(KEYS, DOORS, strict=True):
        for have, lack in ((key, door), (door, key)):
            places = cells(rows, have)
            if places and not cells(rows, lack):
                what = f"the {LEGEND[have]} {have} in {spot(places[0])}"
                raise ValueError(f"{what} needs a {LEGEND[lack]} {lack}, and the map has none")
