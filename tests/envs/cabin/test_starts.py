"""Where on the road dialogues begin, what a drive's end cuts, and which drives are too short."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from numpy.typing import NDArray

import rlkit
from rlkit.envs.cabin import CabinEnv
from rlkit.envs.cabin.roads.loading import load_drives
from rlkit.envs.cabin.roads.rows import SHORTEST_DRIVE, Drives, with_room
from rlkit.envs.cabin.simulator.simulator import RESET
from tests.envs.cabin.driving import road_of, simulator

COUNT = 3_000


def drives_of(*rows: int) -> Drives:
    """Return drives of so many rows; their speeds are their places: 1, 2, 3 ... m/s."""
    starts = np.concatenate([[0], np.cumsum(rows)])
    road = road_of(int(starts[-1])).rows[: starts[-1]].copy()
    road["speed"] = np.repeat(np.arange(len(rows)), rows) + 1.0
    return Drives(road, starts, "mine.csv")


def begun(drives: Drives) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return speed, first row and last row of many dialogues that have begun."""
    made = simulator(drives, COUNT, seed=1)
    made.advance(np.full(COUNT, RESET), made.new_outputs())
    first, last = made.state.car["first_row"], made.state.car["last_row"]
    return made.tables.road["speed"][first], first, last


def written(folder: Path, *seconds: int) -> str:
    """Write a file of drives that last so long, and return its path."""
    lines = ["drive,time,speed,gap,leader_speed,acceleration,lateral,rain,manoeuvre,road"]
    for drive, length in enumerate(seconds):
        times = np.arange(2 * length + 1) / 2.0
        lines += [f"{drive},{time},{drive + 10},inf,inf,0,0,0,keep,city" for time in times]
    path = folder / "mine.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_every_row_that_leaves_room_is_as_likely() -> None:
    """Drives with 60, 1 and 120 such rows: the shares are known, within each drive too."""
    drives = drives_of(SHORTEST_DRIVE + 60, SHORTEST_DRIVE + 1, SHORTEST_DRIVE + 120)
    speeds, first, last = begun(drives)

    shares = [(speeds == speed).mean() for speed in (1.0, 2.0, 3.0)]
    assert shares == pytest.approx([60 / 181, 1 / 181, 120 / 181], abs=0.03)
    assert (last - first >= SHORTEST_DRIVE).all()
    for drive, count in enumerate((60, 1, 120)):
        inside = speeds == drive + 1.0
        assert (last[inside] == drives.starts[drive + 1] - 1).all()
        assert np.unique(first[inside] - drives.starts[drive]).tolist() == list(range(count))


def test_dialogues_begin_anywhere_on_the_shipped_drives() -> None:
    drives = load_drives("city")
    _, first, last = begun(drives)
    bounds = pairwise(drives.starts)
    room = np.concatenate([np.arange(start, end - SHORTEST_DRIVE) for start, end in bounds])

    assert np.isin(first, room).all()
    # The mean of uniform draws lies within four standard errors of that of all of them.
    assert abs(first.mean() - room.mean()) < 4.0 * room.std() / np.sqrt(COUNT)
    assert (last - first).min() >= SHORTEST_DRIVE


def test_short_drives_are_counted_and_no_dialogue_begins_there() -> None:
    drives = drives_of(9, SHORTEST_DRIVE + 50, SHORTEST_DRIVE, 9, SHORTEST_DRIVE + 50, 3)
    message = r"mine.csv: 4 of 6 drives \(250.5 of 780.5 s\) are too short .* last 240 s"
    with pytest.warns(UserWarning, match=message):
        speeds, first, last = begun(drives)

    assert np.unique(speeds).tolist() == [2.0, 5.0]
    assert (speeds == 2.0).mean() == pytest.approx(0.5, abs=0.04)
    assert (last - first >= SHORTEST_DRIVE).all()


def test_long_drives_stay_as_they_are() -> None:
    drives = load_drives("mixed")

    assert with_room(drives) is drives


def test_a_file_of_short_drives_is_refused_with_what_it_needs(tmp_path: Path) -> None:
    path = written(tmp_path, 12, 239)

    assert len(load_drives(path)) == 2  # to look at it is no mistake
    with pytest.raises(ValueError, match=r"longest of 2 drives lasts 239 s, too short .* 240 s"):
        CabinEnv(ontology="cabin", drive=path)


def test_what_the_end_of_the_drive_cuts_is_no_failure(tmp_path: Path) -> None:
    """In a drive with one row to begin in, who only waits is cut, or the driver leaves."""
    env = gymnasium.make("rlkit/Cabin-v0", drive=written(tmp_path, 240))
    waiting = Waiting(env.unwrapped.action_names.index("wait"))  # type: ignore[attr-defined]
    played = rlkit.evaluate(waiting, env, 6, seed=0)
    cut = played.reports["interrupted"] == 1.0
    told = played.as_json()

    assert cut.any()
    assert not played.reports["success"][cut].any()
    assert told["interrupted"]["mean"] == cut.mean()
    left = played.reports["success"][~cut]
    share = left.mean() if len(left) else np.nan
    assert told["success"]["mean"] == pytest.approx(share, nan_ok=True)
    assert (played.reports["seconds"][cut] >= 240.0).all()


def test_a_transcript_does_not_call_it_failure(tmp_path: Path) -> None:
    env = CabinEnv(ontology="cabin", drive=written(tmp_path, 240), render_mode="ansi")
    env.reset(seed=0)
    truncated = False
    while not truncated:
        _, _, terminated, truncated, info = env.step(env.action_names.index("wait"))
        if terminated:
            env.reset()

    assert info["interrupted"]
    assert env.exchange().cut
    assert str(env.render()).endswith("end     the drive is over")


class Waiting:
    """A policy that only ever takes one act."""

    def __init__(self, act: int) -> None:
        self.act = act

    def predict(self, *_: object, **__: object) -> tuple[int, None]:
        """Return the act."""
        return self.act, None
