"""The laws of driving at single moments: noise, demand and risk, outside the simulator."""

from functools import cache
from typing import Any

import numpy as np

from rlkit.envs.cabin.car import laws
from rlkit.envs.cabin.car.constants import CabinConfig
from rlkit.envs.cabin.car.vehicle import noise_level
from rlkit.envs.cabin.roads.loading import DRIVE_ROW, FARTHEST_GAP, LANE_CHANGE, LONGEST_TIME
from rlkit.envs.cabin.state.acts import ACT_WIDTH
from rlkit.envs.cabin.state.record import CAR, as_records
from rlkit.envs.cabin.state.tables import FAN_SOURCE, VOLUME_SOURCE, WINDOW_SOURCE, Tables
from studies.calibration.rides import scenario

CITY, MOTORWAY = 13.9, 33.3
"""Speeds of the exact cabin [m/s]."""
NEAR = CabinConfig().road.near_headway
"""Headway of following closely [s]."""
PHASES: dict[str, dict[str, Any]] = {
    "keep": {},
    "following": {"headway": NEAR},
    "manoeuvre": {"manoeuvre": LANE_CHANGE},
}
"""The signals that make the phases of the exact cabin's road."""


def record(config: CabinConfig) -> Any:
    """Return the constants with their names as attributes, as kernels read them."""
    return config.record().view(np.recarray)[0]


def moment(speed: float, **signals: Any) -> Any:
    """Return a moment of the road: by default a free lane in dry weather.

    A headway puts a leader of the same speed at its gap.
    """
    row = np.zeros(1, DRIVE_ROW)
    free = {"headway": 10.0, "time_to_collision": LONGEST_TIME, "gap": FARTHEST_GAP}
    if "headway" in signals:
        free["gap"] = signals["headway"] * speed
    same = {"speed": speed, "leader_speed": speed}
    for name, value in {**free, **same, **signals}.items():
        row[name] = value
    return row.view(np.recarray)[0]


def noise(
    config: CabinConfig,
    speed: float,
    window: float = 0.0,
    fan: float = 0.0,
    music: float = 0.0,
    rain: float = 0.0,
) -> float:
    """Return the noise at the microphone [dB(A)].

    Args:
        config: The constants.
        speed: In m/s.
        window: How far one window is open, in [0, 1].
        fan: Strength in [0, 1].
        music: Its volume in [0, 1].
        rain: In [0, 1].
    """
    tables = _tables(config)
    car = np.zeros(1, CAR).view(np.recarray)[0]
    strengths = {WINDOW_SOURCE: window, FAN_SOURCE: fan, VOLUME_SOURCE: music}
    for place, kind in enumerate(tables.signals):
        # The first signal of each source has the strength; a second window stays closed.
        strength = strengths.pop(kind.source, 0.0)
        car.signals[place] = kind.lowest + strength * (kind.highest - kind.lowest)
    return float(noise_level(tables, car, moment(speed, rain=rain)))


def error(config: CabinConfig, level: float) -> float:
    """Return the error rate at a noise level [dB(A)]."""
    law = config.laws
    return float(laws.error_rate(level, law.quiet_noise, law.quiet_error, law.error_slope))


def act(kind: int, slot: int | None = None) -> Any:
    """Return a dialogue act with at most one item."""
    made = np.zeros(ACT_WIDTH, np.int16)
    made[0] = kind
    if slot is not None:
        made[1], made[2] = 1, slot
    return made


@cache
def _tables(config: CabinConfig) -> Tables:
    """Return the tables so that plain Python reads their fields as attributes."""
    tables: Any = scenario(config).tables
    return Tables(*(as_records(a) for a in tables))
