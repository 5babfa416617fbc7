"""A row of dials: demand, load, risk, noise, mishearing, mood, patience, as far as known."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import pygame

from rlkit.envs.cabin.dashboard.scene import CabinScene
from rlkit.envs.view import kit, shapes

QUIET, LOUD = 45.0, 85.0
"""The dial of the noise runs between these levels [dB(A)]."""
WORST_ERROR = 0.5
"""An error rate that fills its dial."""
WORST_RISK = 6.0
"""Seconds at risk that fill their dial [s]."""
DIAMETER = 84
"""Of a dial [px]."""
INNER = 64
"""Room for the number in a dial [px]."""


class Gauge(NamedTuple):
    """One dial, rounded to what can be seen.

    Attributes:
        name: What it shows.
        share: How far it is filled, in [0, 1].
        number: In its middle.
        unit: Under the number.
        alarm: How bad that is, in [0, 1].
    """

    name: str
    share: float
    number: str
    unit: str
    alarm: float


def gauges_of(scene: CabinScene) -> tuple[Gauge, ...]:
    """Return the dials that the scene has numbers for."""
    return tuple(_gauges(scene))


def _gauges(scene: CabinScene) -> Iterator[Gauge]:
    driver, demand = scene.driver, scene.road.demand
    if demand is not None:
        yield Gauge("Demand", _rounded(demand), f"{demand:.2f}", "of 1", _rounded(demand))
    if driver.load is not None:
        load = _rounded(driver.load)
        yield Gauge("Load", load, f"{load:.2f}", "of 1", load)
    if driver.risk is not None:
        share = _rounded(driver.risk / WORST_RISK)
        last = driver.risk_now
        unit = "s" if last is None else f"{kit.signed(last, int(last < 10))} s"
        yield Gauge("At risk", share, f"{driver.risk:.{int(driver.risk < 100)}f}", unit, share)
    if scene.noise is not None:
        share = _rounded((scene.noise - QUIET) / (LOUD - QUIET))
        yield Gauge("Noise", share, f"{scene.noise:.0f}", "dB(A)", share)
    if scene.error_rate is not None:
        share = _rounded(scene.error_rate / WORST_ERROR)
        yield Gauge("Mishears", share, f"{scene.error_rate:.0%}", "", share)
    if driver.mood is not None:
        mood = _rounded(driver.mood)
        yield Gauge("Mood", mood, f"{mood:.2f}", "of 1", 1 - mood)
    left, of = driver.patience
    if of:
        yield Gauge("Patience", left / of, f"{left}", f"of {of}", 1 - left / of)


def _rounded(share: float) -> float:
    return round(min(max(share, 0.0), 1.0), 2)


@lru_cache(maxsize=64)
def gauge_panel(size: tuple[int, int], gauges: tuple[Gauge, ...]) -> pygame.Surface:
    """Return the row of dials."""
    surface = pygame.Surface(size, depth=32)
    surface.fill(kit.BACKGROUND)
    surface.blit(shapes.rounded(size, shapes.RADIUS, kit.PANEL, kit.EDGE), (0, 0))
    for k, gauge in enumerate(gauges):
        _gauge(surface, gauge, (2 * k + 1) * size[0] // (2 * len(gauges)))
    return surface


def _gauge(surface: pygame.Surface, gauge: Gauge, middle: int) -> None:
    image = shapes.dial(DIAMETER, gauge.share, kit.alarm(gauge.alarm))
    surface.blit(image, (middle - DIAMETER // 2, 7))
    number = kit.fitted(gauge.number, INNER, 19, bold=True)
    kit.text(surface, number, (middle, 31), size=19, bold=True, align="middle")
    place = (middle, 55)
    unit = kit.fitted(gauge.unit, INNER - 10, kit.SMALL)
    kit.text(surface, unit, place, size=kit.SMALL, colour=kit.MUTED, align="middle")
    kit.text(surface, gauge.name, (middle, 79), size=kit.SMALL, align="middle")
