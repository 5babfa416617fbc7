"""The car from above with what it is set to: windows, sunroof, seats, and a list of the rest."""

from functools import lru_cache

import pygame

from rlkit.envs.cabin.dashboard.panels.base import blank
from rlkit.envs.cabin.dashboard.scene import Actuators
from rlkit.envs.view import kit, shapes

FINE = 4
"""The car is drawn so many times too large."""
LONG, WIDE = 172, 86
"""Of the car on the panel [px]."""
AROUND = 46
"""Room for a window's number on each side of the car [px]."""
LINE = 21
NAME = 60
"""Width of the names in the list [px]."""
SEATS = {
    "driver": (0.125, 0.42),
    "passenger": (0.515, 0.42),
    "rear left": (0.125, 0.63),
    "rear right": (0.515, 0.63),
}
"""Left and upper edge of each zone's seat over width and length of the car."""
SEAT_WIDE, SEAT_LONG = 0.36, 0.16
PANES = (((0.13, 0.87, 0.27), (0.19, 0.81, 0.37)), ((0.17, 0.83, 0.84), (0.2, 0.8, 0.8)))
"""Windscreen and rear window: outer and inner edge (left, right, height)."""
BODY: kit.Colour = (58, 112, 188)
GLASS: kit.Colour = (138, 184, 214)
COLOURS: dict[str, kit.Colour] = {
    "red": (232, 92, 80),
    "orange": (240, 150, 60),
    "yellow": (240, 214, 90),
    "green": (80, 200, 120),
    "blue": (80, 140, 250),
    "purple": (170, 110, 230),
    "violet": (170, 110, 230),
    "pink": (240, 130, 190),
    "white": (240, 240, 240),
}
"""Names of the ambient light's colours; others get no swatch."""
UNSET = ("none", "off")


def car_panel(size: tuple[int, int], actuators: Actuators) -> pygame.Surface:
    """Return the panel."""
    return _panel(size, _Key(actuators))


class _Key:
    """Actuators that a cache can look up; their mappings have no hash."""

    def __init__(self, actuators: Actuators) -> None:
        self.actuators = actuators
        self._text = repr(actuators)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)


@lru_cache(maxsize=32)
def _panel(size: tuple[int, int], key: _Key) -> pygame.Surface:
    actuators = key.actuators
    surface, inside = blank(size, "Cabin")
    rows = _settings(actuators)
    spare = inside.width - WIDE - 2 * AROUND
    x = inside.x + AROUND + 2 if rows else inside.x + AROUND + spare // 2
    car = pygame.Rect(x, inside.y - 4, WIDE, LONG)
    surface.blit(_car(tuple(actuators.windows.items()), actuators.sunroof), car)
    _window_numbers(surface, actuators, car)
    for zone in SEATS:
        _seat(surface, actuators, zone, car)
    left = car.right + AROUND + 6
    for k, (name, words) in enumerate(rows):
        _setting(surface, name, words, pygame.Rect(left, inside.y + k * LINE, 0, LINE), inside)
    return surface


def _settings(actuators: Actuators) -> list[tuple[str, str]]:
    """Return names and values of what the car has, for the list."""
    found = {
        "Fan": None if actuators.fan is None else str(actuators.fan),
        "Roof": None if actuators.sunroof is None else _open_words(actuators.sunroof),
        "Light": actuators.ambient,
        "Media": actuators.media,
        "Sound": None if actuators.volume is None else f"{actuators.volume:.0f}%",
        "Route": actuators.destination,
        "Charge": actuators.charging,
        "Call": actuators.call,
    }
    return [(name, words) for name, words in found.items() if words is not None]


def _open_words(opening: float) -> str:
    return f"{opening:.0f}%" if opening > 0 else "closed"


def _setting(
    surface: pygame.Surface, name: str, words: str, row: pygame.Rect, inside: pygame.Rect
) -> None:
    kit.text(surface, name, row.topleft, size=kit.SMALL, colour=kit.MUTED)
    colour = kit.MUTED if words in UNSET else kit.TEXT
    x = row.x + NAME
    if name == "Light" and words in COLOURS:
        shapes.disc(surface, (x + 6, row.y + 10), 6, COLOURS[words])
        x += 18
    words = kit.fitted(words, inside.right - x, kit.SMALL)
    kit.text(surface, words, (x, row.y), size=kit.SMALL, colour=colour)


