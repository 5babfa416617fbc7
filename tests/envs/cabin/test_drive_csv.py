"""Drives from a user's CSV: what loads, what is resampled, and what is said about the rest."""

import math
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rlkit.envs.cabin.roads import csv_file as drive_csv
from rlkit.envs.cabin.roads.columns import NAMES
from rlkit.envs.cabin.roads.loading import (
    CITY,
    FARTHEST_GAP,
    KEEP,
    LANE_CHANGE,
    LONGEST_TIME,
    MOTORWAY,
    load_drives,
)
from rlkit.envs.cabin.roads.resampling import resample
from tests.envs.cabin.roads import fault, load

EXAMPLE = Path(__file__).parents[3] / "docs" / "drive.csv"
HEADER = (
    "time,speed,acceleration,headway,time_to_collision,lateral,manoeuvre,road,rain,gap,leader_speed"
)


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
        ("time,speed\n0,1\n0.5,\n", "line 3, column speed: '' is an empty cell; fill the gap"),
        ("time,speed\n0,1\n0.5,-\n", "line 3, column speed: '-' is an empty cell; fill the gap"),
        ("time,speed\n0,1\n0.5,nan\n", "line 3, column speed: NaN is not allowed"),
        ("time,speed\n0,1\n0.5,inf\n", "line 3, column speed: inf is outside of 0 ... 70 [m/s]"),
        ("time,speed\n0,1\n0.5,-1\n", "line 3, column speed: -1 is outside"),
        ("time,speed,headway\n0,1,1\n0.5,1,-0.2\n", "line 3, column headway: -0.2 is outside"),
        ("time,speed,gap\n0,1,1\n0.5,1,-3\n", "line 3, column gap: -3 is outside"),
        ("time,speed,rain\n0,1,0\n0.5,1,80\n", "is it percent? Then divide by 100"),
        ("time,speed,manoeuvre\n0,1,trun\n", "column manoeuvre: unknown manoeuvre 'trun'. Did you"),
        ("time,speed,road\n0,1,motorwy\n", "unknown road 'motorwy'. Did you mean 'motorway'?"),
        ("time,speed\n0,1\n0.5,1\n\n2,1\n2.5,1\n", "line 5, column time: a gap of 1.5 s"),
        ("time,speed\n0,1\n0.5,1\n0.5,1\n", "line 4, column time: 0.5 s is there twice"),
        ("time,speed\n0,1\n500,1\n1000,1\n", "Is it milliseconds? Then divide by 1000"),
        (
            "time,speed\n0,130\n0.5,131\n",
            "column speed: 130 is outside of 0 ... 70 [m/s]; is it km",
        ),
        ("time,speed\n0,60\n0.5,20\n", "it jumps from 60 to 20 m/s"),
    ],
)
def test_bad_files_are_refused_with_their_place(tmp_path: Path, text: str, words: str) -> None:
    assert words in fault(tmp_path, text)


def test_noise_at_rest_is_rest(tmp_path: Path) -> None:
    text = "time,speed,gap,leader_speed\n0,-0.01,9,-0.1\n0.5,0,9,0\n1,1,9,1\n"
    with pytest.warns(UserWarning, match="'speed' is a little below 0 in 1 row: taken as 0"):
        rows = load(tmp_path, text).rows

    assert rows["speed"].tolist() == rows["leader_speed"].tolist() == [0, 0, 1]


