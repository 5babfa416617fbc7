"""The phases of the exact cabin's road read from a drive, and the slack behind a leader."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import compiled, shared
from rlkit.envs.cabin.car.constants import RoadLaws
from rlkit.envs.cabin.roads.rows import KEEP, STANDSTILL, Rows

KEEPING, FOLLOWING, MANOEUVRING = range(3)
PHASES = ("keep", "following", "manoeuvre")
LARGEST_SLACK = 10.0
"""Cap of the reaction slack [s]; that of a car that stands."""


@dataclass(frozen=True)
class PhaseLaw:
    """Limits that tell following closely from keeping the lane."""

    following_headway: float = 1.9
    """A leader nearer than this is followed closely [s] (assumption: about two seconds, where the
    shipped drives have the exact cabin's shares and margins)."""
    following_collision: float = 6.0
    """So is one that would be reached sooner than this [s] (assumption)."""


@shared
def in_manoeuvre(manoeuvre: int, speed: float) -> bool:
    """Return whether a moving car changes lanes, merges, turns, stops or starts again."""
    return bool(manoeuvre != KEEP and speed >= STANDSTILL)


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


@shared
def reaction_slack(
    speed: float, gap: float, leader_speed: float, braking: float, reaction: float
) -> float:
    """Return how much later than usual [s] the driver may brake when the leader brakes hard.

    Both brake with the same deceleration to a standstill, so the driver must react within
    (gap + (v_leader^2 - v^2) / (2 braking)) / v seconds; the usual reaction time goes off.

    Args:
        speed: Own speed [m/s].
        gap: Bumper to bumper [m].
        leader_speed: Speed of the leader [m/s].
        braking: Deceleration of both [m/s2].
        reaction: Reaction time of a driver who does nothing else [s].

    Returns:
        0 ... `LARGEST_SLACK`.
    """
    if speed < STANDSTILL:
        return LARGEST_SLACK
    distance = gap + (leader_speed * leader_speed - speed * speed) / (2.0 * braking)
    return min(max(distance / speed - reaction, 0.0), LARGEST_SLACK)


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
