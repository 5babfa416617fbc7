"""The dashboard of the cabin: a scene drawn at 1280 x 720."""

from typing import Any

import numpy as np
import pygame
from numpy.typing import NDArray

from rlkit.envs.cabin.road_view import draw_road, speed_of
from rlkit.envs.cabin.scene import Belief, CabinScene, Utterance, describe
from rlkit.envs.view import kit

SIZE = (1280, 720)
ROAD = pygame.Rect(16, 16, 748, 396)
BELIEF = pygame.Rect(16, 428, 366, 276)
GAUGES = pygame.Rect(398, 428, 366, 276)
TALK = pygame.Rect(780, 16, 484, 452)
REWARD = pygame.Rect(780, 484, 484, 220)

QUIET, LOUD = 45.0, 85.0
"""The noise gauge runs between these levels [dB(A)]."""

__all__ = ["SIZE", "describe", "draw"]


def draw(scene: CabinScene) -> NDArray[np.uint8]:
    """Return the dashboard, `(720, 1280, 3)` uint8: a pure function of the scene."""
    surface = pygame.Surface(SIZE)
    surface.fill(kit.BACKGROUND)
    draw_road(surface, ROAD, scene)
    _road_words(surface, scene)
    _beliefs(surface, scene)
    _gauges(surface, scene)
    _talk(surface, scene)
    _rewards(surface, scene)
    if scene.outcome:
        _banner(surface, scene)
    return kit.pixels(surface)


def _road_words(surface: pygame.Surface, scene: CabinScene) -> None:
    phases = {"keep": "free road", "following": "following closely", "manoeuvre": "manoeuvre"}
    colour = {"keep": kit.GREEN, "following": kit.AMBER, "manoeuvre": kit.RED}[scene.phase]
    left = ROAD.x + 20
    kind = "Motorway" if scene.motorway else "City"
    width = kit.text(surface, kind, (left, ROAD.y + 16), size=30)
    pygame.draw.circle(surface, colour, (left + width + 24, ROAD.y + 27), 7)
    kit.text(surface, phases[scene.phase], (left + width + 40, ROAD.y + 18), size=26)
    speed = f"{speed_of(scene) * 3.6:.0f} km/h"
    kit.text(surface, speed, (ROAD.right - 20, ROAD.y + 16), size=30, right=True)
    clock = f"{scene.clock:.1f} s"
    kit.text(surface, clock, (ROAD.right - 20, ROAD.y + 46), size=22, colour=kit.TEXT, right=True)


def _beliefs(surface: pygame.Surface, scene: CabinScene) -> None:
    kit.panel(surface, BELIEF, "what the car believes")
    step = 112 if len(scene.beliefs) < 3 else 76
    for k, belief in enumerate(scene.beliefs[:3]):
        _belief(surface, belief, BELIEF.y + 50 + k * step)


def _belief(surface: pygame.Surface, belief: Belief, y: int) -> None:
    left, right = BELIEF.x + 18, BELIEF.right - 18
    kit.text(surface, belief.slot, (left, y), size=24)
    kit.text(surface, belief.value, (right, y), size=22, colour=kit.MUTED, right=True)
    colour = kit.BLUE if belief.confirmed else kit.alarm(1 - belief.right)
    kit.bar(
        surface, pygame.Rect(left, y + 28, BELIEF.width - 110, 14), belief.right, colour, mark=0.8
    )
    share = f"{belief.right:.0%}" if belief.right else "-"
    kit.text(surface, share, (right, y + 25), size=24, right=True)


def _gauges(surface: pygame.Surface, scene: CabinScene) -> None:
    kit.panel(surface, GAUGES, "driver and cabin")
    level = (scene.noise - QUIET) / (LOUD - QUIET)
    rows = (
        ("Road demand", scene.demand, f"{scene.demand:.2f}", kit.alarm(scene.demand)),
        ("Noise", level, f"{scene.noise:.0f} dB(A)", kit.alarm(level)),
        (
            "Mishearing",
            scene.error_rate * 2,
            f"{scene.error_rate:.0%}",
            kit.alarm(scene.error_rate * 2),
        ),
        ("Time at risk", scene.risk / 6, f"{scene.risk:.2f} s", kit.alarm(scene.risk / 6)),
    )
    left, right = GAUGES.x + 18, GAUGES.right - 18
    for k, (name, share, value, colour) in enumerate(rows):
        y = GAUGES.y + 46 + k * 42
        kit.text(surface, name, (left, y), size=22)
        kit.text(surface, value, (right, y), size=22, right=True)
        kit.bar(surface, pygame.Rect(left, y + 21, GAUGES.width - 36, 9), share, colour)
    y = GAUGES.bottom - 50
    window = ("Window open", kit.AMBER) if scene.window_open else ("Window closed", kit.GREEN)
    load = ("Load high", kit.RED) if scene.load_high else ("Load low", kit.GREEN)
    x = left
    for words, colour in (window, load):
        x += _chip(surface, words, colour, (x, y)) + 8
    for k in range(scene.patience[1]):
        filled = k < scene.patience[0]
        centre = (right - 10 - 24 * (scene.patience[1] - 1 - k), y + 15)
        pygame.draw.circle(surface, kit.BLUE if filled else kit.EDGE, centre, 8, 0 if filled else 2)


