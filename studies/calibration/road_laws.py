"""The laws of the road in numbers, beside the literature and the exact cabin."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from rlkit.arrays import Floats
from rlkit.envs.cabin.car import laws
from rlkit.envs.cabin.car.constants import CabinConfig
from rlkit.envs.cabin.car.road import risk_now, road_demand
from rlkit.envs.cabin.tabular import config as exact
from rlkit.envs.cabin.tabular.tables import Tables, risk_profile
from studies.calibration.moments import CITY, MOTORWAY, PHASES, error, moment, noise, record

DEFAULTS = CabinConfig()
EXACT = exact.TabularCabinConfig()
PLACES = [
    (f"{road}, {phase}", speed, phase)
    for road, speed in (("city", CITY), ("motorway", MOTORWAY))
    for phase in PHASES
]
"""The roads of the exact cabin, in its order: name, speed [m/s], phase."""
DEMANDS = {"yes/no": 1.7, "short answer": 2.3, "choice or correction": 3.0}
"""Dialogue demand on the AAA scale."""
ANCHORS = {"parked": 0.05, "city": 0.15, "motorway": 0.30}
"""Error rates to aim at: quiet and parked, in the city, on the motorway with fan or window."""
REACTION = {2.3: 0.25, 3.0: 0.40, 4.0: 0.40}
"""Rise of the reaction time [s] in the literature (Caird 2008; AAA 2013-2015)."""
RESIDUE = (15.0, 27.0)
"""How long the load lasts after a task [s] (AAA 2015)."""


@dataclass(frozen=True)
class Hearing:
    """A situation in which the microphone listens."""

    name: str
    noise: float
    """In dB(A)."""
    error: float
    """Error rate."""
    anchor: float | None = None
    """What the error rate should be about."""


def hearing() -> list[Hearing]:
    """Return the error rate in the car as it may be set, and the anchors."""
    situations: list[tuple[str, float, dict[str, float], float | None]] = [
        ("parked, everything off", 0.0, {}, ANCHORS["parked"]),
        ("city, windows closed, everything off", CITY, {}, None),
        ("city, fan or music at medium", CITY, {"fan": 0.6}, ANCHORS["city"]),
        ("city, a window half open", CITY, {"window": 0.5}, ANCHORS["city"]),
        ("city, a window open", CITY, {"window": 1.0}, None),
        ("motorway, windows closed, everything off", MOTORWAY, {}, None),
        ("motorway, fan at its highest", MOTORWAY, {"fan": 1.0}, ANCHORS["motorway"]),
        ("motorway, loudest music", MOTORWAY, {"music": 1.0}, None),
        ("motorway, heavy rain", MOTORWAY, {"rain": 1.0}, None),
        ("motorway, a window half open", MOTORWAY, {"window": 0.5}, ANCHORS["motorway"]),
        ("motorway, a window open", MOTORWAY, {"window": 1.0}, ANCHORS["motorway"]),
    ]
    found = []
    for name, speed, setting, anchor in situations:
        level = noise(DEFAULTS, speed, **setting)
        found.append(Hearing(name, level, error(DEFAULTS, level), anchor))
    return found


@cache
def largest_fall() -> float:
    """Return the largest fall of the noise [dB(A)] from one speed to a higher one, 0 for none."""
    levels = [noise(DEFAULTS, speed) for speed in np.arange(0.0, 40.0, 0.1)]
    return float(max(0.0, -np.diff(levels).min()))


def risk(place: int, demand: float, load: float) -> tuple[float, float]:
    """Return the risk by the second at one of `PLACES`, here and in the exact cabin."""
    _, speed, phase = PLACES[place]
    here = risk_now(record(DEFAULTS), moment(speed, **PHASES[phase]), demand, load)
    return float(here), float(risk_profile(EXACT, demand)[0, place, int(load)])


def answer(place: int, load: float) -> tuple[float, float]:
    """Return P(answer) at one of `PLACES`, here and in the exact cabin."""
    _, speed, phase = PLACES[place]
    law = DEFAULTS.laws
    demand = road_demand(record(DEFAULTS), moment(speed, **PHASES[phase])) + law.load_demand * load
    here = laws.answer_probability(demand, law.answer_midpoint, law.answer_slope)
    return float(here), float(_exact_answers()[place, int(load)])


def residue(demand: float, later: float, time_constant: float | None = None) -> float:
    """Return the load residue some seconds after a turn of 5 s at a dialogue demand."""
    tau = time_constant or DEFAULTS.laws.residue_time
    return float(laws.load_after(1.0, laws.load_after(demand, 0.0, 5.0, tau), later, tau))


def time_constant() -> float:
    """Return the time [s] in which silence takes the load residue to 1/e, as the law has it."""
    tau = DEFAULTS.laws.residue_time
    return -10.0 / math.log(laws.load_after(1.0, 1.0, 10.0, tau))


def _exact_answers() -> Floats:
    return Tables.build(EXACT).answer
