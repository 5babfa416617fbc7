"""Pictures of gridworlds: tiles, values, arrows and the agent where they belong."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from rlkit.envs.gridworld import overlays, palette, sidebar, view
from rlkit.envs.gridworld.view import describe, draw
from tests.envs.view.writing import Written

ROWS = ("S.#", "..P", "..G")
SIZE = view.LARGEST_CELL


def cell(frame: NDArray[np.uint8], row: int, column: int, size: int = SIZE) -> NDArray[np.uint8]:
    return frame[row * size : (row + 1) * size, column * size : (column + 1) * size]


def changed(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> set[tuple[int, int]]:
    """Return the cells in which two pictures of `ROWS` differ."""
    return {
        (i, k)
        for i in range(3)
        for k in range(3)
        if not np.array_equal(cell(first, i, k), cell(second, i, k))
    }


@pytest.mark.parametrize(
    ("rows", "size"),
    [(4, 160), (20, 48), (64, 15), (200, 4), (500, 4), (900, 4)],
)
def test_cells_are_as_large_as_fits(rows: int, size: int) -> None:
    frame = draw(["." * rows] * rows, None)
    side = min(rows * size, view.LARGEST_SIDE)
    assert frame.shape == (side, side + sidebar.LEGEND_WIDTH, 3)
    assert frame.dtype == np.uint8


def test_a_map_that_is_too_large_is_cut_around_the_agent() -> None:
    rows = [["."] * 800 for _ in range(800)]
    rows[790][790] = "P"
    far = draw(["".join(row) for row in rows], (795, 795))
    near = draw(["".join(row) for row in rows], (5, 5))
    pit = np.array(palette.GROUNDS["P"])
    assert (far == pit).all(axis=-1).any()
    assert not (near == pit).all(axis=-1).any()


def test_the_agent_shows_in_its_cell_only() -> None:
    plain = draw(ROWS, None)
    for place in ((0, 0), (1, 1), (2, 2)):
        assert changed(plain, draw(ROWS, place)) == {place}
        assert changed(draw(ROWS, place), draw(ROWS, (1, 0))) == {place, (1, 0)}


def test_every_tile_looks_different() -> None:
    frame = draw(("SGP#.",), None)
    middles = {tuple(cell(frame, 0, k)[SIZE // 2, SIZE // 2]) for k in range(5)}
    assert len(middles) == 5


def test_values_colour_open_cells_by_sign_and_size() -> None:
    values = np.array([[1.0, 0.5, 9.0], [-1.0, np.nan, 9.0], [0.0, -0.5, 9.0]])
    plain, heat = draw(ROWS, None), draw(ROWS, None, values=values)
    assert heat.shape == (3 * SIZE, 3 * SIZE + sidebar.LEGEND_WIDTH, 3)
    assert changed(plain, heat[:, : 3 * SIZE]) == {(0, 0), (0, 1), (1, 0), (2, 0), (2, 1)}

    def colour(row: int, column: int) -> NDArray[np.int64]:
        return np.asarray(cell(heat, row, column)[SIZE // 2, SIZE // 2], dtype=np.int64)

    free = np.array(palette.FREE)
    assert colour(0, 0).tolist() == list(overlays.POSITIVE)
    assert colour(1, 0).tolist() == list(overlays.NEGATIVE)
    assert np.abs(colour(0, 1) - (free + np.array(overlays.POSITIVE)) / 2).max() <= 1
    assert colour(2, 0).tolist() == list(palette.FREE)


def test_values_of_walls_and_ends_do_not_stretch_the_scale() -> None:
    values = np.full((3, 3), 0.5)
    stretched = values.copy()
    stretched[0, 2] = stretched[2, 2] = 1e9
    assert np.array_equal(draw(ROWS, None, values=values), draw(ROWS, None, values=stretched))


def test_values_that_are_all_missing_or_zero_are_drawn() -> None:
    assert np.array_equal(draw(ROWS, None, values=np.full((3, 3), np.nan)), draw(ROWS, None))
    assert not np.array_equal(draw(ROWS, None, values=np.zeros((3, 3))), draw(ROWS, None))


def test_the_size_depends_on_the_map_alone() -> None:
    """A video or a window has one size, whatever is laid over the map."""
    for rows in (ROWS, ("S.G",), ("." * 300,) * 200):
        values = np.ones((len(rows), len(rows[0])))
        shapes = {
            draw(rows, agent, values=heat, policy=acts).shape
            for agent in (None, (0, 0))
            for heat in (None, values)
            for acts in (None, values)
        }
        assert len(shapes) == 1


@pytest.mark.parametrize(
    ("action", "rows", "columns"),
    [(0, -1, 0), (1, 0, 1), (2, 1, 0), (3, 0, -1)],
    ids=["up", "right", "down", "left"],
)
def test_arrows_point_where_the_action_goes(action: int, rows: int, columns: int) -> None:
    odds = np.zeros((3, 3, 4))
    odds[..., action] = 0.9
    odds[..., (action + 1) % 4] = 0.01
    part = cell(draw(ROWS, None, policy=odds), 1, 1)
    bright = np.argwhere(part[..., 0] > 150)
    centre = bright.mean(axis=0) - SIZE / 2
    assert centre[0] * rows + centre[1] * columns > SIZE * 0.08
    assert abs(centre[0] * columns) + abs(centre[1] * rows) < SIZE * 0.02


def test_a_sure_probability_is_the_same_arrow_as_the_action() -> None:
    actions = np.array([[0, 1, np.nan], [2, 3, np.nan], [np.nan, 1, np.nan]])
    odds = np.full((3, 3, 4), np.nan)
    for (i, k), action in np.ndenumerate(actions):
        if not np.isnan(action):
            odds[i, k] = np.eye(4)[int(action)]
    frame = draw(ROWS, None, policy=actions)
    assert np.array_equal(frame, draw(ROWS, None, policy=odds))
    assert changed(draw(ROWS, None), frame) == {(0, 0), (0, 1), (1, 0), (1, 1), (2, 1)}


def test_changing_an_overlay_in_place_changes_the_picture() -> None:
    values = np.zeros((3, 3))
    first = draw(ROWS, None, values=values)
    values[1, 1] = 1.0
    assert not np.array_equal(first, draw(ROWS, None, values=values))


def test_the_agent_leaves_its_arrow_in_sight() -> None:
    up, down = np.zeros((3, 3)), np.full((3, 3), 2.0)
    for row in ((0, 0), (1, 1)):
        first, second = draw(ROWS, row, policy=up), draw(ROWS, row, policy=down)
        assert not np.array_equal(cell(first, *row), cell(second, *row))


def test_tiny_cells_leave_out_arrows_and_huge_numbers_stay_in_their_cell() -> None:
    rows = ["." * 100] * 100
    assert np.array_equal(draw(rows, None), draw(rows, None, policy=np.zeros((100, 100))))
    values = np.full((3, 3), np.nan)
    values[1, 1] = -1.23456e12
    assert changed(draw(ROWS, None), draw(ROWS, None, values=values)[:, : 3 * SIZE]) == {(1, 1)}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rows": ()}, "empty or ragged"),
        ({"rows": ("..", ".")}, "empty or ragged"),
        ({"rows": ("SxG",)}, "unknown tile 'x'"),
        ({"agent": (3, 0)}, "outside of the map"),
        ({"agent": (0, -1)}, "outside of the map"),
        ({"values": np.zeros((2, 3))}, r"values must have shape \(3, 3\)"),
        ({"visits": np.zeros((3, 3, 4))}, r"visits must have shape \(3, 3\)"),
        ({"q": np.zeros((3, 3))}, r"q must have shape \(3, 3, 4\)"),
        ({"policy": np.zeros((3, 3, 5))}, r"policy must have shape \(3, 3, 4\)"),
        ({"policy": np.full((3, 3), 4)}, r"must hold 0 \.\.\. 3, or NaN"),
        ({"policy": np.full((3, 3), 0.5)}, r"must hold 0 \.\.\. 3, or NaN"),
        ({"values": np.zeros((3, 3)), "q": np.zeros((3, 3, 4))}, "values and q both colour"),
    ],
)
def test_what_does_not_fit_the_map_is_refused(arguments: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"rows": ROWS, "agent": None} | arguments
    with pytest.raises(ValueError, match=message):
        draw(given.pop("rows"), given.pop("agent"), **given)


def test_the_text_shows_the_agent() -> None:
    assert describe(ROWS, (1, 1)) == "S.#\n.AP\n..G\n"
    assert describe(ROWS, None) == "S.#\n..P\n..G\n"
    assert describe(("SaA", "G.."), (0, 1), "a") == "S@.\nG..\n"


@pytest.mark.parametrize(
    ("action", "row", "column"),
    [(0, 0.25, 0.5), (1, 0.5, 0.75), (2, 0.75, 0.5), (3, 0.5, 0.25)],
    ids=["up", "right", "down", "left"],
)
def test_the_wedge_of_an_action_lies_where_it_goes(action: int, row: float, column: float) -> None:
    q = np.full((3, 3, 4), -1.0)
    q[..., action] = 1.0
    part = cell(draw(ROWS, None, q=q), 1, 1).astype(np.int64)

    # A little off the middle of the wedge, where the number is not written.
    place = round(row * SIZE + 0.12 * SIZE * (row == 0.5)), round(column * SIZE)
    place = place[0], place[1] + round(0.12 * SIZE * (column == 0.5))
    assert part[place].tolist() == list(overlays.POSITIVE)
    share = (part == overlays.POSITIVE).all(axis=-1).mean()
    assert 0.15 < share < 0.25
    assert (part == overlays.NEGATIVE).all(axis=-1).mean() > 2.2 * share


def test_what_is_much_worse_than_the_best_leaves_colours_to_the_others() -> None:
    """A wedge of -100 beside states worth -1 and -2 has the full colour, and so has -2."""
    q = np.full((3, 3, 4), np.nan)
    q[1, 0], q[1, 1] = (-1.0, -100.0, -100.0, -100.0), (-2.0, -100.0, -100.0, -100.0)
    frame = draw(ROWS, None, q=q)

    def top(row: int, column: int) -> list[int]:
        part: list[int] = cell(frame, row, column)[6, SIZE // 2].tolist()
        return part

    half = (np.array(palette.FREE) + overlays.NEGATIVE) / 2
    assert top(1, 1) == list(overlays.NEGATIVE)
    assert np.abs(top(1, 0) - half).max() <= 1


def test_visits_are_coloured_by_their_logarithm() -> None:
    """log(1 + 9) is half of log(1 + 99)."""
    visits = np.array([[99.0, 9.0, np.nan], [0.0, np.nan, np.nan], [np.nan] * 3])
    frame = draw(ROWS, None, visits=visits)
    half = (np.array(palette.FREE) + overlays.COUNTED) / 2

    assert cell(frame, 0, 0)[SIZE // 2, SIZE // 2].tolist() == list(overlays.COUNTED)
    assert np.abs(cell(frame, 0, 1)[SIZE // 2, SIZE // 2] - half).max() <= 1
    assert cell(frame, 1, 0)[SIZE // 2, SIZE // 2].tolist() == list(palette.FREE)


def test_every_mark_is_drawn_and_looks_different() -> None:
    marked = "01abABFf+-^>v<X"
    frame = draw((marked,), None)
    size = frame.shape[0]
    looks = {cell(frame, 0, k, size).tobytes() for k in range(len(marked))}

    assert len(looks) == len(marked)


def test_a_key_that_is_held_is_gone_and_its_door_is_open() -> None:
    rows = ("S.a", "bAB", "..G")
    closed, opened = draw(rows, None), draw(rows, None, keys="a")
    free = draw(("S..", "bAB", "..G"), None)

    assert changed(closed, opened) == {(0, 2), (1, 1)}
    assert changed(free, opened) == {(1, 1)}


def test_an_overlay_moves_marks_aside_but_does_not_hide_them() -> None:
    rows, values = ("S0.", "v-a", "0AG"), np.ones((3, 3))
    assert changed(draw(rows, None, values=values), draw(("S..", "...", "..G"), None)) >= {
        (i, k) for i in range(3) for k in range(3) if (i, k) != (2, 2)
    }
    plain = draw(("...", "...", "..G"), None, values=values)
    assert changed(draw(rows, None, values=values), plain) == {
        (0, 0),
        (0, 1),
        (1, 0),
        (1, 1),
        (1, 2),
        (2, 0),
        (2, 1),
    }


def test_diagonal_arrows_and_the_dot_of_staying() -> None:
    headings = [(-1, 1), (0, 0)]
    policy = np.zeros((3, 3))
    policy[1, 1] = 1
    frame = draw(ROWS, None, policy=policy, headings=headings)
    arrow = np.argwhere(cell(frame, 1, 0)[..., 0] > 150) - SIZE / 2
    dot = np.argwhere(cell(frame, 1, 1)[..., 0] > 150) - SIZE / 2

    assert np.abs(arrow[:, 0] + arrow[:, 1]).max() < 0.2 * SIZE
    assert arrow[:, 1].max() > 0.1 * SIZE > -0.1 * SIZE > arrow[:, 0].min()
    assert np.abs(dot).max() < 0.1 * SIZE


@pytest.mark.parametrize("largest", [0.5, -13.1, 1234.5, -1e9])
def test_nothing_is_written_across_the_edge(written: list[Written], largest: float) -> None:
    q = np.full((3, 3, 4), 10.0 * min(largest, 0.0))
    q[..., 0] = largest
    wide = draw(ROWS, None, q=q).shape[1]

    assert any(line.words.startswith("\N{LESS-THAN OR EQUAL TO}") for line in written) == (
        largest < 0
    )
    assert all(line.area.right <= wide for line in written)
