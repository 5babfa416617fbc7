"""The road from behind the own car: lanes, traffic, the gap ahead, rain, city or motorway."""

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import pygame

from rlkit.envs.cabin.dashboard.scene import LANE_WIDTH, LANES, CabinScene, Road, Vehicle
from rlkit.envs.view import kit, landscape, shapes
from rlkit.envs.view.camera import CAR_LENGTH, EGO_AHEAD, FAR, NEAR, Camera
from rlkit.envs.view.vehicles import draw_car

FINE = 2
"""The road is drawn so many times too large and scaled down."""
DASHES = {"motorway": (6.0, 18.0), "city": (3.0, 9.0), "parked": (3.0, 9.0)}
"""Length of a lane mark, and from one to the next [m]."""
FOLLOW = 0.45
"""Share of a move to the side that the camera takes part in."""
KERB = 0.7
"""A parked car stands so far to the right in its lane [m]."""
ASPHALT_FAR, ASPHALT_NEAR = (74, 76, 90), (42, 45, 53)
PAINT: kit.Colour = (224, 228, 236)
EGO: kit.Colour = (58, 112, 188)
OTHERS: tuple[kit.Colour, ...] = (
    (148, 66, 66),
    (118, 132, 120),
    (92, 100, 116),
    (150, 128, 92),
    (196, 203, 214),
)
"""Colours of the other cars, by their name."""
NEAREST = 3.0
"""A car nearer to the camera is below the picture [m]."""
LEADER = -1
"""Name of a leader that the traffic does not have."""
GAP_STEP = 2.5
"""Spacing of the bars that show the gap [m]."""
CLOSE, NEAR_MISS = 1.0, 4.0
"""A headway and a time to collision below which the gap is red [s]."""
BLINK = 0.8
"""Period of the indicator [s]."""
RAIN_LEVELS = 4
STREAKS = 420
"""Streaks of the heaviest rain."""


class Car(NamedTuple):
    """A car to draw: distance from the camera [m], place to the side [m], and looks."""

    ahead: float
    side: float
    colour: kit.Colour
    braking: bool = False
    signal: str = ""
    hatchback: bool = False


def draw_road(surface: pygame.Surface, area: pygame.Rect, scene: CabinScene) -> None:
    """Draw the road into `area` of a surface."""
    road, clock = scene.road, scene.clock
    size = (area.width * FINE, area.height * FINE)
    side = round(FOLLOW * ego_side(road), 2)
    camera = Camera(*size, side=side)
    picture = _canvas(size)
    picture.blit(_still(size, road.kind, side, round(road.rain * RAIN_LEVELS)), (0, 0))
    _dashes(picture, camera, road)
    landscape.roadside(picture, camera, road.kind == "motorway", road.travelled)
    _gap(picture, camera, road)
    for car in sorted(cars_of(road, clock), reverse=True):
        if NEAREST <= car.ahead <= FAR:
            _draw_car(picture, camera, car)
    _rain(picture, road, clock)
    surface.blit(pygame.transform.smoothscale(picture, area.size), area)
    _frame(surface, area)


def ego_side(road: Road) -> float:
    """Return where the own car is, to the right of the middle of lane 1 [m]."""
    kerb = KERB if road.kind == "parked" else 0.0
    return (road.lane - 1) * LANE_WIDTH + road.offset + kerb


def alarming(road: Road) -> kit.Colour:
    """Return red for a dangerous gap, amber in a manoeuvre, else green."""
    if road.headway < CLOSE or road.time_to_collision < NEAR_MISS:
        return kit.RED
    return kit.GREEN if road.manoeuvre == "keep" else kit.AMBER


def vehicles_of(road: Road) -> tuple[Vehicle, ...]:
    """Return the traffic, and a leader at `gap` if the traffic has none."""
    if _leader(road) is not None or not math.isfinite(road.gap):
        return road.traffic
    return (*road.traffic, Vehicle(LEADER, road.gap, road.lane))


def colour_of(vehicle: Vehicle) -> kit.Colour:
    """Return the colour of a vehicle."""
    return OTHERS[vehicle.name % len(OTHERS)]


