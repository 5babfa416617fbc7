"""Drives from a user's CSV: what loads, what is resampled, and what is said about the rest."""

import math
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rlkit.envs.cabin import drive_csv
from rlkit.envs.cabin.drive_signals import resample
from rlkit.envs.cabin.drives import (
    CITY,
    FARTHEST_GAP,
    KEEP,
    LANE_CHANGE,
    LONGEST_TIME,
    MOTORWAY,
    Drives,
    load_drives,
)

EXAMPLE = Path(__file__).parents[3] / "docs" / "drive.csv"
HEADER = (
    "time,speed,acceleration,headway,time_to_collision,lateral,manoeuvre,road,rain,gap,leader_speed"
)


def load(folder: Path, text: str) -> Drives:
    path = folder / "mine.csv"
    path.write_text(text)
    return load_drives(str(path))


def fault(folder: Path, text: str) -> str:
    with pytest.raises(ValueError, match="mine") as caught:
        load(folder, text)
    return str(caught.value).removeprefix(str(folder))


def test_a_complete_file_loads_as_it_is(tmp_path: Path) -> None:
    text = f"{HEADER}\n0,20,0,1.5,inf,-0.1,keep,city,0.25,30,20\n"
    text += "0.5,21,2,,,1.5,Lane_Change,Motorway,0.25,,\n"
    first, second = load(tmp_path, text).rows

    assert first["speed"] == 20
    assert first["headway"] == 1.5
    assert first["time_to_collision"] == LONGEST_TIME
    assert first["lateral"] == np.float32(-0.1)
    assert (first["manoeuvre"], first["road"]) == (KEEP, CITY)
    assert (first["gap"], first["leader_speed"]) == (30, 20)
    assert (second["gap"], second["headway"], second["leader_speed"]) == (
        FARTHEST_GAP,
        LONGEST_TIME,
        21,
    )
    assert (second["manoeuvre"], second["road"]) == (LANE_CHANGE, MOTORWAY)


def test_the_example_of_the_documentation_loads_without_a_warning() -> None:
    drives = load_drives(str(EXAMPLE))

    assert len(drives) == 2
    assert drives.hours > 0.0


def test_headways_follow_from_gap_and_leader(tmp_path: Path) -> None:
    text = "time,speed,gap,leader_speed\n0,10,20,5\n0.5,10,20,15\n1,10,,\n"
    with pytest.warns(UserWarning, match="no column 'acceleration': taken from the speed"):
        rows = load(tmp_path, text).rows

    assert rows["headway"].tolist() == [2, 2, LONGEST_TIME]
    assert rows["time_to_collision"].tolist() == [4, LONGEST_TIME, LONGEST_TIME]


def test_gap_and_leader_follow_from_headway_and_time_to_collision(tmp_path: Path) -> None:
    text = "time,speed,headway,time_to_collision\n0,10,2,4\n0.5,10,2,\n1,4,3,\n1.5,0,3,\n"
    with pytest.warns(UserWarning, match="'gap': headway x speed"):
        rows = load(tmp_path, text).rows

    assert rows["gap"].tolist() == [20, 20, 12, FARTHEST_GAP]
    assert rows["leader_speed"].tolist() == [5, 10, 4, 0]


def test_without_a_leader_nothing_is_near(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="no column 'gap': no leader"):
        rows = load(tmp_path, "time,speed\n0,30\n0.5,31\n").rows

    assert rows["acceleration"].tolist() == [0, 2]
    assert rows["headway"].tolist() == [LONGEST_TIME] * 2
    assert rows["leader_speed"].tolist() == [30, 31]
    assert rows["road"].tolist() == [MOTORWAY] * 2


def test_other_rates_are_resampled(tmp_path: Path) -> None:
    text = "time,speed,gap,leader_speed,manoeuvre\n0,10,40,10,keep\n0.8,12,,,turn\n"
    text += "1.6,10,30,10,turn\n2.4,10,38,10,keep\n"
    with pytest.warns(UserWarning, match="resampled from 1.25 Hz to 2 Hz"):
        rows = load(tmp_path, text).rows

    # By hand at 0, .5, 1, 1.5, 2 s: speeds on straight lines; the gap holds beside the empty cell.
    assert rows["speed"] == pytest.approx([10, 11.25, 11.5, 10.25, 10])
    assert rows["gap"] == pytest.approx([40, 40, FARTHEST_GAP, FARTHEST_GAP, 34])
    assert [int(code) for code in rows["manoeuvre"]] == [0, 0, 3, 3, 3]
    assert rows["acceleration"] == pytest.approx([0, 2.5, 0.5, -2.5, -0.5])


def test_resampling_against_numpy() -> None:
    rng = np.random.default_rng(3)
    time = np.cumsum(rng.uniform(0.1, 1.0, 50))
    signal = rng.normal(size=50)
    grid = np.arange(time[0], time[-1], 0.5)

    assert resample(time, signal, grid) == pytest.approx(np.interp(grid, time, signal))
    assert resample(time, signal, time).tolist() == signal.tolist()


