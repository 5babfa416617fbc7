"""What is seen of a gridworld, in the single and in the vector form."""

from typing import Any

import gymnasium
import numpy as np
import pytest

from rlkit.envs.gridworld import palette
from rlkit.envs.gridworld.observations import CELL_PIXELS, OBSERVATIONS, TILE_CODES, observations_of
from rlkit.envs.gridworld.problem import GridWorldMDP

KEYS = ("#####", "#aS.#", "##A##", "#..G#", "#####")


def seen(rows: Any, observation: str, **settings: Any) -> tuple[GridWorldMDP, Any]:
    grid = GridWorldMDP(rows)
    return grid, observations_of(grid, observation, **settings)[0]


def view_of(picture: str) -> list[list[int]]:
    """Return the codes of a view written in tiles, `?` for what is not seen."""
    return [[TILE_CODES.get(tile, 0) for tile in row] for row in picture.split()]


def test_coordinates_are_row_column_and_keys() -> None:
    grid, table = seen(KEYS, "coordinates")

    rows = {tuple(place): table[i].tolist() for i, place in enumerate(grid.states)}
    assert rows[1, 2, ""] == [1, 2, 0]
    assert rows[2, 2, "a"] == [2, 2, 1]


def test_one_hot_is_the_index() -> None:
    grid, table = seen("classroom", "one-hot")

    assert table.dtype == np.float32
    np.testing.assert_array_equal(table.argmax(axis=1), np.arange(len(grid.states)))
    np.testing.assert_array_equal(table.sum(axis=1), 1)


def test_a_view_by_hand() -> None:
    """Outside of the map there are walls; a taken key and an open door are free cells."""
    grid, table = seen(KEYS, "view", radius=1)
    views = {tuple(place): table[i].tolist() for i, place in enumerate(grid.states)}

    assert views[1, 2, ""] == view_of("### aS. #A#")
    assert views[1, 2, "a"] == view_of("### .S. #.#")
    _, wide = seen(("SG",), "view", radius=2)
    assert wide[0].tolist() == view_of("##### ##### ##SG# ##### #####")


def test_walls_hide_what_lies_behind_them_by_hand() -> None:
    """A cell is in sight past a corner, but not through a wall, nor through a diagonal one."""
    _, table = seen(("S.#..", ".#..G", "....."), "view", radius=2, occlusion=True)

    assert table[0].tolist() == view_of("????? ?#### ?#S.# ?#.#. ?#..?")


def test_a_closed_door_hides_and_an_open_one_does_not() -> None:
    grid, table = seen(KEYS, "view", radius=2, occlusion=True)
    views = {tuple(place): table[i].tolist() for i, place in enumerate(grid.states)}

    assert views[1, 2, ""] == view_of("????? ##### #aS.# ##A## ?????")
    assert views[1, 2, "a"] == view_of("????? ##### #.S.# ##.## ?..G?")


def test_pixels_show_the_agent_in_its_cell_alone() -> None:
    grid, table = seen(KEYS, "pixels")
    assert table.shape == (len(grid.states), 5 * CELL_PIXELS, 5 * CELL_PIXELS, 3)
    for picture, place in zip(table, grid.states, strict=True):
        found = np.argwhere((picture == palette.AGENT).all(axis=-1)) // CELL_PIXELS
        assert set(map(tuple, found.tolist())) == {(place.row, place.column)}
        key = picture[CELL_PIXELS, CELL_PIXELS].tolist()
        assert key == list(palette.FREE if place.keys else palette.mark_colour("a"))


@pytest.mark.parametrize("observation", OBSERVATIONS)
def test_vector_and_single_see_the_same(observation: str) -> None:
    arguments: dict[str, Any] = {"map": KEYS, "observation": observation, "occlusion": True}
    one = gymnasium.make("rlkit/GridWorld-v0", **arguments)
    many = gymnasium.make_vec("rlkit/GridWorld-v0", num_envs=3, **arguments)
    first, _ = one.reset(seed=1)
    firsts, _ = many.reset(seed=1)
    rng = np.random.default_rng(0)
    for _ in range(50):
        np.testing.assert_array_equal(firsts[0], first)
        assert one.observation_space.contains(first)
        assert many.observation_space.contains(firsts)
        actions = rng.integers(4, size=3)
        firsts, _, ended, cut, _ = many.step(actions)
        first, *_ = one.step(actions[0])
        if (ended | cut)[0]:
            return


@pytest.mark.parametrize("observation", ["coordinates", "one-hot", "view", "pixels"])
def test_the_checkers_accept_it(observation: str) -> None:
    from gymnasium.utils.env_checker import check_env

    env = gymnasium.make("rlkit/GridWorld-v0", map=KEYS, observation=observation)
    check_env(env.unwrapped, skip_render_check=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"observation": "pixel"}, "Did you mean 'pixels'"),
        ({"observation": "view", "radius": 0}, "radius must be at least 1, got 0"),
        ({"observation": "pixels", "map": ("S" + "." * 98 + "G",) * 99}, "the limit is 256"),
    ],
)
def test_wrong_observations_are_explained(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        gymnasium.make("rlkit/GridWorld-v0", **arguments)