def _leader(road: Road) -> Vehicle | None:
    """Return the next vehicle ahead in the own lane, if the traffic has one."""
    ahead = [car for car in road.traffic if car.lane == road.lane and car.ahead > -CAR_LENGTH]
    return min(ahead, key=lambda car: car.ahead, default=None)


def cars_of(road: Road, clock: float) -> Iterator[Car]:
    """Yield every car that is seen, in no order."""
    signal = road.signal if clock % BLINK < BLINK * 0.55 else ""
    stops = road.manoeuvre == "stop"
    yield Car(EGO_AHEAD, ego_side(road), EGO, stops, signal, hatchback=True)
    leader = _leader(road)
    closing = road.time_to_collision < 2 * NEAR_MISS
    for vehicle in vehicles_of(road):
        side = (vehicle.lane - 1) * LANE_WIDTH
        braking = closing and (vehicle is leader or vehicle.name == LEADER)
        colour, hatchback = colour_of(vehicle), vehicle.name % 2 == 0
        yield Car(_from_camera(vehicle.ahead), side, colour, braking, hatchback=hatchback)


def _from_camera(ahead: float) -> float:
    """Return how far from the camera a car is whose rear is `ahead` of the own front [m]."""
    return EGO_AHEAD + CAR_LENGTH + ahead


@lru_cache(maxsize=2)
def _canvas(size: tuple[int, int]) -> pygame.Surface:
    """Return a surface to draw on; every picture covers all of it."""
    return pygame.Surface(size, depth=32)


@lru_cache(maxsize=8)
def _still(size: tuple[int, int], kind: str, side: float, rain: int) -> pygame.Surface:
    """Return what does not move: sky, land, asphalt and the edges of the road."""
    camera = Camera(*size, side=side)
    picture = landscape.background(size, kind == "motorway").copy()
    if rain:
        grey = pygame.Surface(size, pygame.SRCALPHA)
        grey.fill((52, 58, 70, 40 * rain))
        picture.blit(grey, (0, 0))
    _asphalt(picture, camera, kind, rain)
    return picture


def _edges(kind: str) -> tuple[float, float]:
    """Return the left and the right edge of the road, from the middle of lane 1 [m]."""
    return -1.5 * LANE_WIDTH, (LANES[kind] - 1.5) * LANE_WIDTH


def _asphalt(picture: pygame.Surface, camera: Camera, kind: str, rain: int) -> None:
    """Draw the road in slices that fade into the distance; wet it shines a little."""
    left, right = _edges(kind)
    shoulder = 1.3 if kind == "motorway" else 0.25
    stops = [NEAR * (FAR / NEAR) ** (k / 24) for k in range(25)]
    wet = 0.07 * rain
    for begin, end in zip(stops[-2::-1], stops[:0:-1], strict=True):
        fade = (begin / FAR) ** 0.6
        colour = kit.blend(ASPHALT_NEAR, ASPHALT_FAR, fade)
        colour = kit.blend(colour, (112, 124, 150), wet * (1 - fade) + wet * 0.4)
        edge = kit.blend((120, 124, 134), landscape.HAZE, fade)
        if kind != "motorway":
            kerbs = camera.strip(left - 0.6, right + 0.6, begin, end)
            pygame.draw.polygon(picture, kit.blend(colour, edge, 0.6), kerbs)
        strip = camera.strip(left - shoulder, right + shoulder, begin, end)
        pygame.draw.polygon(picture, colour, strip)
    if kind == "motorway":
        for side in (left, right):
            solid = camera.strip(side - 0.09, side + 0.09, NEAR, FAR)
            pygame.draw.polygon(picture, PAINT, solid)


def _dashes(picture: pygame.Surface, camera: Camera, road: Road) -> None:
    """Draw the marks between the lanes where the way that was driven has brought them."""
    left, _ = _edges(road.kind)
    length, every = DASHES[road.kind]
    for k in range(1, LANES[road.kind]):
        side = left + k * LANE_WIDTH
        start = -(road.travelled % every)
        while start < FAR:
            if start + length > NEAR:
                mark = camera.strip(side - 0.08, side + 0.08, start, start + length)
                pygame.draw.polygon(picture, landscape.hazy(PAINT, max(start, NEAR)), mark)
            start += every


