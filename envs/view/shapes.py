"""Smooth shapes: drawn four times too large, scaled down, and kept by what they show."""

import itertools
import math
from collections.abc import Sequence
from functools import lru_cache

import pygame

from rlkit.envs.view import kit

FINE = 4
"""Shapes are drawn so many times too large."""
RADIUS = 14
"""Corners of a panel [px]."""
TITLE = 42
"""Height of the title of a panel [px]."""
INSET = 18
"""From the edge of a panel to what is in it [px]."""
OPEN_ANGLE = 100
"""What a dial leaves open at the bottom [degrees]."""


@lru_cache(maxsize=512)
def rounded(
    size: tuple[int, int],
    radius: int,
    colour: kit.Colour,
    edge: kit.Colour | None = None,
    alpha: int = 255,
) -> pygame.Surface:
    """Return a rounded rectangle with smooth corners, and an edge of 1 px if it has a colour."""
    large = pygame.Surface((size[0] * FINE, size[1] * FINE), pygame.SRCALPHA)
    large.fill((*(edge or colour), 0))
    area = large.get_rect()
    if edge is not None:
        pygame.draw.rect(large, (*edge, alpha), area, border_radius=radius * FINE)
        area = area.inflate(-2 * FINE, -2 * FINE)
        radius = max(radius - 1, 0)
    pygame.draw.rect(large, (*colour, alpha), area, border_radius=radius * FINE)
    return pygame.transform.smoothscale(large, size)


def panel(surface: pygame.Surface, area: pygame.Rect, title: str) -> None:
    """Draw a panel with a title."""
    surface.blit(rounded(area.size, RADIUS, kit.PANEL, kit.EDGE), area)
    kit.text(
        surface, title, (area.x + INSET, area.y + 13), size=kit.SMALL, colour=kit.MUTED, bold=True
    )


def bar(
    surface: pygame.Surface,
    area: pygame.Rect,
    share: float,
    colour: kit.Colour,
    *,
    mark: float | None = None,
) -> None:
    """Draw a horizontal bar filled to `share` in [0, 1], with an optional mark."""
    radius = area.height // 2
    surface.blit(rounded(area.size, radius, kit.EDGE), area)
    width = round(area.width * min(max(share, 0.0), 1.0))
    if width > 0:
        width = max(width, area.height)
        surface.blit(rounded((width, area.height), radius, colour), area)
    if mark is not None:
        x = area.x + round(area.width * min(max(mark, 0.0), 1.0))
        pygame.draw.rect(surface, kit.TEXT, (x - 1, area.y - 3, 2, area.height + 6))


