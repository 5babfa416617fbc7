"""The benchmark beside PyDial's own dialogues, on PyDial's real domains.

Domains and dialogues are not part of this project: they lie in `pydial/` of the folder that the
environment variable `RLKIT_DATA` names. `pydial-dialogues.json` has success and turns of each
dialogue of PyDial's handcrafted policy by domain, condition and seed, and each of PyDial's seeds
has its own table of confusions.
"""

import json
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from math import hypot, sqrt
from pathlib import Path

import numpy as np

from rlkit.arrays import Floats
from rlkit.envs.cabin.ontology.loading import load_ontology
from rlkit.envs.cabin.scenario.dialogue_tables import Settings, compile_tables
from rlkit.envs.cabin.state.temper import DRIVERS
from rlkit.registration import CONDITIONS
from rlkit.scripts.common import command
from rlkit.statistics import Estimate
from studies.calibration.dialogues import Dialogues, by_table, play

FOLDER = "RLKIT_DATA"
"""Environment variable that names the folder of the data."""
DOMAINS = {"CR": "CamRestaurants", "SFR": "SFRestaurants", "LAP": "Laptops11"}
MEASURES = ("success", "reward", "turns")
Z = 1.959963984540054
"""Quantile of the normal distribution for 95 %."""


@dataclass(frozen=True)
class Comparison:
    """One measure of one cell, ours and PyDial's; success in percent."""

    cell: str
    """Domain and condition, such as "CR-3"."""
    measure: str
    ours: Estimate
    """The mean over tables of confusions."""
    pydial: Estimate
    """The mean over PyDial's dialogues."""

    @property
    def agrees(self) -> bool:
        """Whether the difference may be chance: within both 95 % intervals together."""
        if self.ours.mean < self.pydial.mean:
            reach = hypot(self.pydial.mean - self.pydial.low, self.ours.high - self.ours.mean)
        else:
            reach = hypot(self.pydial.high - self.pydial.mean, self.ours.mean - self.ours.low)
        return abs(self.ours.mean - self.pydial.mean) <= reach


@dataclass
class BesidePyDial:
    """Compare the handcrafted policy with PyDial's own dialogues on its real domains."""

    tables: int = 24
    """Tables of confusions a cell, 2 or more: `confusion_seed` 0 and after."""
    dialogues: int = 1500
    """Dialogues a table and cell."""

    def main(self) -> None:
        """Measure and print a line a cell."""
        found = list(compared(data_folder(), self.tables, self.dialogues))
        for one in found:
            verdict = "agrees" if one.agrees else "differs"
            print(f"{one.cell:6} {one.measure:8} {_text(one.ours)} {_text(one.pydial)} {verdict}")
        print(f"{sum(one.agrees for one in found)} of {len(found)} agree (ours, then PyDial's)")


def data_folder() -> Path:
    """Return the folder of PyDial's domains and dialogues.

    Raises:
        ValueError: If the environment variable names none.
    """
    folder = Path(os.environ.get(FOLDER, "")) / "pydial"
    if FOLDER not in os.environ or not folder.is_dir():
        raise ValueError(f"set {FOLDER} to the folder that has PyDial's data in pydial/")
    return folder


def compared(folder: Path, tables: int, dialogues: int) -> Iterator[Comparison]:
    """Yield every measure of every cell, with 95 % intervals that include tables of confusions."""
    cells = json.loads((folder / "pydial-dialogues.json").read_text("utf-8"))["cells"]
    for cell, by_seed in cells.items():
        played = _play(folder, cell, tables, dialogues)
        seeds = [np.array(one, np.float64) for one in by_seed.values()]
        for measure in MEASURES:
            ours = by_table(played, measure)
            # Eight or ten seeds hardly show how much tables differ; ours are more, and larger.
            own = np.mean([_column(_pairs(one), measure).var() for one in played])
            between = max(float(ours.var(ddof=1) - own / dialogues), 0.0)
            theirs = _column(np.concatenate(seeds), measure)
            reach = Z * float(ours.std(ddof=1)) / sqrt(tables)
            mean = float(ours.mean())
            yield Comparison(
                cell,
                measure,
                Estimate(mean, mean - reach, mean + reach),
                _interval(theirs, measure, Z * sqrt(between / len(seeds))),
            )


def wilson(share: float, count: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share, which has a width where all succeed, too."""
    centre = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    reach = sqrt(share * (1 - share) / count + (Z / (2 * count)) ** 2) * Z / (1 + Z**2 / count)
    return centre - reach, centre + reach


def _interval(values: Floats, measure: str, between: float) -> Estimate:
    """Return the mean of dialogues; `between` is what tables add to the reach of its interval."""
    mean, count = float(values.mean()), len(values)
    if measure == "success":
        low, high = (100.0 * end for end in wilson(mean / 100.0, count))
    else:
        reach = Z * float(values.std(ddof=1)) / sqrt(count)
        low, high = mean - reach, mean + reach
    return Estimate(mean, mean - hypot(mean - low, between), mean + hypot(high - mean, between))


def _play(folder: Path, cell: str, tables: int, dialogues: int) -> list[Dialogues]:
    """Return our dialogues of a cell, by table."""
    name, _, number = cell.partition("-")
    error_rate, masks, user = CONDITIONS[int(number) - 1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # some of PyDial's places share their name
        domain = load_ontology(folder / f"{DOMAINS[name]}.yaml")
    settings = [
        Settings(error_rate=error_rate, masks=masks, driver=DRIVERS[user], confusion_seed=seed)
        for seed in range(tables)
    ]
    return [
        play(compile_tables(domain, one), dialogues, one.confusion_seed, cell) for one in settings
    ]


def _pairs(played: Dialogues) -> Floats:
    """Return success and turns, `(N, 2)`, as PyDial's dialogues are told."""
    return np.stack([played.success, played.turns], axis=1)


def _column(pairs: Floats, measure: str) -> Floats:
    """Return a measure of dialogues `(N, 2)`, success in percent."""
    success, turns = pairs[:, 0], pairs[:, 1]
    columns = {"success": 100.0 * success, "reward": 20.0 * success - turns, "turns": turns}
    return columns[measure]


def _text(estimate: Estimate) -> str:
    return f"{estimate.mean:6.2f} [{estimate.low:6.2f}, {estimate.high:6.2f}]"


if __name__ == "__main__":
    raise SystemExit(command(BesidePyDial))
