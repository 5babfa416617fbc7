"""What drives are like, as the table in their README."""

from collections.abc import Callable, Mapping

import numpy as np

from rlkit.envs.cabin.car.phases import PHASES, phases, slacks
from rlkit.envs.cabin.roads.rows import MANOEUVRES, PERIOD, ROADS, STANDSTILL, Drives, Rows

Measure = Callable[[Rows], str]


def table(recorded: Mapping[str, Drives]) -> str:
    """Return a Markdown table: a column for each kind of drive on each class of road."""
    columns = {
        f"{kind}: {ROADS[road]}": drives.rows[drives.rows["road"] == road]
        for kind, drives in recorded.items()
        for road in np.unique(drives.rows["road"])
    }
    lines = [["", *columns], ["---"] * (len(columns) + 1)]
    lines += [[name, *map(measure, columns.values())] for name, measure in MEASURES.items()]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def phase_shares(rows: Rows) -> list[float]:
    """Return the share of each phase of `PHASES`."""
    return [float(share) for share in np.bincount(phases(rows), minlength=len(PHASES)) / len(rows)]


def _phase(code: int) -> Measure:
    return lambda rows: f"{phase_shares(rows)[code]:.3f}"


def _manoeuvre(code: int) -> Measure:
    return lambda rows: f"{np.mean(rows['manoeuvre'] == code):.3f}"


def _quantiles(name: str, levels: tuple[float, ...]) -> Measure:
    def measure(rows: Rows) -> str:
        moving = rows[rows["speed"] >= STANDSTILL]
        return " / ".join(f"{value:.1f}" for value in np.quantile(moving[name], levels))

    return measure


def _slack(code: int) -> Measure:
    def measure(rows: Rows) -> str:
        chosen = rows[(phases(rows) == code) & (rows["speed"] >= STANDSTILL)]
        return f"{np.median(slacks(chosen)):.2f}"

    return measure


def _length(code: int) -> Measure:
    def measure(rows: Rows) -> str:
        inside = np.concatenate([[False], phases(rows) == code])
        runs = int((inside[1:] & ~inside[:-1]).sum())
        return f"{inside.sum() * PERIOD / max(runs, 1):.1f}"

    return measure


MEASURES: dict[str, Measure] = {
    "hours": lambda rows: f"{len(rows) * PERIOD / 3600:.2f}",
    **{f"share of {word}": _manoeuvre(code) for code, word in enumerate(MANOEUVRES)},
    **{f"share of the phase {word}": _phase(code) for code, word in enumerate(PHASES)},
    **{f"mean length of the phase {word} [s]": _length(code) for code, word in enumerate(PHASES)},
    "share standing": lambda rows: f"{np.mean(rows['speed'] < STANDSTILL):.3f}",
    "speed, 5 / 50 / 95 % [m/s]": _quantiles("speed", (0.05, 0.5, 0.95)),
    "headway, 5 / 25 / 50 % [s]": _quantiles("headway", (0.05, 0.25, 0.5)),
    "time to collision, 1 / 5 / 25 % [s]": _quantiles("time_to_collision", (0.01, 0.05, 0.25)),
    **{f"median slack, {word} [s]": _slack(code) for code, word in enumerate(PHASES)},
    "share with rain": lambda rows: f"{np.mean(rows['rain'] > 0):.3f}",
}
"""Rows of the table; quantiles are of the moving car, 60 s stands for anything longer."""
