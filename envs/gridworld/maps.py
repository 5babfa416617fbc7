"""Maps of gridworlds as text: the legend, the checks, and a few to begin with."""

from collections import deque
from collections.abc import Sequence

from rlkit.names import unknown

WALL, FREE, START, GOAL, PIT = "#", ".", "S", "G", "P"
LEGEND = {WALL: "wall", FREE: "free", START: "start", GOAL: "goal", PIT: "pit"}
LARGEST = 4_000_000

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
}


def read_map(text: str | Sequence[str]) -> tuple[str, ...]:
    """Return the rows of a map: one of `MAPS` by name, text with line breaks, or rows.

    Raises:
        ValueError: If the map is empty, ragged, too large, has a stray character (with its line
            and column), no goal, or a goal that no start can reach.
    """
    if isinstance(text, str) and "\n" not in text and not set(text) <= set(LEGEND):
        if text not in MAPS:
            raise ValueError(unknown("map", text, MAPS))
        text = MAPS[text]
    rows = tuple(text.strip("\n").split("\n") if isinstance(text, str) else text)
    _check_shape(rows)
    _check_glyphs(rows)
    _check_goals(rows)
    return rows


def cells(rows: Sequence[str], glyphs: str) -> list[tuple[int, int]]:
    """Return the (row, column) of every cell that shows one of `glyphs`."""
    return [(i, k) for i, row in enumerate(rows) for k, glyph in enumerate(row) if glyph in glyphs]


def starts(rows: Sequence[str]) -> list[tuple[int, int]]:
    """Return the start cells: those marked S, or every free cell if none is."""
    return cells(rows, START) or cells(rows, FREE)


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
    for number, row in enumerate(rows, 1):
        for column, glyph in enumerate(row, 1):
            if glyph not in LEGEND:
                legend = ", ".join(f"{mark} {meaning}" for mark, meaning in LEGEND.items())
                raise ValueError(
                    f"line {number}, column {column}: {glyph!r} is no tile. The legend: {legend}"
                )


def _check_goals(rows: tuple[str, ...]) -> None:
    goals = cells(rows, GOAL)
    if not goals:
        raise ValueError(f"the map has no goal; mark one with {GOAL}")
    if not starts(rows):
        raise ValueError(f"the map has no start; mark one with {START}")
    seen = _reachable(rows, starts(rows))
    for row, column in goals:
        if (row, column) not in seen:
            raise ValueError(
                f"the goal in line {row + 1}, column {column + 1} cannot be reached from any start"
            )


def _reachable(rows: Sequence[str], sources: list[tuple[int, int]]) -> set[tuple[int, int]]:
    """Return the cells that can be walked to; pits and goals end the walk."""
    seen, queue = set(sources), deque(sources)
    while queue:
        i, k = queue.popleft()
        if rows[i][k] in GOAL + PIT:
            continue
        for cell in ((i - 1, k), (i, k + 1), (i + 1, k), (i, k - 1)):
            inside = 0 <= cell[0] < len(rows) and 0 <= cell[1] < len(rows[0])
            if inside and cell not in seen and rows[cell[0]][cell[1]] != WALL:
                seen.add(cell)
                queue.append(cell)
    return seen