def _window_numbers(surface: pygame.Surface, actuators: Actuators, car: pygame.Rect) -> None:
    """Write beside each window how far it is open."""
    for zone, opening in actuators.windows.items():
        left = zone in {"driver", "rear left"}
        y = car.y + round((SEATS[zone][1] + SEAT_LONG / 2) * LONG) - 9
        words = f"{opening:.0f}%" if opening > 0 else "shut"
        place = (car.x - 6, y) if left else (car.right + 6, y)
        kit.text(
            surface,
            words,
            place,
            size=kit.SMALL,
            colour=kit.AMBER if opening > 0 else kit.MUTED,
            align="right" if left else "left",
        )


def _seat(surface: pygame.Surface, actuators: Actuators, zone: str, car: pygame.Rect) -> None:
    """Draw a seat, warm if it is heated, with the temperature of its zone."""
    x, y = SEATS[zone]
    level = actuators.seat_heating.get(zone, 0)
    area = pygame.Rect(
        car.x + round(x * WIDE), car.y + round(y * LONG), round(SEAT_WIDE * WIDE), 26
    )
    fill = kit.blend((44, 54, 72), (206, 84, 40), min(level / 3, 1.0) * 0.8)
    surface.blit(shapes.rounded(area.size, 6, fill), area)
    for k in range(min(level, 3)):
        surface.fill((255, 190, 120), (area.x + 5 + 7 * k, area.bottom - 5, 5, 2))
    if zone in actuators.temperatures:
        words = kit.fitted(f"{actuators.temperatures[zone]:.0f}°", area.width, kit.SMALL)
        place = (area.centerx + 1, area.y + 2)
        kit.text(surface, words, place, size=kit.SMALL, align="middle")


def _box(x: float, y: float, width: float, height: float) -> pygame.Rect:
    """Return a part of the car from shares of its width and length."""
    wide, long = WIDE * FINE, LONG * FINE
    return pygame.Rect(round(x * wide), round(y * long), round(width * wide), round(height * long))


@lru_cache(maxsize=64)
def _car(windows: tuple[tuple[str, float], ...], sunroof: float | None) -> pygame.Surface:
    """Return the car from above, its nose up; an open window leaves a gap in the glass."""
    large = pygame.Surface((WIDE * FINE, LONG * FINE), pygame.SRCALPHA)
    large.fill((*BODY, 0))
    edge, dark = kit.blend(BODY, (255, 255, 255), 0.25), kit.blend(BODY, (0, 0, 0), 0.45)
    pygame.draw.rect(large, edge, _box(0.03, 0, 0.94, 1), border_radius=24 * FINE)
    pygame.draw.rect(large, BODY, _box(0.055, 0.01, 0.89, 0.98), border_radius=22 * FINE)
    for y in (0.035, 0.93):
        colour = (250, 236, 190) if y < 0.5 else (214, 60, 56)
        for x in (0.14, 0.68):
            pygame.draw.rect(large, colour, _box(x, y, 0.18, 0.03), border_radius=2 * FINE)
    pygame.draw.rect(large, dark, _box(0.10, 0.25, 0.80, 0.60), border_radius=14 * FINE)
    for high, low in PANES:
        _pane(large, high, low)
    for zone, opening in windows:
        _window(large, zone, opening)
    if sunroof is not None:
        roof = _box(0.36, 0.59, 0.28, 0.035)
        pygame.draw.rect(large, GLASS, roof, border_radius=3 * FINE)
        gap = roof.copy()
        gap.width = round(roof.width * sunroof / 100)
        pygame.draw.rect(large, kit.AMBER, gap, border_radius=3 * FINE)
    return pygame.transform.smoothscale(large, (WIDE, LONG))


def _pane(
    large: pygame.Surface, high: tuple[float, float, float], low: tuple[float, float, float]
) -> None:
    """Draw windscreen or rear window between two edges (left, right, height)."""
    wide, long = large.get_size()
    corners = [(high[0], high[2]), (high[1], high[2]), (low[1], low[2]), (low[0], low[2])]
    pygame.draw.polygon(large, GLASS, [(x * wide, y * long) for x, y in corners])


def _window(large: pygame.Surface, zone: str, opening: float) -> None:
    """Draw a side window: glass where it is closed, amber where the air comes in."""
    x, y = SEATS[zone]
    pane = _box(0.055 if x < 0.5 else 0.895, y - 0.01, 0.05, SEAT_LONG + 0.02)
    pygame.draw.rect(large, GLASS, pane, border_radius=2 * FINE)
    gap = pane.copy()
    gap.height = round(pane.height * opening / 100)
    if gap.height:
        pygame.draw.rect(large, kit.AMBER, gap, border_radius=2 * FINE)
