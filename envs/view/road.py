"""The road from behind the own car: lanes, traffic, the gap ahead, city or motorway."""

import math
from dataclasses import dataclass
from functools import lru_cache

import pygame

from rlkit.envs.view import kit, landscape, shapes
from rlkit.envs.view.camera import CAR_LENGTH, EGO_AHEAD, FAR, NEAR, Camera
from rlkit.envs.view.vehicles import draw_car

FINE = 2
"""The road is drawn so many times too large and scaled down."""
LANE = 3.6
"""Width of a lane [m]."""
LANES = {True: (-1.5, 1.5), False: (-1.5, 0.5)}
"""Left and right edge of the road, in lanes from the middle of the own one, by motorway."""
DASHES = {True: (6.0, 18.0), False: (3.0, 9.0)}
"""Length of a lane mark, and from one to the next [m]."""
FOLLOW = 0.45
"""Share of a lane change that the camera takes part in."""
ASPHALT_FAR, ASPHALT_NEAR = (74, 76, 90), (42, 45, 53)
PAINT: kit.Colour = (224, 228, 236)
EGO: kit.Colour = (58, 112, 188)
LEADER: kit.Colour = (196, 203, 214)
GAP_STEP = 2.5
"""Spacing of the bars that show the gap [m]."""


@dataclass(frozen=True)
class RoadPicture:
    """One moment on the road.

    Attributes:
        motorway: Class of the road; else city.
        clock: Seconds since the start; it moves the other cars.
        travelled: Way of the own car so far [m]; it moves the road.
        gap: To the leader, bumper to bumper [m]; infinite for none.
        lateral: How far the own car is in the lane to its left, 0 to 1.
        signal: The indicator that is lit: "left", "right" or "".
        braking: Whether the leader brakes.
        gap_colour: Of the bars that show the gap.
    """

    motorway: bool
    clock: float
    travelled: float
    gap: float
    lateral: float = 0.0
    signal: str = ""
    braking: bool = False
    gap_colour: kit.Colour = kit.GREEN


def draw_road(surface: pygame.Surface, area: pygame.Rect, road: RoadPicture) -> None:
    """Draw the road into `area` of a surface."""
    size = (area.width * FINE, area.height * FINE)
    camera = Camera(*size, side=-FOLLOW * road.lateral * LANE)
    picture = _canvas(size)
    picture.blit(landscape.background(size, road.motorway), (0, 0))
    _asphalt(picture, camera, road.motorway)
    _marks(picture, camera, road.motorway, road.travelled)
    landscape.roadside(picture, camera, road.motorway, road.travelled)
    _gap(picture, camera, road)
    _traffic(picture, camera, road)
    small = pygame.transform.smoothscale(picture, area.size)
    small.blit(_cover(area.size), (0, 0))
    surface.blit(small, area)


@lru_cache(maxsize=2)
def _canvas(size: tuple[int, int]) -> pygame.Surface:
    """Return a surface to draw on; every picture covers all of it."""
    return pygame.Surface(size, depth=32)


@lru_cache(maxsize=4)
def _cover(size: tuple[int, int]) -> pygame.Surface:
    """Return what goes over the road: rounded corners, an edge, and shade under the words."""
    cover = pygame.Surface(size, pygame.SRCALPHA)
    for y in range(90):
        cover.fill((8, 10, 18, round(170 * (1 - y / 90))), (0, y, size[0], 1))
    large = pygame.Surface((size[0] * 4, size[1] * 4), pygame.SRCALPHA)
    large.fill((*kit.BACKGROUND, 255))
    inside = large.get_rect()
    pygame.draw.rect(large, (*kit.EDGE, 255), inside, border_radius=shapes.RADIUS * 4)
    clear = inside.inflate(-8, -8)
    pygame.draw.rect(large, (*kit.EDGE, 0), clear, border_radius=shapes.RADIUS * 4 - 4)
    cover.blit(pygame.transform.smoothscale(large, size), (0, 0))
    return cover


def _leader_at(road: RoadPicture) -> float:
    """Return how far the rear of the leader is from the camera [m]."""
    return EGO_AHEAD + CAR_LENGTH + max(road.gap, 0.0)


