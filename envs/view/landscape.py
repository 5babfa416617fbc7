"""What stands beside the road: hills and trees on the motorway, houses and lamps in the city."""

import math
from collections.abc import Iterator
from functools import lru_cache

import pygame

from rlkit.envs.view import kit
from rlkit.envs.view.camera import FAR, HORIZON, NEAR, Camera

SKY = ((16, 22, 42), (34, 46, 82), (84, 86, 124), (188, 142, 128))
GRASS = ((44, 58, 54), (28, 40, 36), (22, 32, 30))
PAVING = ((52, 56, 66), (40, 43, 51), (33, 36, 43))
HAZE: kit.Colour = (98, 96, 118)
"""What far things fade to."""
LIT: kit.Colour = (246, 206, 132)

TREE_EVERY, POST_EVERY, LAMP_EVERY, HOUSE_EVERY = 13.0, 25.0, 30.0, 22.0
"""Spacing along the road [m]."""
SEEN_HOUSES = 150.0
"""Houses are drawn up to so far [m]; the skyline stands behind them."""


def hashed(number: int, salt: int = 0) -> float:
    """Return a number in [0, 1) that depends on its arguments only."""
    mixed = (number * 2654435761 + salt * 40503 + 12345) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 2246822519) & 0xFFFFFFFF
    return ((mixed ^ (mixed >> 13)) & 0xFFFF) / 65536


def hazy(colour: kit.Colour, ahead: float) -> kit.Colour:
    """Return a colour as it looks from a distance [m]."""
    return kit.blend(colour, HAZE, 0.75 * min(ahead / FAR, 1.0) ** 0.8)


@lru_cache(maxsize=8)
def background(size: tuple[int, int], motorway: bool) -> pygame.Surface:
    """Return sky, far land and ground: what does not move."""
    width, height = size
    horizon = round(height * HORIZON)
    picture = pygame.Surface(size, depth=32)
    picture.blit(kit.gradient((width, horizon), SKY), (0, 0))
    ground = GRASS if motorway else PAVING
    picture.blit(kit.gradient((width, height - horizon), ground), (0, horizon))
    if motorway:
        _hills(picture, horizon)
    else:
        _skyline(picture, horizon)
    return picture


def _hills(picture: pygame.Surface, horizon: int) -> None:
    width, height = picture.get_size()
    shades: tuple[kit.Colour, ...] = ((86, 84, 112), (60, 66, 90), (40, 52, 62))
    for layer, shade in enumerate(shades):
        tall = height * (0.115 - 0.035 * layer)
        line = []
        for k in range(121):
            x = k / 120
            wave = math.sin(x * (7 + 3 * layer) + 2.1 * layer) + 0.5 * math.sin(
                x * (17 + 5 * layer) + layer
            )
            line.append((x * width, horizon - tall * (0.62 + 0.25 * wave)))
        pygame.draw.polygon(picture, shade, [(0, horizon), *line, (width, horizon)])


def _skyline(picture: pygame.Surface, horizon: int) -> None:
    width, height = picture.get_size()
    for layer, shade in enumerate(((80, 80, 108), (50, 56, 80))):
        x = 0.0
        k = 0
        while x < width:
            block = width * (0.025 + 0.03 * hashed(k, 3 + layer))
            tall = height * (0.10 + 0.17 * hashed(k, 7 + layer)) * (1.0 - 0.35 * layer)
            area = pygame.Rect(round(x), round(horizon - tall), round(block), round(tall) + 1)
            pygame.draw.rect(picture, shade, area)
            if layer == 1:
                _windows(picture, area, k)
            x += block * (0.92 + 0.3 * hashed(k, 11))
            k += 1


def _windows(picture: pygame.Surface, area: pygame.Rect, salt: int) -> None:
    step = 15
    for row, y in enumerate(range(area.y + 12, area.bottom - 10, step)):
        for column, x in enumerate(range(area.x + 8, area.right - 10, step)):
            if hashed(row * 31 + column, salt) < 0.3:
                picture.fill((206, 176, 122), (x, y, 6, 7))


def roadside(picture: pygame.Surface, camera: Camera, motorway: bool, travelled: float) -> None:
    """Draw what passes by, the far things first; `travelled` [m] moves it."""
    if motorway:
        _rails(picture, camera)
        for ahead, number in _spaced(TREE_EVERY, travelled, FAR):
            _trees(picture, camera, ahead, number)
        for ahead, _ in _spaced(POST_EVERY, travelled, 140.0):
            _posts(picture, camera, ahead)
    else:
        for ahead, number in _spaced(HOUSE_EVERY, travelled, SEEN_HOUSES, first=-HOUSE_EVERY):
            _houses(picture, camera, ahead, number)
        for ahead, _ in _spaced(LAMP_EVERY, travelled, FAR):
            _lamps(picture, camera, ahead)


def _spaced(
    every: float, travelled: float, until: float, first: float = NEAR
) -> Iterator[tuple[float, int]]:
    """Yield (distance ahead [m], number) of things so far apart, the far ones first."""
    low, high = math.ceil((travelled + first) / every), math.floor((travelled + until) / every)
    for number in range(high, low - 1, -1):
        yield number * every - travelled, number


