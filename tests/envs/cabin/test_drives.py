"""The recorded drives: what ships, whether it obeys physics, and which phases it has."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from rlkit.envs.cabin.car.constants import CabinConfig
from rlkit.envs.cabin.car.phases import (
    FOLLOWING,
    KEEPING,
    MANOEUVRING,
    PhaseLaw,
    phase_of,
    phases,
    slacks,
)
from rlkit.envs.cabin.car.road import LARGEST_SLACK, headway_margin, reaction_slack
from rlkit.envs.cabin.roads.loading import (
    CITY,
    DRIVE_ROW,
    FARTHEST_GAP,
    KEEP,
    LANE_CHANGE,
    LONGEST_TIME,
    MERGE,
    MOTORWAY,
    PARKED,
    PERIOD,
    STANDSTILL,
    STEPS,
    STOP,
    TURN,
    Drives,
    load_drives,
    read_drives,
    write_drives,
)
from rlkit.envs.cabin.roads.rows import make_rows
from rlkit.envs.cabin.tabular.config import TabularCabinConfig
from studies.roads.drive_statistics import table

CONSTANTS = CabinConfig().record().view(np.recarray)[0]

SHIPPED = ("city", "motorway", "mixed")
EXACT = {CITY: (0.2492, 0.0755, 0.0779), MOTORWAY: (0.3935, 0.1259, 0.0779)}
"""The exact cabin's stationary shares: keep, following closely, manoeuvre."""
TOLERANCE = 0.04
"""How far a share of a phase, given the class of the road, may be from the exact cabin's."""
FILE_TOLERANCE = 0.06
"""The same in one file, which has only a few hundred phases."""

kinds = pytest.mark.parametrize("kind", SHIPPED)


def pairs(drives: Drives) -> tuple[np.ndarray, np.ndarray]:
    """Return every row but the first of a drive, after the row before it."""
    inner = np.ones(len(drives.rows), bool)
    inner[drives.starts[:-1]] = False
    now = np.flatnonzero(inner)
    return drives.rows[now - 1], drives.rows[now]


def test_enough_is_shipped_in_little_room() -> None:
    folder = files("rlkit.envs.cabin.roads") / "drives"

    assert sum(load_drives(kind).hours for kind in SHIPPED) >= 4.0
    assert sum(len(file.read_bytes()) for file in folder.iterdir()) < 2_000_000


@kinds
def test_rows_and_starts(kind: str) -> None:
    drives = load_drives(kind)

    assert drives.rows.dtype == DRIVE_ROW
    assert DRIVE_ROW.isalignedstruct
    assert drives.starts.dtype == np.int64
    assert drives.starts[-1] == len(drives.rows) == sum(len(drives[d]) for d in range(len(drives)))
    assert not drives.rows.flags.writeable
    assert load_drives(kind) is drives
    for name in DRIVE_ROW.names or ():
        assert np.isfinite(drives.rows[name]).all()


def test_the_default_is_mixed_and_passes_from_class_to_class() -> None:
    drives = load_drives(None)
    before, now = pairs(drives)

    assert drives is load_drives("mixed")
    for first, second in ((CITY, MOTORWAY), (MOTORWAY, CITY)):
        changes = (before["road"] == first) & (now["road"] == second)
        assert changes.sum() >= 3
        assert np.isin(now["manoeuvre"][changes], (TURN, MERGE)).all()


def test_each_class_has_its_events() -> None:
    city, motorway = load_drives("city").rows, load_drives("motorway").rows

    assert (city["road"] == CITY).all()
    assert (motorway["road"] == MOTORWAY).all()
    assert set(np.unique(city["manoeuvre"])) == {KEEP, LANE_CHANGE, TURN, STOP}
    assert set(np.unique(motorway["manoeuvre"])) == {KEEP, LANE_CHANGE, TURN, MERGE}
    assert np.median(motorway["speed"]) > 2 * np.median(city["speed"])


def test_parked_stands_still() -> None:
    drives = load_drives("parked")

    assert len(drives) == 1
    assert drives.hours == 1.0
    assert not drives.rows["speed"].any()
    assert (drives.rows["road"] == PARKED).all()
    assert (drives.rows["gap"] == FARTHEST_GAP).all()
    assert (phases(drives.rows) == KEEPING).all()
    assert (slacks(drives.rows) == LARGEST_SLACK).all()


def test_an_unknown_drive_has_a_nearest_name() -> None:
    with pytest.raises(ValueError, match=r"unknown drive 'motorwy'.*Did you mean 'motorway'"):
        load_drives("motorwy")


@kinds
def test_speed_integrates_acceleration(kind: str) -> None:
    before, now = pairs(load_drives(kind))
    change = now["speed"].astype(float) - before["speed"]

    # Speeds are stored in steps of .01 m/s, half a second's acceleration in steps of .005.
    assert np.abs(change - PERIOD * now["acceleration"]).max() <= 0.0126
    assert now["acceleration"].min() > -8.0
    assert now["acceleration"].max() < 4.0


