"""Motion between two decisions: scenes that lead smoothly from one to the next."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from rlkit.envs.cabin.dashboard import FPS
from rlkit.envs.cabin.dashboard.scene import (
    LANE_WIDTH,
    LANES,
    Actuators,
    CabinScene,
    Driver,
    Road,
    Vehicle,
)

LONGEST = 8.0
"""An act is shown for at most so many seconds, longer ones faster [s]."""
LEAD = 0.85
"""How early in its part of the time a new line appears, in [0, 1]."""
HELD = 2.0
"""The end of an episode stands for so long [s]."""


def frames(
    before: CabinScene,
    now: CabinScene,
    fps: int = FPS,
    road: Callable[[float], Road] | None = None,
) -> Iterator[CabinScene]:
    """Yield the scenes from one decision (left out) to the next (the last one), in real time.

    Args:
        before: The scene at the decision.
        now: The scene after the act.
        fps: Frames per second.
        road: The road at any time [s], where it is known better than by its two ends.
    """
    count = max(round(min(now.clock - before.clock, LONGEST) * fps), 1)
    for k in range(1, count + 1):
        yield between(before, now, k / count, road)
    if now.outcome is not None:
        yield from [now] * round(HELD * fps)


def between(
    before: CabinScene,
    now: CabinScene,
    fraction: float,
    road: Callable[[float], Road] | None = None,
) -> CabinScene:
    """Return the scene at a fraction in [0, 1] of the way; 0 gives `before`, 1 gives `now`.

    What can be measured moves evenly. New lines of the conversation appear one after the other,
    then what follows from them: belief, reward, outcome. `road` is that of `frames`.
    """
    if fraction <= 0.0:
        return before
    if fraction >= 1.0:
        return now
    lines = _new_lines(before, now)
    come = math.floor(fraction * (lines + 1) + LEAD)
    scene = now if come > lines else replace(now, **_consequences(before))
    clock = _mix(before.clock, now.clock, fraction)
    if road is None:
        way = _road(before.road, now.road, now.clock - before.clock, fraction)
    else:
        way = road(clock)
    return replace(
        scene,
        clock=clock,
        road=way,
        driver=_driver(before.driver, now.driver, fraction),
        noise=_mix_known(before.noise, now.noise, fraction),
        error_rate=_mix_known(before.error_rate, now.error_rate, fraction),
        conversation=now.conversation[: len(now.conversation) - max(lines - come, 0)],
        actuators=_actuators(before.actuators, now.actuators, fraction),
    )


def _consequences(scene: CabinScene) -> dict[str, Any]:
    """Return the fields that change only when all has been said."""
    names = ("beliefs", "act", "terms", "total", "outcome", "success")
    return {name: getattr(scene, name) for name in names}


def _new_lines(before: CabinScene, now: CabinScene) -> int:
    """Return how many lines are new.

    Earlier ones may have been dropped at the top; the last one may have been put differently.
    """
    old, lines = before.conversation, now.conversation
    for kept in range(min(len(old), len(lines)), 0, -1):
        if old[-kept:-1] == lines[: kept - 1] and (kept > 1 or old[-1:] == lines[:1]):
            return len(lines) - kept
    return len(lines)


def _road(before: Road, now: Road, seconds: float, fraction: float) -> Road:
    if before.kind != now.kind:
        return now
    side = _mix(_side(before), _side(now), _eased(fraction))
    lane = min(max(round(side / LANE_WIDTH), 0), LANES[now.kind] - 1)
    return replace(
        now,
        speed=_mix(before.speed, now.speed, fraction),
        travelled=_way(before, now, seconds, fraction),
        lane=lane,
        offset=side - lane * LANE_WIDTH,
        gap=_mix(before.gap, now.gap, fraction),
        headway=_mix(before.headway, now.headway, fraction),
        time_to_collision=_mix(before.time_to_collision, now.time_to_collision, fraction),
        traffic=_traffic(before.traffic, now.traffic, fraction),
        rain=_mix(before.rain, now.rain, fraction),
        demand=_mix_known(before.demand, now.demand, fraction),
    )


def _side(road: Road) -> float:
    """Return where the car is across the road, to the right of the leftmost lane [m]."""
    return road.lane * LANE_WIDTH + road.offset


def _way(before: Road, now: Road, seconds: float, fraction: float) -> float:
    """Return the way [m] on a cubic that meets both speeds, or evenly if that would go back."""
    total = now.travelled - before.travelled
    start, end = before.speed * seconds, now.speed * seconds
    if seconds <= 0.0 or max(start, end) > 3 * total:  # else it is monotone (Fritsch 1980)
        return _mix(before.travelled, now.travelled, fraction)
    rest = 1.0 - fraction
    return before.travelled + fraction * (
        rest * rest * start + fraction * (3.0 - 2.0 * fraction) * total - fraction * rest * end
    )


def _traffic(
    before: tuple[Vehicle, ...], now: tuple[Vehicle, ...], fraction: float
) -> tuple[Vehicle, ...]:
    """Return the vehicles of `now` on their way; one that is new is where it is."""
    places = {vehicle.name: vehicle for vehicle in before}
    return tuple(
        replace(
            vehicle,
            ahead=_mix(places[vehicle.name].ahead, vehicle.ahead, fraction),
            speed=_mix(places[vehicle.name].speed, vehicle.speed, fraction),
        )
        if vehicle.name in places
        else vehicle
        for vehicle in now
    )


def _driver(before: Driver, now: Driver, fraction: float) -> Driver:
    return replace(
        now,
        load=_mix_known(before.load, now.load, fraction),
        risk=_mix_known(before.risk, now.risk, fraction),
        mood=_mix_known(before.mood, now.mood, fraction),
    )


def _actuators(
    before: Actuators | None, now: Actuators | None, fraction: float
) -> Actuators | None:
    """Return windows and sunroof on their way; everything else is set at once."""
    if before is None or now is None:
        return now
    windows = {
        zone: round(_mix(before.windows.get(zone, opening), opening, fraction))
        for zone, opening in now.windows.items()
    }
    return replace(now, windows=windows, sunroof=_mix_known(before.sunroof, now.sunroof, fraction))


def _mix(before: float, now: float, fraction: float) -> float:
    """Return what lies between two numbers; the second if one of them is infinite."""
    if not (math.isfinite(before) and math.isfinite(now)):
        return now
    return before + (now - before) * fraction


def _mix_known(before: float | None, now: float | None, fraction: float) -> float | None:
    return now if before is None or now is None else _mix(before, now, fraction)


def _eased(fraction: float) -> float:
    """Return a fraction that starts and ends gently."""
    return fraction * fraction * (3.0 - 2.0 * fraction)
