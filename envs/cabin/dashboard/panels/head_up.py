"""What is written over the road: speed, time, gap, a view from above, and how it ended."""

import math

import pygame

from rlkit.envs.cabin.dashboard.panels.road import EGO, alarming, colour_of, vehicles_of
from rlkit.envs.cabin.dashboard.scene import LANE_WIDTH, LANES, CabinScene, Road
from rlkit.envs.view import kit, shapes
from rlkit.envs.view.camera import CAR_LENGTH, FAR

MARGIN, LINE = 20, 21
CARD, CARD_EDGE = (10, 13, 20), (70, 78, 94)
KINDS = {"parked": "Parked", "city": "City", "motorway": "Motorway"}
MAP_LANE = 17
"""Width of a lane in the view from above [px]."""
MAP_LONG = 128
"""Of the view from above [px]."""
MAP_BEHIND, MAP_AHEAD = 22.0, 58.0
"""What the view from above shows [m]."""


def draw_head_up(surface: pygame.Surface, area: pygame.Rect, scene: CabinScene) -> None:
    """Write over the road in `area` of a surface."""
    road = scene.road
    left, right, top = area.x + MARGIN, area.right - MARGIN, area.y + 12
    kit.text(surface, KINDS[road.kind], (left, top), size=kit.HUGE, bold=True)
    shapes.disc(surface, (left + 7, top + 48), 6, alarming(road))
    words = kit.fitted(_situation(road), area.width - 260)
    kit.text(surface, words, (left + 22, top + 38))
    unit = kit.text(surface, "km/h", (right, top + 11), align="right")
    place = (right - unit - 8, top)
    speed = f"{road.speed * 3.6:.0f}"
    kit.text(surface, speed, place, size=kit.HUGE, bold=True, align="right")
    minutes, seconds = divmod(scene.clock, 60)
    time = f"{minutes:.0f}:{math.floor(seconds * 10) / 10:04.1f}"
    kit.text(surface, time, (right, top + 38), align="right")
    if road.kind != "parked":
        _distances(surface, area, road)
        _map(surface, area, road)


def _situation(road: Road) -> str:
    """Return what the car does, and the rain, in words."""
    words = {"keep": road.note or "free road", "lane change": road.note or "lane change"}
    parts = [words.get(road.manoeuvre, road.note or road.manoeuvre)]
    if road.kind == "parked":
        parts = [road.note or "standing"]
    if road.rain > 0.05:
        parts.append("heavy rain" if road.rain > 0.6 else "rain")
    return ", ".join(parts)


def _distances(surface: pygame.Surface, area: pygame.Rect, road: Road) -> None:
    """Write gap, headway and time to collision in the lower left corner."""
    rows = [("ahead", f"{road.gap:.0f} m" if road.gap < FAR else "nobody")]
    if road.gap < FAR and road.headway < 100:
        rows.append(("headway", f"{road.headway:.1f} s"))
    if road.gap < FAR and road.time_to_collision < 60:
        rows.append(("collision", f"{road.time_to_collision:.1f} s"))
    card = pygame.Rect(area.x + 14, 0, 146, LINE * len(rows) + 14)
    card.bottom = area.bottom - 14
    surface.blit(shapes.rounded(card.size, 9, CARD, CARD_EDGE, alpha=205), card)
    for k, (name, number) in enumerate(rows):
        y = card.y + 6 + k * LINE
        kit.text(surface, name, (card.x + 12, y), size=kit.SMALL, colour=kit.MUTED)
        kit.text(surface, number, (card.right - 12, y), size=kit.SMALL, align="right")


def _map(surface: pygame.Surface, area: pygame.Rect, road: Road) -> None:
    """Draw the lanes and the cars from above in the lower right corner."""
    lanes = LANES[road.kind]
    width = lanes * MAP_LANE + 14
    place = pygame.Rect(area.right - 14 - width, area.bottom - 14 - MAP_LONG, width, MAP_LONG)
    surface.blit(shapes.rounded(place.size, 9, CARD, CARD_EDGE, alpha=205), place)
    scale = MAP_LONG / (MAP_BEHIND + MAP_AHEAD)
    dash = 4 * scale
    for k in range(1, lanes):
        x = place.x + 7 + k * MAP_LANE
        begin = place.y + 4 + road.travelled % 8 * scale - 2 * dash
        for n in range(math.ceil(MAP_LONG / (2 * dash)) + 1):
            top = max(begin + 2 * n * dash, place.y + 4)
            low = min(begin + (2 * n + 1) * dash, place.bottom - 4)
            if low > top:
                surface.fill((96, 104, 120), (x, round(top), 1, round(low - top)))
    spots = [(float(car.lane), car.ahead, colour_of(car)) for car in vehicles_of(road)]
    spots.append((road.lane + road.offset / LANE_WIDTH, -CAR_LENGTH, EGO))
    for lane, ahead, colour in spots:
        rear = place.bottom - (ahead + CAR_LENGTH + MAP_BEHIND) * scale
        car = pygame.Rect(0, 0, 8, round(CAR_LENGTH * scale * 2))
        car.midbottom = round(place.x + 7 + (lane + 0.5) * MAP_LANE), round(rear)
        if place.y + 2 <= car.y and car.bottom <= place.bottom - 2:
            pygame.draw.rect(surface, kit.blend(colour, kit.TEXT, 0.25), car, border_radius=2)


def draw_banner(surface: pygame.Surface, area: pygame.Rect, outcome: str, success: bool) -> None:
    """Say over the road how it ended."""
    colour = kit.GREEN if success else kit.RED
    size = 26
    words = kit.fitted(outcome[:1].upper() + outcome[1:], area.width - 260, size, bold=True)
    banner = pygame.Rect(0, 0, kit.width_of(words, size, bold=True) + 108, 60)
    banner.center = (area.centerx, area.y + 122)
    fill = kit.blend(kit.PANEL, colour, 0.28)
    surface.blit(shapes.rounded(banner.size, 30, fill, colour), banner)
    mark = shapes.icon("check" if success else "cross", 26, colour)
    surface.blit(mark, (banner.x + 26, banner.y + 17))
    kit.text(surface, words, (banner.x + 68, banner.y + 14), size=size, bold=True)