def _chip(surface: pygame.Surface, words: str, colour: kit.Colour, place: tuple[int, int]) -> int:
    width = kit.font(20).size(words)[0] + 34
    area = pygame.Rect(*place, width, 30)
    pygame.draw.rect(surface, kit.blend(kit.PANEL, colour, 0.18), area, border_radius=15)
    pygame.draw.circle(surface, colour, (area.x + 15, area.centery), 5)
    kit.text(surface, words, (area.x + 26, area.y + 8), size=20)
    return width


def _talk(surface: pygame.Surface, scene: CabinScene) -> None:
    """Draw the newest bubbles that fit, from the bottom up."""
    kit.panel(surface, TALK, "conversation")
    bottom = TALK.bottom - 16
    for line in reversed(scene.conversation):
        bubble = _bubble(line)
        top = bottom - bubble.get_height()
        if top < TALK.y + 40:
            break
        x = TALK.right - 16 - bubble.get_width() if line.speaker == "car" else TALK.x + 16
        surface.blit(bubble, (x, top))
        bottom = top - 10
    if not scene.conversation:
        kit.text(surface, "Nobody has spoken yet.", (TALK.x + 18, TALK.y + 48), colour=kit.MUTED)


def _bubble(line: Utterance) -> Any:
    """Return one speech bubble: what was said, and below it what was heard, with P(right)."""
    limit = 330
    said = kit.wrapped(line.said or "", limit, 23)
    heard = [] if line.heard is None else kit.wrapped(f"heard: {line.heard}", limit, 21)
    widths = [kit.font(23).size(row)[0] for row in said] + [
        kit.font(21).size(row)[0] for row in heard
    ]
    meter = 14 if line.confidence is not None else 0
    size = (max([*widths, 150]) + 32, 22 + 23 * len(said) + 21 * len(heard) + meter)
    bubble = pygame.Surface(size, pygame.SRCALPHA)
    own = line.speaker == "car"
    pygame.draw.rect(
        bubble, (36, 64, 104) if own else (48, 56, 70), bubble.get_rect(), border_radius=14
    )
    y = 11
    for row in said:
        y += 23 if kit.text(bubble, row, (16, y), size=23) >= 0 else 0
    for row in heard:
        y += 21 if kit.text(bubble, row, (16, y), size=21, colour=(200, 208, 220)) >= 0 else 0
    if line.confidence is not None:
        area = pygame.Rect(16, y + 3, size[0] - 32, 7)
        kit.bar(bubble, area, line.confidence, kit.alarm(1 - line.confidence))
    return bubble


def _rewards(surface: pygame.Surface, scene: CabinScene) -> None:
    """Draw the terms of the last step as signed bars from a middle line."""
    kit.panel(surface, REWARD, f"reward of the last act: {scene.act}" if scene.act else "reward")
    total = f"total {scene.total:+.2f}"
    kit.text(surface, total, (REWARD.right - 18, REWARD.y + 10), size=24, right=True)
    middle = REWARD.x + 290
    for k, (name, value) in enumerate(list(scene.terms.items())[:6]):
        y = REWARD.y + 48 + k * 28
        kit.text(surface, name.replace("_", " "), (REWARD.x + 18, y), size=22)
        length = round(90 * min(abs(value) / 10, 1) ** 0.5)
        colour = kit.GREEN if value >= 0 else kit.RED
        start = middle if value >= 0 else middle - length
        pygame.draw.rect(surface, colour, (start, y + 2, max(length, 1), 14), border_radius=4)
        kit.text(surface, f"{value + 0.0:+.2f}", (REWARD.right - 18, y), size=22, right=True)
    if scene.terms:
        pygame.draw.line(surface, kit.MUTED, (middle, REWARD.y + 44), (middle, REWARD.bottom - 14))


def _banner(surface: pygame.Surface, scene: CabinScene) -> None:
    colour = kit.GREEN if scene.success else kit.RED
    area = pygame.Rect(0, 0, 460, 64)
    area.center = (ROAD.centerx, ROAD.y + 110)
    pygame.draw.rect(surface, kit.blend(kit.BACKGROUND, colour, 0.35), area, border_radius=18)
    pygame.draw.rect(surface, colour, area, width=2, border_radius=18)
    words = (scene.outcome or "").capitalize()
    width = kit.font(36).size(words)[0]
    kit.text(surface, words, (area.centerx - width // 2, area.y + 20), size=36)