def _asphalt(picture: pygame.Surface, camera: Camera, motorway: bool) -> None:
    """Draw the road in slices that fade into the distance."""
    left, right = (LANE * edge for edge in LANES[motorway])
    shoulder = 1.3 if motorway else 0.25
    stops = [NEAR * (FAR / NEAR) ** (k / 24) for k in range(25)]
    for begin, end in zip(stops[-2::-1], stops[:0:-1], strict=True):
        fade = (begin / FAR) ** 0.6
        colour = kit.blend(ASPHALT_NEAR, ASPHALT_FAR, fade)
        edge = kit.blend((120, 124, 134), landscape.HAZE, fade)
        if not motorway:
            kerbs = camera.strip(left - 0.6, right + 0.6, begin, end)
            pygame.draw.polygon(picture, kit.blend(colour, edge, 0.6), kerbs)
        strip = camera.strip(left - shoulder, right + shoulder, begin, end)
        pygame.draw.polygon(picture, colour, strip)


def _marks(picture: pygame.Surface, camera: Camera, motorway: bool, travelled: float) -> None:
    left, right = LANES[motorway]
    length, every = DASHES[motorway]
    if motorway:
        for side in (left * LANE, right * LANE):
            solid = camera.strip(side - 0.09, side + 0.09, NEAR, FAR)
            pygame.draw.polygon(picture, PAINT, solid)
    for k in range(1, round(right - left)):
        side = (left + k) * LANE
        start = -(travelled % every)
        while start < FAR:
            if start + length > NEAR:
                mark = camera.strip(side - 0.08, side + 0.08, start, start + length)
                pygame.draw.polygon(picture, landscape.hazy(PAINT, max(start, NEAR)), mark)
            start += every


def _gap(picture: pygame.Surface, camera: Camera, road: RoadPicture) -> None:
    """Draw bars on the lane between the own car and the leader, unless it is changing lanes."""
    shown = 1.0 - min(abs(road.lateral) / 0.25, 1.0)
    if shown <= 0:
        return
    at = EGO_AHEAD + CAR_LENGTH + 1.5
    while at < min(_leader_at(road) - 0.8, 75.0):
        fade = shown * (0.62 - 0.4 * at / 75.0)
        colour = kit.blend(
            kit.blend(ASPHALT_NEAR, ASPHALT_FAR, (at / FAR) ** 0.6), road.gap_colour, fade
        )
        pygame.draw.polygon(picture, colour, camera.strip(-0.85, 0.85, at, at + 0.5 + at / 90))
        at += GAP_STEP


def _traffic(picture: pygame.Surface, camera: Camera, road: RoadPicture) -> None:
    """Draw every car, the far ones first."""
    side = -road.lateral * LANE
    cars: list[tuple[float, float, kit.Colour, bool, str, bool]] = [
        (EGO_AHEAD, side, EGO, False, road.signal, True),
        (_leader_at(road), 0.0, LEADER, road.braking, "", False),
    ]
    for ahead, place, colour, hatchback in _others(road):
        cars.append((ahead, place, colour, False, "", hatchback))
    for ahead, place, colour, braking, signal, hatchback in sorted(cars, reverse=True):
        if NEAR <= ahead <= FAR:
            draw_car(
                picture,
                camera.at(place, ahead),
                camera.scale(ahead),
                landscape.hazy(colour, ahead * 0.7) if ahead > EGO_AHEAD else colour,
                braking=braking,
                signal=signal,
                hatchback=hatchback,
            )


def _others(road: RoadPicture) -> list[tuple[float, float, kit.Colour, bool]]:
    """Return the other cars: distance, side, colour, shape. The lane to the left stays clear."""
    clock = road.clock
    cars: list[tuple[float, float, kit.Colour, bool]] = [
        (88 + 34 * math.sin(clock * 0.16 + 0.5), -LANE, (148, 66, 66), True)
    ]
    if road.motorway:
        for k, colour in enumerate(((118, 132, 120), (92, 100, 116))):
            cars.append((130 - (clock * 4.5 + 75 * k + 40) % 150, LANE, colour, k == 1))
    return cars
