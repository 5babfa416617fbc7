"""Maps: names, files, the legend, what is wrong with one, random ones and their splits."""

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

from rlkit.envs.gridworld import maps
from rlkit.envs.gridworld.maps import LEGEND, MAPS, read_map
from rlkit.envs.gridworld.problem import GridWorldMDP
from rlkit.envs.gridworld.random_maps import random_map, split_maps


@pytest.mark.parametrize("name", MAPS)
def test_every_map_can_be_solved(name: str) -> None:
    assert len(GridWorldMDP(name).states) > 1


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_map_comes_from_a_name_a_file_text_or_rows(tmp_path: Path, ending: str) -> None:
    rows = MAPS["small"]
    path = tmp_path / "small.txt"
    path.write_bytes((ending.join(rows) + ending).encode())

    assert read_map("small") == read_map(str(path)) == read_map("\n".join(rows) + "\n") == rows
    assert read_map(ending.join(rows) + ending) == read_map(list(rows)) == rows
    assert read_map("S..G") == ("S..G",)


def test_every_tile_is_understood() -> None:
    """A map with the whole legend, drawn and solved."""
    rows = ("SabcdefABCDEF", "0123456789.X.", "9876543210.P.", "^>v<+-......G", "#............")
    env: Any = gymnasium.make("rlkit/GridWorld-v0", map=rows, render_mode="rgb_array").unwrapped
    env.reset(seed=0)

    assert set("".join(rows)) == set(LEGEND)
    assert env.render().dtype == np.uint8


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (("S.", "G"), "ragged: line 2 has 1 characters, line 1 has 2"),
        (("S.", "xG"), "line 2, column 1: 'x' is no tile. The legend: # wall, . free, S start"),
        (("S.", ".."), "no goal; mark one with G"),
        (("##", "#G"), "no start; mark one with S"),
        (("S#G", "##."), "the goal in line 1, column 3 cannot be reached"),
        (("SPG",), "the goal in line 1, column 3 cannot be reached"),
        (("S<G",), "the goal in line 1, column 3 cannot be reached"),
        (("SAaG",), "the goal in line 1, column 4 cannot be reached"),
        (("S#SG",), "no goal can be reached from the start in line 1, column 1"),
        ((".#.G",), "no goal can be reached from the start in line 1, column 1"),
        (("S1G",), "the portal 1 in line 1, column 2 needs exactly one partner.*it 1 times"),
        (("S1G", "11."), "needs exactly one partner.*it 3 times"),
        (("SaG",), "the key a in line 1, column 2 needs a door A"),
        (("SG.", "..B"), "the door B in line 2, column 3 needs a key b"),
        (("SXG", "..S"), "exactly one S; the map has 2"),
        ((".XG",), "exactly one S; the map has 0"),
        ((), "empty"),
        ((""), "empty"),
        (5, "a map is a name, a file, text or a list of rows, got 5"),
        (["SG", 3], "a list of rows"),
        ("clasroom", "unknown map 'clasroom'. Did you mean 'classroom'"),
    ],
)
def test_wrong_maps_are_explained(rows: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        gymnasium.make("rlkit/GridWorld-v0", map=rows)


def test_huge_maps_are_refused_with_the_limit() -> None:
    with pytest.raises(ValueError, match="4,002,000 cells; the limit is 4,000,000"):
        read_map(["." * 2_001] * 2_000)
    keys = ["abcdefABCDEFSG" + "." * 300, *["." * 314] * 300]
    with pytest.raises(ValueError, match=r"cells and 6 keys make .* the limit is 4,000,000"):
        GridWorldMDP(keys)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(OSError, match=r"nowhere\.txt"):
        read_map("nowhere.txt")


def test_random_maps_can_be_solved_without_meeting_a_pit() -> None:
    for seed in range(100):
        rows = random_map(seed, 5, 7, walls=0.4, pits=0.2)
        assert (len(rows), len(rows[0])) == (5, 7)
        assert (len(maps.cells(rows, "S")), len(maps.cells(rows, "G"))) == (1, 1)
        GridWorldMDP([row.replace("P", "#") for row in rows])


def test_a_random_map_is_that_of_its_seed() -> None:
    """The bits of the first map are those of the counter stream on every machine."""
    assert random_map(0) == random_map(0) != random_map(1)
    env: Any = gymnasium.make("rlkit/GridWorld-v0", map_seed=3).unwrapped
    assert env.grid.rows == random_map(3)


def test_random_maps_have_the_walls_that_were_asked_for() -> None:
    tiles = "".join(random_map(5, 200, 200, walls=0.3, pits=0.1))

    # Four standard deviations of 40,000 draws.
    assert tiles.count("#") / 40_000 == pytest.approx(0.3, abs=0.0092)
    assert tiles.count("P") / 40_000 == pytest.approx(0.1, abs=0.006)


def test_splits_share_no_map() -> None:
    train, test = split_maps(60, 40, seed=4, rows=2, columns=3, walls=0.2, pits=0.0)

    assert len(set(train) | set(test)) == 100
    assert split_maps(5, 9, seed=4, rows=2, columns=3, walls=0.2, pits=0.0)[0] == train[:5]
    assert split_maps(60, 40, seed=5, rows=2, columns=3, walls=0.2, pits=0.0)[0] != train


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"rows": 0}, "from 2 to 4,000,000 cells; this one would have 0 x 8"),
        ({"rows": 3_000, "columns": 3_000}, "3000 x 3000"),
        ({"walls": -0.1}, "probabilities with a sum below 1"),
        ({"walls": 0.6, "pits": 0.4}, "probabilities with a sum below 1"),
        ({"walls": 0.9999, "rows": 2, "pits": 0.0}, "can be solved; lower them"),
    ],
)
def test_impossible_random_maps_are_explained(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        random_map(0, **settings)


def test_too_many_maps_are_explained() -> None:
    with pytest.raises(ValueError, match="too few different maps for 50 to train"):
        split_maps(50, 1, rows=1, columns=2, walls=0.0, pits=0.0)
