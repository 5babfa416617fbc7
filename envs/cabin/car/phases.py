"""What whole drives are like: the phases of the exact cabin's road, and the slack of each row."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import compiled, shared
from rlkit.envs.cabin.car.constants import RoadLaws
from rlkit.envs.cabin.car.road import in_manoeuvre, reaction_slack
from rlkit.envs.cabin.roads.rows import STANDSTILL, Rows

KEEPING, FOLLOWING, MANOEUVRING = range(3)
PHASES = ("keep", "following", "manoeuvre")


@dataclass(frozen=True)
class PhaseLaw:
    """Limits that tell following closely from keeping the lane."""

    following_headway: float = 1.9
    """A leader nearer than this is followed closely [s] (assumption: about two seconds, where the
    shipped drives have the exact cabin's shares and margins)."""
    following_collision: float = 6.0
    """So is one that would be reached sooner than this [s] (assumption)."""


@shared
def phase_of(
    manoeuvre: int,
    speed: float,
    headway: float,
    time_to_collision: float,
    following_headway: float,
    following_collision: float,
) -> int:
    """Return the phase of the road: `KEEPING`, `FOLLOWING` or `MANOEUVRING`.

    A car that stands keeps its lane, whatever it waits for. A moving one is in a manoeuvre while
    the drive says so (braking to a stop and starting again too); else it follows closely if
    headway or time to collision is below its limit.

    Args:
        manoeuvre: Code of the drive, `KEEP` ... `STOP`.
        speed: Own speed [m/s].
        headway: Time headway [s].
        time_to_collision: Time to collision [s].
        following_headway: Limit of the headway [s].
        following_collision: Limit of the time to collision [s].
    """
    if speed < STANDSTILL:
        return KEEPING
    if in_manoeuvre(manoeuvre, speed):
        return MANOEUVRING
    if headway < following_headway or time_to_collision < following_collision:
        return FOLLOWING
    return KEEPING


def phases(rows: Rows, law: PhaseLaw | None = None) -> NDArray[np.uint8]:
    """Return the phase of every row, shape (N,)."""
    law = law or PhaseLaw()
    codes = np.empty(len(rows), np.uint8)
    _phases(rows, law.following_headway, law.following_collision, codes)
    return codes


def slacks(rows: Rows, law: RoadLaws | None = None) -> NDArray[np.float64]:
    """Return the reaction slack of every row [s], shape (N,)."""
    law = law or RoadLaws()
    times = np.empty(len(rows))
    _slacks(rows, law.braking, law.reaction, times)
    return times


@compiled
def _phases(
    rows: Rows, following_headway: float, following_collision: float, codes: NDArray[np.uint8]
) -> None:
    for index in range(len(rows)):
        row = rows[index]
        codes[index] = phase_of(
            row.manoeuvre,
            row.speed,
            row.headway,
            row.time_to_collision,
            following_headway,
            following_collision,
        )


@compiled
def _slacks(rows: Rows, braking: float, reaction: float, times: NDArray[np.float64]) -> None:
    for index in range(len(rows)):
        row = rows[index]
        times[index] = reaction_slack(row.speed, row.gap, row.leader_speed, braking, reaction)
