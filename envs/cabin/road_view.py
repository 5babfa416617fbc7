"""The road from behind the wheel: lanes, leader, manoeuvre, city or motorway."""

import math
from functools import lru_cache

import pygame

from rlkit.envs.cabin.scene import CabinScene
from rlkit.envs.view import kit

LANES = 3
ASPHALT = (52, 56, 64)
DASH = 9.0
"""Length of a lane mark and of its gap, each [m]."""
FAR = 160.0
"""How far the road is drawn [m]."""
CAMERA_HEIGHT = 1.5
LANE_WIDTH = 3.6


def draw_road(surface: pygame.Surface, area: pygame.Rect, scene: CabinScene) -> None:
    """Draw the road into `area`."""
    size = (area.width, area.height)
    picture = _background(size, scene.motorway).copy()
    shift = _lane_shift(scene)
    _marks(picture, scene, shift)
    _traffic(picture, scene, shift)
    _bonnet(picture, scene)
    surface.blit(picture, area)
    surface.blit(_corners(size), area)
    pygame.draw.rect(surface, kit.EDGE, area, width=1, border_radius=14)


def speed_of(scene: CabinScene) -> float:
    """Return the speed that is shown [m/s]."""
    return 33.3 if scene.motorway else 13.9


def project(size: tuple[int, int], side: float, ahead: float) -> tuple[float, float, float]:
    """Return (x, y, pixels per metre) of a point `side` [m] to the right and `ahead` [m]."""
    focal = size[1] * 0.95
    scale = focal / max(ahead, 0.5)
    return size[0] / 2 + side * scale, size[1] * 0.42 + CAMERA_HEIGHT * scale, scale


def _lane_shift(scene: CabinScene) -> float:
    """Return how far the car is off its lane [m]: a manoeuvre swings to the next and back."""
    if scene.phase != "manoeuvre":
        return 0.0
    return LANE_WIDTH * 0.5 * (1 - math.cos(scene.clock * 2 * math.pi / 6.0))


@lru_cache(maxsize=4)
def _corners(size: tuple[int, int]) -> pygame.Surface:
    """Return what rounds the picture off: the background outside of a rounded rectangle."""
    cover = pygame.Surface(size, pygame.SRCALPHA)
    cover.fill(kit.BACKGROUND)
    pygame.draw.rect(cover, (0, 0, 0, 0), cover.get_rect(), border_radius=14)
    return cover