@kinds
def test_headway_and_time_to_collision_are_those_of_the_gap(kind: str) -> None:
    rows = load_drives(kind).rows
    speed, gap = rows["speed"].astype(float), rows["gap"].astype(float)
    leader = gap < FARTHEST_GAP
    closing = speed - rows["leader_speed"]
    quick = leader & (speed * LONGEST_TIME > gap)
    closes = leader & (closing * LONGEST_TIME > gap)

    assert leader.any()
    assert (~leader).any()
    np.testing.assert_allclose(rows["headway"][quick] * speed[quick], gap[quick], rtol=1e-5)
    np.testing.assert_allclose(
        rows["time_to_collision"][closes] * closing[closes], gap[closes], rtol=1e-4
    )
    assert (rows["headway"][~quick] == LONGEST_TIME).all()
    assert (rows["time_to_collision"][~closes] == LONGEST_TIME).all()
    assert (rows["leader_speed"][~leader] == rows["speed"][~leader]).all()


@kinds
def test_gaps_integrate_the_difference_of_the_speeds(kind: str) -> None:
    before, now = pairs(load_drives(kind))
    kept = (before["manoeuvre"] == KEEP) & (now["manoeuvre"] == KEEP)
    kept &= (before["gap"] < FARTHEST_GAP) & (now["gap"] < FARTHEST_GAP)
    opening = [row["leader_speed"].astype(float) - row["speed"] for row in (before, now)]
    change = now["gap"].astype(float) - before["gap"]
    error = np.abs(change - PERIOD * (opening[0] + opening[1]) / 2)[kept]

    # What is left are other cars that cut in or leave.
    assert np.median(error) < 0.1
    assert np.mean(error < 0.5) > 0.97


@kinds
def test_nobody_crashes_and_lanes_are_kept(kind: str) -> None:
    drives = load_drives(kind)
    rows = drives.rows
    before, now = pairs(drives)
    keeps = (before["manoeuvre"] == KEEP) & (now["manoeuvre"] == KEEP)

    assert rows["gap"].min() > 0.3
    assert np.abs(rows["lateral"]).max() <= 2.1  # half of a lane of 4 m
    assert np.abs(now["lateral"] - before["lateral"])[keeps].max() < 1.0
    assert np.abs(rows["lateral"][rows["manoeuvre"] == LANE_CHANGE]).max() > 1.5


def shares(rows: np.ndarray) -> np.ndarray:
    """Return the share of each phase."""
    return np.bincount(phases(rows), minlength=3) / len(rows)


@pytest.mark.parametrize("road", [CITY, MOTORWAY])
def test_phases_are_as_frequent_as_in_the_exact_cabin(road: int) -> None:
    exact = np.array(EXACT[road]) / sum(EXACT[road])
    parts = [load_drives(kind).rows for kind in SHIPPED]
    parts = [rows[rows["road"] == road] for rows in parts]

    assert np.abs(shares(np.concatenate(parts)) - exact).max() < TOLERANCE
    for rows in parts:
        assert len(rows) == 0 or np.abs(shares(rows) - exact).max() < FILE_TOLERANCE


def test_the_classes_of_mixed_drives_are_as_frequent_as_in_the_exact_cabin() -> None:
    city = np.mean(load_drives("mixed").rows["road"] == CITY)

    assert city == pytest.approx(sum(EXACT[CITY]), abs=TOLERANCE)


@pytest.mark.parametrize("road", [CITY, MOTORWAY])
def test_margins_are_on_average_those_of_the_exact_cabin(road: int) -> None:
    calm, close, busy = TabularCabinConfig().road.margin[3 * (road - CITY) :][:3]
    rows = np.concatenate([load_drives(kind).rows for kind in SHIPPED])
    rows = rows[(rows["road"] == road) & (rows["speed"] >= STANDSTILL)]
    found, moments = phases(rows), rows.view(np.recarray)
    margins = np.array([headway_margin(CONSTANTS, moment) for moment in moments])
    means = [margins[found == phase].mean() for phase in (KEEPING, FOLLOWING, MANOEUVRING)]

    assert means == pytest.approx([calm, close, busy], abs=0.06)


def test_phase_by_hand() -> None:
    def phase(manoeuvre: int, speed: float, headway: float, collision: float) -> int:
        return phase_of(manoeuvre, speed, headway, collision, 1.9, 6.0)

    assert phase(KEEP, 30.0, 2.0, 6.1) == KEEPING
    assert phase(KEEP, 30.0, 1.8, 60.0) == FOLLOWING
    assert phase(KEEP, 30.0, 2.0, 5.9) == FOLLOWING
    assert phase(LANE_CHANGE, 30.0, 1.0, 5.0) == MANOEUVRING
    assert phase(STOP, 5.0, 60.0, 60.0) == MANOEUVRING
    assert phase(STOP, 0.0, 0.0, 60.0) == KEEPING