def _gap(picture: pygame.Surface, camera: Camera, road: Road) -> None:
    """Draw bars on the lane between the own car and the leader, unless it is changing lanes."""
    shown = 1.0 - min(abs(road.offset) / 0.9, 1.0)
    if shown <= 0 or road.gap >= FAR:
        return
    side = (road.lane - 1) * LANE_WIDTH
    red = alarming(road)
    at = EGO_AHEAD + CAR_LENGTH + 1.5
    while at < min(_from_camera(road.gap) - 0.8, 75.0):
        asphalt = kit.blend(ASPHALT_NEAR, ASPHALT_FAR, (at / FAR) ** 0.6)
        colour = kit.blend(asphalt, red, shown * (0.62 - 0.4 * at / 75.0))
        bar = camera.strip(side - 0.85, side + 0.85, at, at + 0.5 + at / 90)
        pygame.draw.polygon(picture, colour, bar)
        at += GAP_STEP


def _draw_car(picture: pygame.Surface, camera: Camera, car: Car) -> None:
    own = car.ahead == EGO_AHEAD and car.colour == EGO
    draw_car(
        picture,
        camera.at(car.side, car.ahead),
        camera.scale(car.ahead),
        car.colour if own else landscape.hazy(car.colour, car.ahead * 0.7),
        braking=car.braking,
        signal=car.signal,
        hatchback=car.hatchback,
    )


@lru_cache(maxsize=1)
def _streaks() -> tuple[tuple[float, float, float, kit.Colour], ...]:
    """Return each streak of rain: place (x, y) over the picture, nearness, colour; all hashed."""
    streaks = []
    for k in range(STREAKS):
        near = 0.4 + 0.6 * landscape.hashed(k, 3)
        colour = kit.blend((92, 102, 122), (158, 168, 186), near)
        streaks.append((landscape.hashed(k, 5), landscape.hashed(k, 7), near, colour))
    return tuple(streaks)


def _rain(picture: pygame.Surface, road: Road, clock: float) -> None:
    """Draw falling streaks, the more slanted the faster the car."""
    width, height = picture.get_size()
    slant = 0.25 + road.speed / 40.0
    for x, y, near, colour in _streaks()[: round(STREAKS * road.rain)]:
        foot = (y + clock * (0.9 + near)) % 1.0 * 1.1 * height
        long = 46 * near
        away = (x - 0.5) * slant * long
        head = (x * width, foot - long)
        pygame.draw.line(picture, colour, head, (head[0] + away, foot), 2)


@lru_cache(maxsize=4)
def _shade(width: int) -> pygame.Surface:
    """Return what darkens the sky under the words."""
    shade = pygame.Surface((width, 90), pygame.SRCALPHA)
    for y in range(90):
        shade.fill((8, 10, 18, round(170 * (1 - y / 90))), (0, y, width, 1))
    return shade


@lru_cache(maxsize=4)
def _corners(size: tuple[int, int]) -> tuple[pygame.Surface, ...]:
    """Return the four rounded corners with their edge, clockwise from the upper left."""
    radius = shapes.RADIUS
    large = pygame.Surface((size[0] * 4, size[1] * 4), pygame.SRCALPHA)
    large.fill((*kit.BACKGROUND, 255))
    inside = large.get_rect()
    pygame.draw.rect(large, (*kit.EDGE, 255), inside, border_radius=radius * 4)
    clear = inside.inflate(-8, -8)
    pygame.draw.rect(large, (*kit.EDGE, 0), clear, border_radius=radius * 4 - 4)
    whole = pygame.transform.smoothscale(large, size)
    right, low = size[0] - radius, size[1] - radius
    places = ((0, 0), (right, 0), (right, low), (0, low))
    return tuple(whole.subsurface((*place, radius, radius)).copy() for place in places)


def _frame(surface: pygame.Surface, area: pygame.Rect) -> None:
    """Round the corners, draw an edge, and shade the sky under the words."""
    surface.blit(_shade(area.width), area)
    pygame.draw.rect(surface, kit.EDGE, area, width=1)
    radius = shapes.RADIUS
    right, low = area.right - radius, area.bottom - radius
    places = (area.topleft, (right, area.y), (right, low), (area.x, low))
    for corner, place in zip(_corners(area.size), places, strict=True):
        surface.blit(corner, place)