def _trees(picture: pygame.Surface, camera: Camera, ahead: float, number: int) -> None:
    for sign in (-1, 1):
        if hashed(number, sign + 5) < 0.35:
            continue
        side = sign * (11.5 + 9 * hashed(number, sign + 9))
        tall = 5 + 5 * hashed(number, sign + 21)
        x, y = camera.at(side, ahead)
        scale = camera.scale(ahead)
        colour = hazy(kit.blend((24, 46, 42), (34, 60, 48), hashed(number, sign + 2)), ahead)
        for low, high, wide in ((0.1, 0.6, 0.27), (0.35, 0.82, 0.21), (0.6, 1.0, 0.14)):
            half = wide * tall * scale
            shape = [
                (x - half, y - low * tall * scale),
                (x + half, y - low * tall * scale),
                (x, y - high * tall * scale),
            ]
            pygame.draw.polygon(picture, colour, shape)


def _rails(picture: pygame.Surface, camera: Camera) -> None:
    """Draw the guard rails; they look the same everywhere."""
    for side in (-7.2, 7.2):
        for low, high, colour in ((0.45, 0.80, (104, 110, 124)), (0.62, 0.70, (142, 148, 162))):
            shape = [
                camera.at(side, NEAR, low),
                camera.at(side, NEAR, high),
                camera.at(side, FAR, high),
                camera.at(side, FAR, low),
            ]
            pygame.draw.polygon(picture, colour, shape)


def _posts(picture: pygame.Surface, camera: Camera, ahead: float) -> None:
    """Draw a pair of delineator posts with reflectors."""
    scale = camera.scale(ahead)
    for side in (-6.7, 6.7):
        x, y = camera.at(side, ahead)
        post = pygame.Rect(0, 0, max(0.14 * scale, 1), max(1.0 * scale, 2))
        post.midbottom = round(x), round(y)
        pygame.draw.rect(picture, hazy((222, 224, 228), ahead), post)
        mark = pygame.Rect(post.x, round(y - 0.82 * scale), post.width, max(0.2 * scale, 1))
        pygame.draw.rect(picture, (255, 176, 96), mark)


def _houses(picture: pygame.Surface, camera: Camera, ahead: float, number: int) -> None:
    """Draw one house on each side: the wall along the road and, if it shows, the one across."""
    begin, end = max(ahead, NEAR), ahead + HOUSE_EVERY - 1.5
    if end <= NEAR:
        return
    for sign, side in ((-1, -10.5), (1, 7.2)):
        tall = 8 + 15 * hashed(number, sign + 31)
        tint = kit.blend((50, 52, 66), (68, 60, 66), hashed(number, sign + 41))
        wall = [
            camera.at(side, begin),
            camera.at(side, begin, tall),
            camera.at(side, end, tall),
            camera.at(side, end),
        ]
        pygame.draw.polygon(picture, hazy(tint, (begin + end) / 2), wall)
        if ahead > NEAR:
            far = side + sign * 12
            front = [
                camera.at(side, begin),
                camera.at(side, begin, tall),
                camera.at(far, begin, tall),
                camera.at(far, begin),
            ]
            pygame.draw.polygon(picture, hazy(kit.blend(tint, (0, 0, 0), 0.28), begin), front)
        _lit_windows(picture, camera, (side, ahead, tall), number * 2 + sign)


def _lit_windows(
    picture: pygame.Surface, camera: Camera, house: tuple[float, float, float], salt: int
) -> None:
    side, ahead, tall = house
    if ahead > 90:
        return
    for floor in range(int(tall // 3.2)):
        for column in range(5):
            begin = ahead + 1.6 + 4.0 * column
            if begin < NEAR or hashed(floor * 17 + column, salt) > 0.42:
                continue
            low = 1.5 + 3.2 * floor
            shape = [
                camera.at(side, begin, low),
                camera.at(side, begin, low + 1.5),
                camera.at(side, begin + 1.7, low + 1.5),
                camera.at(side, begin + 1.7, low),
            ]
            shade = kit.blend(LIT, (150, 160, 190), 0.6 * hashed(column, salt + floor))
            pygame.draw.polygon(picture, kit.blend(hazy(shade, begin), (40, 42, 54), 0.25), shape)


def _lamps(picture: pygame.Surface, camera: Camera, ahead: float) -> None:
    """Draw a pair of street lamps, their arms over the road."""
    scale = camera.scale(ahead)
    thick = max(round(0.13 * scale), 1)
    for sign, side in ((-1, -8.2), (1, 4.6)):
        foot, top = camera.at(side, ahead), camera.at(side, ahead, 6.5)
        arm = camera.at(side - sign * 1.8, ahead, 6.9)
        colour = hazy((74, 80, 94), ahead)
        pygame.draw.line(picture, colour, foot, top, thick)
        pygame.draw.line(picture, colour, top, arm, thick)
        head = max(0.30 * scale, 1.5)
        pygame.draw.circle(picture, kit.blend(hazy(LIT, ahead), HAZE, 0.45), arm, head * 1.7)
        pygame.draw.circle(picture, LIT, arm, head)