@lru_cache(maxsize=8)
def _background(size: tuple[int, int], motorway: bool) -> pygame.Surface:
    horizon = round(size[1] * 0.42)
    picture = pygame.Surface(size)
    sky = [(22, 32, 58), (52, 70, 110), (126, 120, 140)]
    picture.blit(kit.gradient((size[0], horizon), sky), (0, 0))
    ground = [(38, 50, 44), (26, 36, 32)] if motorway else [(46, 48, 54), (32, 34, 40)]
    picture.blit(kit.gradient((size[0], size[1] - horizon), ground), (0, horizon))
    if motorway:
        for k in range(3):
            base = [(size[0] * t / 40, horizon - _hill(t, k)) for t in range(41)]
            shade = kit.blend((40, 54, 70), (30, 46, 44), k / 2)
            pygame.draw.polygon(picture, shade, [(0, horizon), *base, (size[0], horizon)])
    else:
        for k in range(26):
            width = 22 + (k * 37) % 34
            height = 30 + (k * 53) % 90
            block = pygame.Rect(k * size[0] // 26, horizon - height, width, height)
            pygame.draw.rect(picture, kit.blend((34, 42, 58), (54, 62, 82), (k % 3) / 2), block)
            for row in range(block.y + 8, horizon - 8, 12):
                for column in range(block.x + 5, block.right - 5, 9):
                    if (row * 7 + column * 13 + k) % 5 < 2:
                        picture.fill((226, 196, 120), (column, row, 3, 4))
    edge = LANES * LANE_WIDTH / 2 + 0.6
    near, far = 1.2, FAR
    corners = [
        project(size, s, d)[:2] for s, d in ((-edge, far), (edge, far), (edge, near), (-edge, near))
    ]
    pygame.draw.polygon(picture, ASPHALT, corners)
    return picture


def _hill(t: int, layer: int) -> float:
    return (
        14
        + 16 * (2 - layer) * (1 + math.sin(t * 0.35 + layer * 2.1)) / 2
        + 6 * math.sin(t * 0.9 + layer)
    )


def _marks(picture: pygame.Surface, scene: CabinScene, shift: float) -> None:
    size = picture.get_size()
    travelled = scene.clock * speed_of(scene)
    for lane in range(LANES + 1):
        side = (lane - LANES / 2) * LANE_WIDTH - shift
        solid = lane in {0, LANES}
        start = 1.2 if solid else -(travelled % (2 * DASH))
        while start < FAR:
            stop = FAR if solid else start + DASH
            begin, end = max(start, 1.2), min(stop, FAR)
            if end > begin:
                _stripe(picture, size, side, begin, end)
            start = stop if solid else start + 2 * DASH


def _stripe(
    picture: pygame.Surface, size: tuple[int, int], side: float, begin: float, end: float
) -> None:
    x0, y0, s0 = project(size, side, begin)
    x1, y1, s1 = project(size, side, end)
    w0, w1 = max(0.07 * s0, 0.6), max(0.07 * s1, 0.6)
    shape = [(x0 - w0, y0), (x0 + w0, y0), (x1 + w1, y1), (x1 - w1, y1)]
    pygame.draw.polygon(picture, (226, 230, 236), shape)


def _traffic(picture: pygame.Surface, scene: CabinScene, shift: float) -> None:
    """Draw the leader in the own lane and two cars beside, the far ones first."""
    gap = {"following": 13.0, "manoeuvre": 30.0}.get(scene.phase, 46.0)
    sway = 1.5 * math.sin(scene.clock * 0.7)
    left = 70 + 50 * math.sin(scene.clock * 0.21)
    right = 55 + 40 * math.sin(scene.clock * 0.17 + 2)
    cars = [
        (left, -LANE_WIDTH - shift, (120, 132, 150)),
        (right, LANE_WIDTH - shift, (150, 96, 92)),
        (gap + sway, -shift, (196, 202, 212)),
    ]
    for ahead, side, colour in sorted(cars, reverse=True):
        _car(picture, side, ahead, colour, braking=scene.phase == "following")


def _car(
    picture: pygame.Surface, side: float, ahead: float, colour: kit.Colour, *, braking: bool
) -> None:
    x, y, scale = project(picture.get_size(), side, ahead)
    width, height = 1.8 * scale, 1.35 * scale
    body = pygame.Rect(
        round(x - width / 2), round(y - height * 0.72), round(width), round(height * 0.55)
    )
    cabin = pygame.Rect(
        round(x - width * 0.38), round(y - height), round(width * 0.76), round(height * 0.45)
    )
    shadow = pygame.Rect(
        round(x - width * 0.55), round(y - height * 0.2), round(width * 1.1), round(height * 0.25)
    )
    pygame.draw.ellipse(picture, (30, 32, 38), shadow)
    pygame.draw.rect(
        picture, kit.blend(colour, (0, 0, 0), 0.25), cabin, border_radius=max(2, round(scale * 0.2))
    )
    glass = cabin.inflate(-round(width * 0.12), -round(height * 0.14))
    pygame.draw.rect(picture, (40, 52, 70), glass, border_radius=max(2, round(scale * 0.12)))
    pygame.draw.rect(picture, colour, body, border_radius=max(2, round(scale * 0.15)))
    light = kit.RED if braking else (170, 50, 48)
    for place in (body.x + body.width * 0.06, body.right - body.width * 0.26):
        lamp = pygame.Rect(
            round(place),
            round(body.y + body.height * 0.25),
            max(2, round(body.width * 0.2)),
            max(2, round(body.height * 0.28)),
        )
        pygame.draw.rect(picture, light, lamp, border_radius=2)


def _bonnet(picture: pygame.Surface, scene: CabinScene) -> None:
    """Draw the own bonnet, and the indicator in a manoeuvre."""
    width, height = picture.get_size()
    top = height - 46
    shape = [
        (width * 0.18, height),
        (width * 0.27, top + 12),
        (width * 0.4, top),
        (width * 0.6, top),
        (width * 0.73, top + 12),
        (width * 0.82, height),
    ]
    pygame.draw.polygon(picture, (30, 38, 52), shape)
    pygame.draw.aalines(picture, (84, 100, 128), False, shape)
    if scene.phase == "manoeuvre" and scene.clock % 1.0 < 0.6:
        x, y = round(width * 0.5) + 60, top + 24
        pygame.draw.polygon(picture, kit.GREEN, [(x, y - 9), (x + 18, y), (x, y + 9)])