def stacked_bar(
    surface: pygame.Surface,
    area: pygame.Rect,
    parts: Sequence[tuple[float, kit.Colour]],
    *,
    mark: float | None = None,
) -> None:
    """Draw shares in [0, 1] that sum to at most 1 one behind the other, with an optional mark."""
    radius = area.height // 2
    surface.blit(rounded(area.size, radius, kit.EDGE), area)
    begin = 0.0
    for share, colour in parts:
        left = area.x + round(area.width * min(begin, 1.0))
        right = area.x + round(area.width * min(begin + share, 1.0))
        if right > left:
            size = (max(right - left - (begin > 0), 1), area.height)
            place = (left + (begin > 0), area.y)
            surface.blit(rounded(size, min(radius, size[0] // 2), colour), place)
        begin += share
    if mark is not None:
        x = area.x + round(area.width * min(max(mark, 0.0), 1.0))
        pygame.draw.rect(surface, kit.TEXT, (x - 1, area.y - 2, 2, area.height + 4))


def signed_bar(
    surface: pygame.Surface, middle: float, y: int, length: int, colour: kit.Colour, height: int
) -> None:
    """Draw a bar from a middle line: `length` [px] to the right, or to the left if negative."""
    width = max(abs(length), 2)
    left = round(middle) if length >= 0 else round(middle) - width
    surface.blit(rounded((width, height), min(4, width // 2), colour), (left, y))


def chip(surface: pygame.Surface, area: pygame.Rect, words: str, colour: kit.Colour) -> None:
    """Draw a pill with a dot and a few words; words that are too long are cut."""
    fill = kit.blend(kit.PANEL, colour, 0.16)
    surface.blit(rounded(area.size, area.height // 2, fill), area)
    disc(surface, (area.x + 17, area.centery), 5, colour)
    words = kit.fitted(words, area.width - 44, kit.SMALL)
    kit.text(surface, words, (area.x + 31, area.centery - 9), size=kit.SMALL)


def disc(
    surface: pygame.Surface, centre: tuple[float, float], radius: int, colour: kit.Colour
) -> None:
    """Draw a smooth disc."""
    image = rounded((2 * radius, 2 * radius), radius, colour)
    surface.blit(image, (round(centre[0]) - radius, round(centre[1]) - radius))


@lru_cache(maxsize=1024)
def dial(diameter: int, share: float, colour: kit.Colour) -> pygame.Surface:
    """Return a dial, open at the bottom, filled to `share` in [0, 1]."""
    width = diameter * FINE
    large = pygame.Surface((width, width), pygame.SRCALPHA)
    thick = width // 11
    _arc(large, 1.0, thick, kit.EDGE)
    if share > 0:
        _arc(large, min(share, 1.0), thick, colour)
    return pygame.transform.smoothscale(large, (diameter, diameter))


def _angle(share: float) -> float:
    """Return the angle of a share of the dial, clockwise from the right [rad]."""
    return math.radians(90 + OPEN_ANGLE / 2 + share * (360 - OPEN_ANGLE))


def _arc(large: pygame.Surface, share: float, thick: int, colour: kit.Colour) -> None:
    """Draw a thick arc with round ends from the start of a dial."""
    middle = large.get_width() / 2
    outer, inner = middle - FINE, middle - FINE - thick
    steps = max(round(160 * share), 2)
    angles = [_angle(share * k / steps) for k in range(steps + 1)]
    ring = [(middle + outer * math.cos(a), middle + outer * math.sin(a)) for a in angles]
    ring += [(middle + inner * math.cos(a), middle + inner * math.sin(a)) for a in angles[::-1]]
    pygame.draw.polygon(large, colour, ring)
    centre = (outer + inner) / 2
    for a in (angles[0], angles[-1]):
        place = (middle + centre * math.cos(a), middle + centre * math.sin(a))
        pygame.draw.circle(large, colour, place, thick / 2)


@lru_cache(maxsize=16)
def icon(name: str, size: int, colour: kit.Colour) -> pygame.Surface:
    """Return a small picture: "wheel", "car", "target", "hidden", "check" or "cross"."""
    n = size * FINE
    large = pygame.Surface((n, n), pygame.SRCALPHA)
    large.fill((*colour, 0))

    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(x * n, y * n) for x, y in points]

    if name == "wheel":
        pygame.draw.circle(large, colour, (n / 2, n / 2), n * 0.46, width=round(n * 0.11))
        pygame.draw.circle(large, colour, (n / 2, n / 2), n * 0.12)
        for begin, end in (((0.1, 0.48), (0.9, 0.48)), ((0.5, 0.5), (0.5, 0.9))):
            points = at(begin, end)
            pygame.draw.line(large, colour, points[0], points[1], width=round(n * 0.09))
    elif name == "car":
        roof = at((0.28, 0.2), (0.72, 0.2), (0.84, 0.5), (0.16, 0.5))
        pygame.draw.polygon(large, colour, roof)
        body = pygame.Rect(n * 0.08, n * 0.46, n * 0.84, n * 0.3)
        pygame.draw.rect(large, colour, body, border_radius=n // 10)
        for x in (0.14, 0.68):
            wheel = pygame.Rect(n * x, n * 0.66, n * 0.18, n * 0.22)
            pygame.draw.rect(large, colour, wheel, border_radius=n // 20)
    elif name == "target":
        pygame.draw.circle(large, colour, (n / 2, n / 2), n * 0.46, width=round(n * 0.12))
        pygame.draw.circle(large, colour, (n / 2, n / 2), n * 0.17)
    elif name == "hidden":
        lid = [(0.5 + 0.46 * math.cos(a), 0.5 - 0.30 * math.sin(a)) for a in _circle()]
        pygame.draw.lines(large, colour, True, at(*lid), width=round(n * 0.10))
        pygame.draw.circle(large, colour, (n / 2, n / 2), n * 0.14)
        _stroke(large, colour, at((0.16, 0.86), (0.84, 0.14)), 0.10)
    elif name == "check":
        points = at((0.16, 0.54), (0.4, 0.78), (0.86, 0.24))
        _stroke(large, colour, points)
    else:
        _stroke(large, colour, at((0.2, 0.2), (0.8, 0.8)))
        _stroke(large, colour, at((0.8, 0.2), (0.2, 0.8)))
    return pygame.transform.smoothscale(large, (size, size))


def _circle() -> list[float]:
    """Return angles once around [rad]."""
    return [math.tau * k / 48 for k in range(48)]


def _stroke(
    large: pygame.Surface, colour: kit.Colour, points: list[tuple[float, float]], wide: float = 0.15
) -> None:
    """Draw a thick line with round joints and ends, `wide` over the width of the picture."""
    thick = large.get_width() * wide
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        length = math.hypot(x1 - x0, y1 - y0)
        dx, dy = (y1 - y0) / length * thick / 2, (x0 - x1) / length * thick / 2
        shape = [(x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy), (x0 - dx, y0 - dy)]
        pygame.draw.polygon(large, colour, shape)
    for point in points:
        pygame.draw.circle(large, colour, point, thick / 2)
