"""The page about the architecture: its paths exist, and its walk is the one that is walked."""

import re
from collections import Counter
from pathlib import Path

import pytest

from studies.pages.one_turn import BOARD, TURN, Walk, told, walk
from tests.rlkit.test_layers import ROOMS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


@pytest.fixture(scope="module")
def turn() -> Walk:
    return walk()


def test_every_file_and_folder_that_it_names_is_there() -> None:
    named = re.findall(r"`((?:rlkit|envs|nets|agents|scripts|studies|tests)/[\w/.]*)`", PAGE)

    assert len(named) > 30
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_room_of_the_cabin_is_on_it() -> None:
    named = set(re.findall(r"^\| `(\w+)/` \|", PAGE, re.MULTILINE))

    assert set(ROOMS) - {"faces", "telling"} <= named


def test_the_walk_is_what_the_script_prints(turn: Walk) -> None:
    """After a change of the turn put what `python -m studies.pages.one_turn` prints on the page."""
    assert f"```text\n{told(turn)}\n```" in PAGE


def test_a_turn_passes_few_rooms_and_its_data_keep_their_names(turn: Walk) -> None:
    visits = turn.visits()
    rooms = {room for room, _ in visits}

    assert {"assistant", "driver", "channel", "car"} <= rooms
    assert len(rooms | {TURN, BOARD}) <= 9
    assert max(Counter(room for room, _ in visits).values()) <= 2
    assert {what: names for what, names in turn.names().items() if len(names) > 1} == {}
