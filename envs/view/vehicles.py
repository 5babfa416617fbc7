"""Cars seen from behind, drawn once as sprites and scaled to where they are."""

from functools import lru_cache

import pygame

from rlkit.envs.view import kit

FINE = 400
"""Width of the sprite before it is scaled [px]."""
RATIO = 0.86
"""Height of the sprite over its width."""
SPREAD = 1.3
"""Width of the sprite over that of the car: shadow and glow stand out."""
CAR_WIDTH = 1.85
"""Of a car [m]."""
GLASS: kit.Colour = (28, 38, 54)


@lru_cache(maxsize=24)
def _sprite(colour: kit.Colour, braking: bool, signal: str, hatchback: bool) -> pygame.Surface:
    """Return a car as large as it is ever needed."""
    n = FINE
    image = pygame.Surface((n, round(n * RATIO)), pygame.SRCALPHA)

    def box(x: float, y: float, width: float, height: float) -> pygame.Rect:
        return pygame.Rect(round(x * n), round(y * n), round(width * n), round(height * n))

    for k in range(6):
        shade = box(0.04 + 0.012 * k, 0.70 + 0.01 * k, 0.92 - 0.024 * k, 0.15 - 0.02 * k)
        pygame.draw.ellipse(image, (8, 10, 14, 40 + 26 * k), shade)
    for x in (0.14, 0.71):
        pygame.draw.rect(image, (14, 15, 18), box(x, 0.58, 0.15, 0.22), border_radius=n // 30)
    dark, light = kit.blend(colour, (0, 0, 0), 0.3), kit.blend(colour, (255, 255, 255), 0.22)
    _greenhouse(image, colour, dark, hatchback)
    pygame.draw.rect(image, colour, box(0.115, 0.36, 0.77, 0.33), border_radius=n // 13)
    pygame.draw.rect(image, light, box(0.15, 0.372, 0.70, 0.018), border_radius=n // 80)
    pygame.draw.rect(image, dark, box(0.13, 0.58, 0.74, 0.13), border_radius=n // 20)
    plate = box(0.40, 0.525, 0.20, 0.055)
    pygame.draw.rect(image, (224, 227, 230), plate, border_radius=n // 120)
    _lamps(image, braking, signal)
    return image


def _greenhouse(
    image: pygame.Surface, colour: kit.Colour, dark: kit.Colour, hatchback: bool
) -> None:
    """Draw roof and rear window."""
    n = FINE
    top, low = (0.08, 0.44) if hatchback else (0.12, 0.40)
    roof = [(0.27, top), (0.73, top), (0.845, low), (0.155, low)]
    pygame.draw.polygon(image, dark, [(x * n, y * n) for x, y in roof])
    ridge = pygame.Rect(round(0.255 * n), round((top - 0.02) * n), round(0.49 * n), n // 16)
    pygame.draw.rect(image, colour, ridge, border_radius=n // 30)
    glass = [(0.30, top + 0.045), (0.70, top + 0.045), (0.785, low - 0.03), (0.215, low - 0.03)]
    pygame.draw.polygon(image, GLASS, [(x * n, y * n) for x, y in glass])
    shine = [(0.34, top + 0.045), (0.46, top + 0.045), (0.37, low - 0.03), (0.235, low - 0.03)]
    pygame.draw.polygon(
        image, kit.blend(GLASS, (150, 170, 200), 0.25), [(x * n, y * n) for x, y in shine]
    )


def _lamps(image: pygame.Surface, braking: bool, signal: str) -> None:
    """Draw the tail lamps, brighter when braking, and an indicator if it is lit."""
    n = FINE
    lamp: kit.Colour = (255, 74, 64) if braking else (150, 36, 38)
    for side, x in (("left", 0.135), ("right", 0.665)):
        area = pygame.Rect(round(x * n), round(0.425 * n), round(0.20 * n), round(0.075 * n))
        lit = (255, 186, 60) if side == signal else lamp
        if braking or side == signal:
            _glow(image, area, lit)
        pygame.draw.rect(image, lit, area, border_radius=n // 40)
        core = area.inflate(-area.width // 3, -area.height // 2)
        bright = kit.blend(lit, (255, 255, 255), 0.45 if braking or side == signal else 0.12)
        pygame.draw.rect(image, bright, core, border_radius=n // 60)


def _glow(image: pygame.Surface, area: pygame.Rect, colour: kit.Colour) -> None:
    glow = pygame.Surface(image.get_size(), pygame.SRCALPHA)
    for k in range(5):
        ring = area.inflate(round(FINE * 0.03 * (5 - k)), round(FINE * 0.03 * (5 - k)))
        pygame.draw.rect(glow, (*colour, 22 + 12 * k), ring, border_radius=ring.height // 2)
    image.blit(glow, (0, 0))


@lru_cache(maxsize=512)
def _scaled(
    colour: kit.Colour, braking: bool, signal: str, hatchback: bool, width: int
) -> pygame.Surface:
    large = _sprite(colour, braking, signal, hatchback)
    return pygame.transform.smoothscale(large, (width, max(round(width * RATIO), 2)))


def draw_car(
    surface: pygame.Surface,
    foot: tuple[float, float],
    scale: float,
    colour: kit.Colour,
    *,
    braking: bool = False,
    signal: str = "",
    hatchback: bool = False,
) -> None:
    """Draw a car from behind.

    Args:
        surface: Where.
        foot: The middle of where its rear wheels stand [px].
        scale: Pixels per metre there.
        colour: Of the body.
        braking: Whether the brake lights are on.
        signal: The indicator that is lit: "left", "right" or "".
        hatchback: Its shape; else a saloon.
    """
    width = max(round(CAR_WIDTH * SPREAD * scale), 3)
    if width > 4 * FINE:
        return
    image = _scaled(colour, braking, signal, hatchback, width)
    surface.blit(image, (round(foot[0] - width / 2), round(foot[1] - width * 0.80)))