def test_jitter_of_a_fast_bus_is_no_gap(tmp_path: Path) -> None:
    time = np.cumsum(np.tile([0.01, 0.01, 0.01, 0.018], 50))
    with pytest.warns(UserWarning, match="resampled from 100 Hz"):
        drives = load(tmp_path, "time,speed\n" + "".join(f"{t:.4f},9\n" for t in time))

    assert len(drives.rows) == 5  # 2.4 s minus the first step, in half seconds


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("time;speed\n0;10\n0,5;10\n", "separated by semicolons; separate them by comma", "mean"),
        ("id;time [s];v\n1;0;10\n", "separated by semicolons", "mean"),
        ("time\tspeed\n0\t10\n", "separated by tabs", "mean"),
        ("time speed\n0 10\n", "separated by spaces", "mean"),
        ("time|speed\n0|10\n", "separated by bars", "mean"),
        ('time,speed\n"0,5","9"\n', "'0,5' is not a number; numbers have a decimal point", "[s]"),
        ("time,speed\n0,5,9,0\n", "numbers have a decimal point", "drive"),
        ("time,speed\n0,1\n0.5,1\n0.5,1\n1,1\n", "is there twice; keep one", "drive"),
        ("time,speed\n0,1\n0,9\n.5,1\n.5,9\n", "tell several cars apart by a column", "sort"),
        ("time,speed\n0,1\n1,1\n0.5,1\n", "sort the rows by time", "several drives"),
        ("time,speed\n1,1\n.5,1\n0,1\n", "sort the rows by time", "several drives"),
        ("time,speed\n90,1\n90.5,1\n0,1\n.5,1\n", "tell several drives apart", "twice"),
        ("time,speed\n0,999\n", "is it a missing number? Fill the gap or cut", "km/h"),
        ("time,speed\n0,-999\n", "is it a missing number? Fill the gap or cut", "reverse"),
        ("time,speed\n0,300\n", "line 2, column speed: 300 is outside of 0 ... 70", "km/h"),
        ("time,speed,rain\n0,1,150\n", "150 is outside of 0 ... 1", "percent"),
        ("time,speed,lateral\n0,1,-90\n", "is it centimetres? Then divide by 100", "missing"),
        ("time,speed,acceleration\n0,1,30\n", "is it km/h per second? Then divide", "missing"),
        ("time,speed\n0,1\n.5,1\n0,1\n", "several drives apart by a column 'drive'", "twice"),
        ("drive,time,speed\na,0,9\nb,0,8\na,0.5,9\n", "line 4, column drive: 'a' goes on", "two"),
        ("drive,time,speed\na,0,9\na,1,9\nb,0,8\nb,1,8\na,2,9\n", "sort the rows by dr", "two"),
        (
            "drive,time,speed\na,0,9\nb,0,8\na,500,9\nb,500,8\n",
            "line 4, column drive: 'a' g",
            "two",
        ),
        ("speed limit,road name\n1,2\n", "names no column; the first line names", "spaces"),
        ("time,speed\n0,9\n3,9\n6,9\n", "3 s apart; the limit is 2 s. Record faster", "milli"),
        ("time [s],speed\n0,9\n300,9\n", "300 s apart; the limit is 2 s. Record faster", "is it"),
        ("time,speed\n0,9\n500000,9\n", "Is it microseconds? Then divide by 1e6", "milli"),
        ("time,speed\n0,9\n500000000,9\n", "Is it nanoseconds? Then divide by 1e9", "milli"),
        (
            "time,speed\n1714557600000,9\n",
            "is it milliseconds since 1970? Then divide by 10",
            "micro",
        ),
        ("time,speed\n1714557600000000,9\n", "is it microseconds since 1970", "milli"),
        ("time,speed\n1714557600000000000,9\n", "is it nanoseconds since 1970", "milli"),
        ("time,speed\n12:00:00,9\n", "'12:00:00' is not a number; time is in seconds", "unit"),
        ("time,speed\n0,-1.5\n.5,-1\n", "cut the drive where the car reverses", "km/h"),
        ("time,speed,leader_speed\n0,1,-0.8\n", "write 0 where the leader rolls back", "km/h"),
        ("time,speed\n0,60\n0.5,20\n", "Is a row missing, or does another drive", "km/h"),
        ("time,speed\n0,20\n0.5,0\n1,20\n", "Is the 0 a missing number? Fill the gap", "km/h"),
        ("time,speed\n0,40\n0.5,50\n", "Is it km/h? Then divide by 3.6", "missing"),
        ("time,speed\n0,5 m/s\n", "a unit belongs into the header, as in 'speed [m/s]'", "km/h"),
        ("time,speed\ns,m/s\n0,5\n", "a unit belongs into the header, as in 'time [s]'", "seconds"),
        ("0,9\n0.5,9\n", "the first line names the columns: time, speed", "mean"),
        ('time,speed\n0,"9\n0.5,9\n', "a quotation mark is opened and never closed", "number"),
    ],
)
def test_hints_point_at_the_cause(tmp_path: Path, text: str, right: str, wrong: str) -> None:
    said = fault(tmp_path, text)

    assert right in said
    assert wrong not in said.partition("Known")[0].replace("mine.csv", "")


@pytest.mark.parametrize(
    "text",
    [
        "\ufefftime,speed\n0,10\n0.5,10\n",
        "\n# a remark, of two cells\n\ntime,speed\n0,10\n # another\n , \n0.5,10\n\n",
        "# time,speed\n0,10\n0.5,10\n",  # as numpy.savetxt writes it
        '"time","speed"\r\n"0","10"\r\n"0.5","10"\r\n',
        "time,speed,\n0,10,\n0.5,10,\n",
        "time [ms],speed\n1714557600000,10\n1714557600500,10\n",
        "timestamp,speed\n1714557600.0,10\n1714557600.5,10\n",
    ],
)
def test_what_editors_and_loggers_add_does_no_harm(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(text.encode())
    with pytest.warns(UserWarning, match="no column"):
        drives = load_drives(str(path))

    assert drives.rows["speed"].tolist() == [10, 10]


def test_drives_of_the_same_name_may_follow_each_other(tmp_path: Path) -> None:
    text = "drive,time,speed\na,0,9\na,.5,9\nb,0,8\nb,.5,8\na,0,7\na,.5,7\n"
    with pytest.warns(UserWarning, match="no column"):
        drives = load(tmp_path, text)

    assert drives.starts.tolist() == [0, 2, 4, 6]


def test_codes_of_the_documentation_are_words_too(tmp_path: Path) -> None:
    text = "time,speed,manoeuvre [code],road\n0,9,1,2\n0.5,9,keep,City\n"
    with pytest.warns(UserWarning, match="no column"):
        rows = load(tmp_path, text).rows

    assert rows["manoeuvre"].tolist() == [LANE_CHANGE, KEEP]
    assert rows["road"].tolist() == [MOTORWAY, CITY]


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
NAME = st.sampled_from([*NAMES, "speed_kmh", "", "other"])


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
