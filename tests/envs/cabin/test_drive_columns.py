"""The header of a user's CSV: units and spellings that load, and what is said about the rest."""

import re
from pathlib import Path

import pytest

from rlkit.envs.cabin.roads.columns import NAMES, NUMBERS, read_heading
from tests.envs.cabin.roads import fault, load

UNITS = {
    "time": {"s": 1, "ms": 1e-3, "us": 1e-6, "min": 60},
    "speed": {"m/s": 1, "km/h": 1 / 3.6, "kph": 1 / 3.6, "mph": 0.44704, "kn": 0.514444},
    "acceleration": {"m/s^2": 1, "m/s2": 1, "m/s²": 1, "m s-2": 1, "g": 9.80665, "ft/s2": 0.3048},
    "headway": {"s": 1, "ms": 1e-3},
    "time_to_collision": {"s": 1, "ms": 1e-3},
    "lateral": {"m": 1, "cm": 0.01, "ft": 0.3048},
    "rain": {"0 ... 1": 1, "%": 0.01},
    "gap": {"m": 1, "ft": 0.3048, "km": 1000},
    "leader_speed": {"m/s": 1, "km/h": 1 / 3.6, "ft/s": 0.3048},
}
"""What one of each unit is in the column's own."""


@pytest.mark.parametrize("name", UNITS)
@pytest.mark.parametrize("spelling", ["{name} [{unit}]", "{name} ({unit})", "{name}_{unit}"])
def test_a_unit_in_the_header_is_converted(tmp_path: Path, name: str, spelling: str) -> None:
    own = {"time": 0.5, "rain": 0.1, "gap": 12.0, "headway": 1.5, "acceleration": -0.5}.get(name, 6)
    for unit, factor in UNITS[name].items():
        columns = {"time": [0.0, 0.5, 1.0], "speed": [6.0] * 3, "gap": [12.0] * 3}
        columns[name] = [0.0, 0.5, 1.0] if name == "time" else [own] * 3
        header = [spelling.format(name=n, unit=unit) if n == name else n for n in columns]
        columns[name] = [number / factor for number in columns[name]]
        rows = [",".join(map(repr, row)) for row in zip(*columns.values(), strict=True)]
        converted = f"'{name}' was converted from" if factor != 1 else "no column"
        with pytest.warns(UserWarning, match=converted) as said:
            drives = load(tmp_path, "\n".join([",".join(header), *rows]))
        assert ("converted" in str(said[0].message)) == (factor != 1)

        assert len(drives.rows) == 3
        if name != "time":
            assert drives.rows[name] == pytest.approx(own)


@pytest.mark.parametrize(
    "header",
    [
        *[
            "speed_ms",
            "speed_mps",
            "speed_m/s",
            "speed m/s",
            "speed in m/s",
            "Speed[m/s]",
            "v (m/s)",
        ],
        *["'speed' [m/s]", "speed {m/s}", "speed (metres per second)", "velocity", "speed.m/s"],
    ],
)
def test_spellings_of_a_speed(tmp_path: Path, header: str) -> None:
    with pytest.warns(UserWarning, match="no column") as said:
        drives = load(tmp_path, f"t (s),{header}\n0,10\n0.5,10\n")

    assert drives.rows["speed"].tolist() == [10, 10]
    assert "converted" not in str(said[0].message)


def test_what_our_pages_print_as_a_header_loads(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    page = (root / "docs" / "drives.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `(\w+)` \| ([^|]*?) \|", page, re.MULTILINE)
    shown = [f"{name} [{unit}]" for name, unit in table if name in NAMES]
    shown += [f"{name} ({unit})" for name, unit in table if name in NAMES]
    shown += [code for code in re.findall(r"`([^`\n]+)`", page) if code.startswith(tuple(NUMBERS))]
    readme = (root / "envs" / "cabin" / "roads" / "drives" / "README.md").read_text("utf-8")
    quantities = re.findall(r"^\| ([a-z ]+), [\d/ ]+% (\[.*?\]) \|", readme, re.MULTILINE)
    assert len(quantities) == 3
    shown += [f"{name} {unit}" for name, unit in quantities]
    for text in ("time\n0\n", "speed\n0\n"):
        shown += re.findall(r"no column (.*?);", fault(tmp_path, text))
    shown += re.findall(r"as in '(.*?)'", fault(tmp_path, "time,speed\n0,1\n9,1\n"))
    for column in ("time,speed\n0,150\n", "time,speed,rain\n0,1,80\n", "time,speed\n2e12,1\n"):
        shown += re.findall(r"name the column '(.*?)'", fault(tmp_path, column))

    assert {"speed [m/s]", "'speed' [m/s]", "rain [%]", "time [ms]", "gap (m)"} <= {*shown}
    words = {"manoeuvre": "keep", "road": "city"}
    for header in shown:
        heading = read_heading(header)
        assert heading is not None, header
        name = heading.name
        cells = {"time": "0", "speed": "1"} | {name: words.get(name, "0")}
        line = ",".join(header if column == name else column for column in cells)
        short = fault(tmp_path, f"{line}\n{','.join(cells.values())}\n")
        assert "a drive has at least two rows" in short, header


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("speed [s]", "'s' is no unit of 'speed'"),
        (
            "speed [furlongs]",
            "'furlongs' is no unit of 'speed'; convert it. Known: m/s, km/h",
        ),
        ("headway [m]", "a distance to the leader is called 'gap'"),
        ("gap_s", "a time to the leader is called 'headway'"),
        ("acceleration_ms", "'ms' is no unit of 'acceleration'; convert it. Known: m/s2"),
        ("speed_limit", "unknown column 'speed_limit'. Take it out"),
        ("vehicle_speed", "unknown column 'vehicle_speed'. Take it out"),
        ("headwy", "unknown column 'headwy'. Did you mean 'headway'?"),
        ("rpm,load", "unknown columns 'rpm', 'load'; take out what a drive does not have"),
        ("", "a column has no name"),
    ],
)
def test_headers_of_something_else(tmp_path: Path, header: str, words: str) -> None:
    said = fault(tmp_path, f"time,{header},speed\n0,1,1\n")

    assert words in said
    assert "milliseconds" not in said.partition("Known")[0]


def test_a_fault_in_a_converted_column_says_so(tmp_path: Path) -> None:
    said = fault(tmp_path, "time,speed_kmh\n0,300\n0.5,300\n")

    assert "300 km/h, 83.3333 is outside of 0 ... 70 [m/s]" in said
    assert "'speed' was converted from km/h" in said
    assert "is it km/h" not in said
