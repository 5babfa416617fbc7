"""The car ahead in a user's CSV: what recordings write for nobody is no collision."""

from pathlib import Path

import pytest

from rlkit.envs.cabin.roads.loading import FARTHEST_GAP, LONGEST_TIME
from tests.envs.cabin.roads import load


@pytest.mark.parametrize("name", ["gap", "headway", "time_to_collision"])
@pytest.mark.parametrize("nobody", ["0", "0.0", "-1", "-999", "nan", "-", "N/A"])
def test_what_recordings_write_for_nobody_is_no_collision(
    tmp_path: Path, name: str, nobody: str
) -> None:
    text = f"time,speed,{name}\n" + "".join(f"{k / 2},30,{nobody}\n" for k in range(4))
    with pytest.warns(UserWarning, match=f"column '{name}' is .* in 4 rows: taken as ") as said:
        rows = load(tmp_path, text).rows

    assert ("is 0 in" in str(said[0].message)) == (nobody in {"0", "0.0"})
    assert rows["gap"].tolist() == [FARTHEST_GAP] * 4
    assert rows["headway"].tolist() == rows["time_to_collision"].tolist() == [LONGEST_TIME] * 4


@pytest.mark.parametrize("nobody", ["", "inf", "999", "9999", "4294967295"])
def test_what_is_too_far_to_see_is_nobody(tmp_path: Path, nobody: str) -> None:
    text = f"time,speed,gap,headway,time_to_collision\n0,30,{nobody},{nobody},{nobody}\n"
    with pytest.warns(UserWarning, match="mine.csv: no column"):
        row = load(tmp_path, text + f"0.5,30,{nobody},{nobody},{nobody}\n").rows[0]

    assert (row["gap"], row["headway"], row["time_to_collision"]) == (FARTHEST_GAP, 60, 60)


@pytest.mark.parametrize("unmeasured", ["-1", "255", "999", "nan", ""])
def test_an_unmeasured_leader_neither_comes_nor_goes(tmp_path: Path, unmeasured: str) -> None:
    text = "time,speed,gap,leader_speed\n" + "".join(f"{k},30,40,{unmeasured}\n" for k in range(3))
    with pytest.warns(UserWarning, match="taken as the own speed|mine.csv: resampled"):
        rows = load(tmp_path, text).rows

    assert rows["leader_speed"].tolist() == [30] * 5
    assert rows["headway"] == pytest.approx(40 / 30)


def test_a_leader_of_speed_zero_stands_only_if_the_gap_closes(tmp_path: Path) -> None:
    header = "time,speed,gap,leader_speed\n"
    closing = header + "".join(f"{k / 2},10,{80 - 5 * k},0\n" for k in range(8))
    steady = header + "".join(f"{k / 2},10,80,0\n" for k in range(8))
    with pytest.warns(UserWarning, match="mine.csv: no column 'acceleration'"):
        standing = load(tmp_path, closing).rows
    with pytest.warns(UserWarning, match="'leader_speed' is 0 in 8 rows where the gap does not"):
        following = load(tmp_path, steady).rows

    assert standing["time_to_collision"] == pytest.approx([8 - k / 2 for k in range(8)])
    assert following["time_to_collision"].tolist() == [LONGEST_TIME] * 8


def test_resampling_mixes_no_leader_with_nobody(tmp_path: Path) -> None:
    """At 1.25 Hz rows of half a second lie between a leader of 20 m/s and a 0 for nobody."""
    text = "time,speed,gap,leader_speed\n"
    text += "".join(f"{0.8 * k:g},20,{30 if k < 2 else 0},{20 if k < 2 else 0}\n" for k in range(5))
    with pytest.warns(UserWarning, match="'gap' is 0 in 3 rows"):
        rows = load(tmp_path, text).rows

    assert rows["gap"].tolist() == [30] * 4 + [FARTHEST_GAP] * 3
    assert rows["time_to_collision"].tolist() == [LONGEST_TIME] * 7