def test_several_drives_in_a_file(tmp_path: Path) -> None:
    text = "drive,time,speed\na,0,10\na,0.5,10\na,1,10\nb,7,5\nb,7.5,5\n"
    with pytest.warns(UserWarning, match="no column"):
        drives = load(tmp_path, text)

    assert drives.starts.tolist() == [0, 3, 5]
    assert drives[1]["speed"].tolist() == [5, 5]
    assert drives[1]["acceleration"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("\n  \n", "is empty"),
        ("time,speed\n", "a header and no rows"),
        ("time,speed\n0,10\n", "line 2: a drive has at least two rows"),
        ("time\n0\n", "line 1: there is no column 'speed' [m/s]"),
        ("speed\n0\n", "line 1: there is no column 'time' [s]"),
        ("time,speed,headwy\n0,1,1\n", "unknown column 'headwy'. Did you mean 'headway'?"),
        ("time,speed,speed\n0,1,1\n", "two columns are named 'speed'"),
        ("time,speed\n0,1\n0.5,1,1\n", "line 3: 3 cells under 2 columns"),
        ("time,speed\n0,1\n0.5,fast\n", "line 3, column speed: 'fast' is not a number"),
        ("time,speed\n0,1\n0.5,\n", "line 3, column speed: '' is not a number"),
        ("time,speed\n0,1\n0.5,nan\n", "line 3, column speed: NaN is not allowed"),
        ("time,speed\n0,1\n0.5,inf\n", "line 3, column speed: inf is outside of 0 ... 70 [m/s]"),
        ("time,speed\n0,1\n0.5,-1\n", "line 3, column speed: -1 is outside"),
        ("time,speed,headway\n0,1,1\n0.5,1,-0.2\n", "line 3, column headway: -0.2 is outside"),
        ("time,speed,gap\n0,1,1\n0.5,1,-3\n", "line 3, column gap: -3 is outside"),
        ("time,speed,rain\n0,1,0\n0.5,1,80\n", "is it percent? Then divide by 100"),
        ("time,speed,manoeuvre\n0,1,trun\n", "column manoeuvre: unknown manoeuvre 'trun'. Did you"),
        ("time,speed,road\n0,1,motorwy\n", "unknown road 'motorwy'. Did you mean 'motorway'?"),
        ("time,speed\n0,1\n0.5,1\n\n2,1\n2.5,1\n", "line 5, column time: a gap of 1.5 s"),
        ("time,speed\n0,1\n0.5,1\n0.5,1\n", "line 4, column time: 0.5 s does not come after"),
        ("time,speed\n0,1\n500,1\n1000,1\n", "Is it milliseconds? Then divide by 1000"),
        (
            "time,speed\n0,130\n0.5,131\n",
            "column speed: 130 is outside of 0 ... 70 [m/s]; is it km",
        ),
        ("time,speed\n0,60\n0.5,20\n", "it jumps from 60 to 20 m/s"),
        ("time,speed_kmh\n0,1\n", "'speed_kmh' is in km/h: divide by 3.6 and name it 'speed'"),
        (
            "time,speed,leader_speed [mph]\n0,1,1\n",
            "multiply by 0.44704 and name it 'leader_speed'",
        ),
        ("time_ms,speed\n0,1\n", "milliseconds: divide by 1000 and name it 'time' [s]"),
    ],
)
def test_bad_files_are_refused_with_their_place(tmp_path: Path, text: str, words: str) -> None:
    assert words in fault(tmp_path, text)


def test_kmh_in_the_city_shows_in_the_headways(tmp_path: Path) -> None:
    rows = "".join(f"{k / 2},50,20,{20 / (50 / 3.6):.3f}\n" for k in range(12))

    assert "the speed is in km/h" in fault(tmp_path, "time,speed,gap,headway\n" + rows)


def test_too_large_a_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive_csv, "LARGEST_CSV", 10)

    assert "the limit is 10" in fault(tmp_path, "time,speed\n0,1\n0.5,1\n")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(b"\xff\xfe\x00\x81")

    with pytest.raises(ValueError, match="is not CSV in UTF-8"):
        load_drives(str(path))
    with pytest.raises(ValueError, match="there is no drive"):
        load_drives(str(tmp_path / "other.csv"))


NUMBER = st.one_of(
    st.floats(-5, 80).map(lambda x: f"{x:.3g}"),
    st.sampled_from(["", "nan", "inf", "-inf", "1e400", "x", "0", "1_0", '"', "keep", "turn"]),
)
NAME = st.sampled_from([*drive_csv.NAMES, "speed_kmh", "", "other"])


@st.composite
def tables(draw: st.DrawFn) -> str:
    """Nearly right tables: real columns, mostly numbers, sometimes a growing time."""
    names = ["time", "speed", *draw(st.lists(NAME, max_size=4, unique=True))]
    step = draw(st.sampled_from([0.5, 0.1, 1.0, 1e-9, 1e11]))
    rows = []
    for index in range(draw(st.integers(0, 6))):
        time = draw(st.one_of(st.just(str(index * step)), NUMBER))
        rows.append([time, draw(st.sampled_from(["9", "10", "5.5"]))])
        rows[-1] += [draw(NUMBER) for _ in names[2:]]
    return "\n".join(",".join(row) for row in [names, *rows])


@settings(max_examples=300)
@given(content=st.one_of(tables().map(str.encode), st.binary(max_size=60)))
@example(content=b"time,speed\n0,1\n0.5,2\n")
@example(content=b'time,speed\n"0\n",1\n0.5,2\n')
@example(content=b"time,speed\n0,1\x00\n")
def test_junk_is_refused_in_words_or_loads_sound(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "junk.csv"
    path.write_bytes(content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            rows = load_drives(str(path)).rows
        except ValueError as error:
            assert "junk.csv" in str(error)  # noqa: PT017 (either outcome is right)
            return

    for name in rows.dtype.names or ():
        assert np.isfinite(rows[name]).all()
    assert (rows["headway"] <= LONGEST_TIME).all()
    assert (rows["headway"] >= 0).all()
    assert (rows["gap"] <= FARTHEST_GAP).all()
    assert not math.isnan(rows["speed"].sum())