def test_slack_by_hand() -> None:
    # Alike speeds: the headway of 2 s less the reaction time.
    assert reaction_slack(20.0, 40.0, 20.0, 7.0, 1.25) == pytest.approx(0.75)
    # The leader stops 300 / 14 m earlier: (60 - 21.43) / 20 - 1.25.
    assert reaction_slack(20.0, 60.0, 10.0, 7.0, 1.25) == pytest.approx(0.678571, abs=1e-6)
    assert reaction_slack(20.0, 10.0, 20.0, 7.0, 1.25) == 0.0
    assert reaction_slack(20.0, FARTHEST_GAP, 20.0, 7.0, 1.25) == LARGEST_SLACK
    assert reaction_slack(0.0, 2.0, 0.0, 7.0, 1.25) == LARGEST_SLACK


def test_margin_by_hand() -> None:
    def margin(speed: float, gap: float, manoeuvre: int) -> float:
        row = np.zeros(1, DRIVE_ROW)
        row["speed"] = row["leader_speed"] = speed
        row["gap"], row["manoeuvre"] = gap, manoeuvre
        return headway_margin(CONSTANTS, row.view(np.recarray)[0])

    assert margin(13.9, 200.0, KEEP) == pytest.approx(0.9)
    assert margin(33.3, 250.0, KEEP) == pytest.approx(0.8)
    assert margin(33.3, 1.6 * 33.3, KEEP) == pytest.approx(0.35, abs=1e-5)
    assert margin(33.3, 1.6 * 33.3, LANE_CHANGE) == pytest.approx(0.15)
    assert margin(33.3, 1.35 * 33.3, LANE_CHANGE) == pytest.approx(0.1, abs=1e-5)


def test_arrays_and_scalars_agree() -> None:
    rows = load_drives("mixed").rows[:500]
    law = PhaseLaw()
    signals = [rows[name].tolist() for name in DRIVE_ROW.names or ()]
    records = [
        dict(zip(DRIVE_ROW.names or (), values, strict=True))
        for values in zip(*signals, strict=True)
    ]

    assert phases(rows).tolist() == [
        phase_of(
            r["manoeuvre"],
            r["speed"],
            r["headway"],
            r["time_to_collision"],
            law.following_headway,
            law.following_collision,
        )
        for r in records
    ]
    assert slacks(rows) == pytest.approx(
        [reaction_slack(r["speed"], r["gap"], r["leader_speed"], 7.0, 1.25) for r in records],
        abs=1e-4,
    )


def test_a_file_keeps_drives_to_a_step(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    count = 50
    rows = make_rows(
        {
            "speed": rng.uniform(0, 40, count),
            "acceleration": rng.uniform(-6, 3, count),
            "gap": np.where(rng.random(count) < 0.3, np.inf, rng.uniform(0.5, 249, count)),
            "leader_speed": rng.uniform(0, 40, count),
            "lateral": rng.uniform(-2, 2, count),
            "rain": rng.random(count),
            "manoeuvre": rng.integers(0, 5, count),
            "road": rng.integers(0, 3, count),
        }
    )
    write_drives(tmp_path / "mine.npz", Drives(rows, np.array([0, 20, count])))
    with (tmp_path / "mine.npz").open("rb") as file:
        read = read_drives(file)

    assert read.starts.tolist() == [0, 20, count]
    for name, (step, _) in STEPS.items():
        assert np.abs(read.rows[name] - rows[name].astype(float)).max() <= step / 2 + 1e-4
    assert ((read.rows["gap"] == FARTHEST_GAP) == (rows["gap"] == FARTHEST_GAP)).all()


def test_drives_are_checked() -> None:
    rows = np.zeros(4, DRIVE_ROW)

    with pytest.raises(ValueError, match="starts run from 0"):
        Drives(rows, np.array([0, 3]))
    with pytest.raises(ValueError, match="at least one row"):
        Drives(rows, np.array([0, 2, 2, 4]))
    with pytest.raises(ValueError, match="array of DRIVE_ROW"):
        Drives(np.zeros(4, [("speed", "f4")]), np.array([0, 4]))
    with pytest.raises(IndexError, match="drive 1 of 1"):
        Drives(rows, np.array([0, 4]))[1]


def test_the_readme_of_the_drives_has_their_table() -> None:
    readme = (files("rlkit.envs.cabin.roads") / "drives" / "README.md").read_text("utf-8")

    assert table({kind: load_drives(kind) for kind in SHIPPED}) in readme
