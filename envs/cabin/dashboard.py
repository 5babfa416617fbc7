"""The dashboard of the cabin: a scene drawn at 1280 x 720."""

import math
from functools import lru_cache

import numpy as np
import pygame
from numpy.typing import NDArray

from rlkit.envs.cabin.scene import Belief, CabinScene, Utterance, describe
from rlkit.envs.view import kit, shapes
from rlkit.envs.view.bubbles import bubble
from rlkit.envs.view.camera import FAR
from rlkit.envs.view.road import RoadPicture, draw_road

SIZE = (1280, 720)
ROAD = pygame.Rect(16, 16, 760, 408)
BELIEF = pygame.Rect(16, 436, 374, 268)
GAUGES = pygame.Rect(402, 436, 374, 268)
TALK = pygame.Rect(788, 16, 476, 430)
REWARD = pygame.Rect(788, 458, 476, 246)

QUIET, LOUD = 45.0, 85.0
"""The noise dial runs between these levels [dB(A)]."""
WORST_ERROR = 0.5
"""An error rate from which on everything is red."""
WORST_RISK = 6.0
"""Seconds at risk that fill the dial [s]."""
LARGEST_TERM = 20.0
"""A reward term that fills its bar; the bars grow with the square root."""
THRESHOLD = 0.8
"""The mark on the bars of belief: from here on a value counts as accepted."""

SPEEDS = {True: 33.3, False: 13.9}
"""Usual speed by motorway [m/s]."""
GAPS = {"keep": 42.0, "following": 11.0, "manoeuvre": 24.0}
"""Usual gap by phase [m]."""
CHANGE, STAY = 2.5, 1.5
"""A manoeuvre is a lane change of so many seconds, a stay, and the same back [s]."""
BLINK = 0.8
"""Period of the indicator [s]."""

PHASE_WORDS = {"keep": "free road", "following": "following closely", "manoeuvre": "manoeuvre"}
PHASE_COLOURS = {"keep": kit.GREEN, "following": kit.AMBER, "manoeuvre": kit.RED}

__all__ = ["SIZE", "describe", "draw"]


def draw(scene: CabinScene) -> NDArray[np.uint8]:
    """Return the dashboard, `(720, 1280, 3)` uint8: a pure function of the scene."""
    surface = pygame.Surface(SIZE, depth=32)
    surface.fill(kit.BACKGROUND)
    road = road_of(scene)
    draw_road(surface, ROAD, road)
    _head_up(surface, scene, road)
    surface.blit(_belief_panel(scene.beliefs), BELIEF)
    surface.blit(_gauge_panel(*_gauge_fields(scene)), GAUGES)
    surface.blit(_talk_panel(scene.conversation[-MOST_BUBBLES:]), TALK)
    surface.blit(_reward_panel(scene.act, tuple(scene.terms.items()), scene.total), REWARD)
    if scene.outcome:
        _banner(surface, scene.outcome, scene.success)
    return kit.pixels(surface)


# The road.


def road_of(scene: CabinScene) -> RoadPicture:
    """Return what the road looks like: the change from one phase to the next is gradual."""
    done = _eased(scene.progress) if scene.phase_before else 1.0
    lateral, signal = _manoeuvre(scene.clock) if scene.phase == "manoeuvre" else (0.0, "")
    gap = GAPS[scene.phase]
    if scene.phase_before and done < 1:
        left = _manoeuvre(scene.clock)[0] if scene.phase_before == "manoeuvre" else 0.0
        lateral = left + (lateral - left) * done
        gap = GAPS[scene.phase_before] + (gap - GAPS[scene.phase_before]) * done
    gap += 0.06 * gap * math.sin(scene.clock * 0.7)
    gap = gap if scene.gap is None else scene.gap
    usual = scene.clock * SPEEDS[scene.motorway]
    travelled = usual if scene.travelled is None else scene.travelled
    return RoadPicture(
        motorway=scene.motorway,
        clock=scene.clock,
        travelled=travelled,
        gap=gap,
        lateral=lateral,
        signal=signal,
        braking=scene.phase == "following",
        gap_colour=PHASE_COLOURS[scene.phase],
    )


def speed_of(scene: CabinScene) -> float:
    """Return the speed that is shown [m/s]."""
    return SPEEDS[scene.motorway] if scene.speed is None else scene.speed


def _eased(share: float) -> float:
    """Return a share that starts and ends gently."""
    return share * share * (3 - 2 * share)


def _manoeuvre(clock: float) -> tuple[float, str]:
    """Return (lanes to the left, indicator that is lit) at a time of the cycle [s]."""
    at = clock % (2 * (CHANGE + STAY))
    lit = clock % BLINK < BLINK * 0.55
    if at < CHANGE:
        return _eased(at / CHANGE), "left" if lit else ""
    if at < CHANGE + STAY:
        return 1.0, ""
    if at < 2 * CHANGE + STAY:
        return 1.0 - _eased((at - CHANGE - STAY) / CHANGE), "right" if lit else ""
    return 0.0, "left" if lit and at > 2 * CHANGE + 1.4 * STAY else ""


def _head_up(surface: pygame.Surface, scene: CabinScene, road: RoadPicture) -> None:
    """Write road, phase, gap, speed and time over the road."""
    left, right, top = ROAD.x + 20, ROAD.right - 20, ROAD.y + 14
    kind = "Motorway" if scene.motorway else "City"
    kit.text(surface, kind, (left, top), size=kit.HUGE, bold=True)
    shapes.disc(surface, (left + 7, top + 49), 6, PHASE_COLOURS[scene.phase])
    ahead = f"{road.gap:.0f} m ahead" if road.gap < FAR else "nobody ahead"
    words = f"{PHASE_WORDS[scene.phase]}, {ahead}"
    kit.text(surface, words, (left + 22, top + 39))
    unit = kit.text(surface, "km/h", (right, top + 11), align="right")
    speed = f"{speed_of(scene) * 3.6:.0f}"
    place = (right - unit - 8, top)
    kit.text(surface, speed, place, size=kit.HUGE, bold=True, align="right")
    minutes, seconds = divmod(max(scene.clock, 0.0), 60)
    kit.text(surface, f"{minutes:.0f}:{seconds:04.1f}", (right, top + 39), align="right")


def _banner(surface: pygame.Surface, outcome: str, success: bool) -> None:
    """Say over the road how it ended."""
    colour = kit.GREEN if success else kit.RED
    words = kit.fitted(outcome[:1].upper() + outcome[1:], 520, 26, bold=True)
    width = kit.width_of(words, 26, bold=True)
    area = pygame.Rect(0, 0, width + 108, 60)
    area.center = (ROAD.centerx, ROAD.y + 118)
    surface.blit(shapes.rounded(area.size, 30, kit.blend(kit.PANEL, colour, 0.28), colour), area)
    mark = shapes.icon("check" if success else "cross", 26, colour)
    surface.blit(mark, (area.x + 26, area.y + 17))
    kit.text(surface, words, (area.x + 68, area.y + 14), size=26, bold=True)


# The panels change at decisions only, so each picture is kept for the frames between them.


def _panel(area: pygame.Rect, title: str) -> tuple[pygame.Surface, pygame.Rect]:
    """Return an empty panel, and where on it there is room."""
    surface = pygame.Surface(area.size, depth=32)
    surface.fill(kit.BACKGROUND)
    shapes.panel(surface, surface.get_rect(), title)
    inside = surface.get_rect().inflate(-2 * shapes.INSET, 0)
    inside.y, inside.height = shapes.TITLE, area.height - shapes.TITLE - 14
    return surface, inside


ROOMY, TIGHT = 3, 7
"""So many slots are shown with two lines each, or with one; further ones are only counted."""


@lru_cache(maxsize=16)
def _belief_panel(beliefs: tuple[Belief, ...]) -> pygame.Surface:
    surface, inside = _panel(BELIEF, "What the car believes")
    if not beliefs:
        kit.text(surface, "No slots.", inside.topleft, colour=kit.MUTED)
    elif len(beliefs) <= ROOMY:
        step = min(inside.height // len(beliefs), 106)
        for k, belief in enumerate(beliefs):
            row = pygame.Rect(inside.x, inside.y + (step - 66) // 2 + k * step, inside.width, step)
            _roomy_belief(surface, belief, row)
    else:
        shown = beliefs if len(beliefs) <= TIGHT else beliefs[: TIGHT - 1]
        for k, belief in enumerate(shown):
            row = pygame.Rect(inside.x, inside.y + 30 * k, inside.width, 30)
            _tight_belief(surface, belief, row)
        if len(shown) < len(beliefs):
            words = f"and {len(beliefs) - len(shown)} more"
            kit.text(surface, words, (inside.x, inside.y + 184), size=kit.SMALL, colour=kit.MUTED)
    return surface


def _belief_colour(belief: Belief) -> kit.Colour:
    return kit.BLUE if belief.confirmed else kit.alarm((1 - belief.right) * 1.5)


def _roomy_belief(surface: pygame.Surface, belief: Belief, row: pygame.Rect) -> None:
    """Draw name and probability, a bar, and below it how the slot stands."""
    name = kit.fitted(belief.slot, 190, kit.LARGE, bold=True)
    width = kit.text(surface, name, row.topleft, size=kit.LARGE, bold=True)
    if belief.guarded:
        tag = pygame.Rect(row.x + width + 12, row.y + 2, 86, 24)
        surface.blit(shapes.rounded(tag.size, 12, kit.blend(kit.PANEL, kit.AMBER, 0.2)), tag)
        place = (tag.centerx, tag.y + 3)
        kit.text(surface, "guarded", place, size=kit.SMALL, colour=kit.AMBER, align="middle")
    known = belief.right > 0
    share = f"{belief.right:.0%}" if known else "?"
    colour = kit.TEXT if known else kit.MUTED
    kit.text(surface, share, (row.right, row.y), size=kit.LARGE, colour=colour, align="right")
    meter = pygame.Rect(row.x, row.y + 30, row.width, 10)
    shapes.bar(surface, meter, belief.right, _belief_colour(belief), mark=THRESHOLD)
    words = kit.fitted(belief.value, row.width, kit.SMALL)
    kit.text(surface, words, (row.x, row.y + 45), size=kit.SMALL, colour=kit.MUTED)


def _tight_belief(surface: pygame.Surface, belief: Belief, row: pygame.Rect) -> None:
    """Draw a slot in one line: name, how it stands, a bar, the probability."""
    name = kit.fitted(belief.slot, 104, kit.SMALL, bold=True)
    kit.text(surface, name, row.topleft, size=kit.SMALL, bold=True)
    words = kit.fitted(belief.value, 110, kit.SMALL)
    kit.text(surface, words, (row.x + 112, row.y), size=kit.SMALL, colour=kit.MUTED)
    meter = pygame.Rect(row.x + 230, row.y + 6, 56, 8)
    shapes.bar(surface, meter, belief.right, _belief_colour(belief), mark=THRESHOLD)
    share = f"{belief.right:.0%}" if belief.right > 0 else "?"
    kit.text(surface, share, (row.right, row.y), size=kit.SMALL, align="right")


Dial = tuple[str, float, str, str, float | None]
"""Name, share in [0, 1], number, what stands under it, mark."""


def _gauge_fields(
    scene: CabinScene,
) -> tuple[tuple[Dial, ...], bool, float, bool, tuple[int, int]]:
    """Return what the panel of gauges depends on."""
    noise = min(max((scene.noise - QUIET) / (LOUD - QUIET), 0.0), 1.0)
    if scene.load is None:
        first: Dial = ("Road demand", scene.demand, f"{scene.demand:.2f}", "of 1", None)
    else:
        first = ("Driver load", scene.load, f"{scene.load:.2f}", "of 1", scene.demand)
    last = "s" if scene.last_risk is None else kit.signed(scene.last_risk)
    risk = min(scene.risk / WORST_RISK, 1.0)
    dials: tuple[Dial, ...] = (
        first,
        ("Noise", noise, f"{scene.noise:.0f}", "dB(A)", None),
        ("Seconds at risk", risk, f"{scene.risk:.2f}", last, None),
    )
    return dials, scene.window_open, scene.error_rate, scene.load_high, scene.patience


@lru_cache(maxsize=16)
def _gauge_panel(
    dials: tuple[Dial, ...],
    window_open: bool,
    error_rate: float,
    load_high: bool,
    patience: tuple[int, int],
) -> pygame.Surface:
    surface, inside = _panel(GAUGES, "Driver and cabin")
    for k, dial in enumerate(dials):
        _dial(surface, dial, inside.x + (2 * k + 1) * inside.width // 6, inside.y + 2)
    wide, high = (inside.width - 10) // 2, 34
    top = inside.bottom - 2 * high - 8
    chips = (
        ("Window open", kit.AMBER) if window_open else ("Window closed", kit.GREEN),
        (f"Mishears {error_rate:.0%}", kit.alarm(error_rate / WORST_ERROR)),
        ("Load high", kit.RED) if load_high else ("Load low", kit.GREEN),
    )
    places = [
        pygame.Rect(inside.x + (k % 2) * (wide + 10), top + (k // 2) * (high + 8), wide, high)
        for k in range(4)
    ]
    for area, (words, colour) in zip(places, chips, strict=False):
        shapes.chip(surface, area, words, colour)
    _patience(surface, places[3], *patience)
    return surface


def _dial(surface: pygame.Surface, dial: Dial, middle: int, top: int) -> None:
    name, share, number, unit, mark = dial
    diameter = 96
    image = shapes.dial(diameter, round(share, 3), kit.alarm(share), mark)
    surface.blit(image, (middle - diameter // 2, top))
    place = (middle, top + 28)
    kit.text(surface, number, place, size=kit.LARGE, bold=True, align="middle")
    place = (middle, top + 53)
    kit.text(surface, unit, place, size=kit.SMALL, colour=kit.MUTED, align="middle")
    kit.text(surface, name, (middle, top + 90), size=kit.SMALL, align="middle")


def _patience(surface: pygame.Surface, area: pygame.Rect, left: int, of: int) -> None:
    """Draw how much patience is left, as dots; as a number if they are too many."""
    surface.blit(
        shapes.rounded(area.size, area.height // 2, kit.blend(kit.PANEL, kit.EDGE, 0.6)), area
    )
    kit.text(surface, "Patience", (area.x + 13, area.centery - 9), size=kit.SMALL)
    if of > 5:
        place = (area.right - 14, area.centery - 9)
        kit.text(surface, f"{left}/{of}", place, size=kit.SMALL, align="right")
        return
    colour = kit.RED if left <= 1 else kit.BLUE
    for k in range(of):
        centre = (area.right - 17 - 14 * (of - 1 - k), area.centery)
        shapes.disc(surface, centre, 5, colour if k < left else SPENT)


SPENT: kit.Colour = (78, 88, 106)
"""Patience that is gone."""

MOST_BUBBLES = 12
"""No more of the newest lines are ever looked at."""
BUBBLE_GAP = 10
ICON = 22
FADE = 46
"""Over so much of the top of the conversation its oldest line fades away [px]."""


@lru_cache(maxsize=16)
def _talk_panel(conversation: tuple[Utterance, ...]) -> pygame.Surface:
    """Draw the newest bubbles from the bottom up; the oldest fades away under the title."""
    surface, inside = _panel(TALK, "Conversation")
    place = (inside.right, 13)
    legend = "said above, heard below"
    kit.text(surface, legend, place, size=kit.SMALL, colour=kit.MUTED, align="right")
    if not conversation:
        kit.text(surface, "Nobody has spoken yet.", inside.topleft, colour=kit.MUTED)
        return surface
    heights = [_bubble(line).get_height() + BUBBLE_GAP for line in conversation]
    overflows = sum(heights) > inside.height + BUBBLE_GAP
    bottom = inside.bottom if overflows else inside.y + sum(heights) - BUBBLE_GAP
    surface.set_clip(pygame.Rect(1, shapes.TITLE, TALK.width - 2, TALK.height - shapes.TITLE - 1))
    for line, height in zip(reversed(conversation), reversed(heights), strict=True):
        _line(surface, line, inside, bottom)
        bottom -= height
        if bottom < inside.y:
            break
    if overflows:
        surface.blit(_fade(TALK.width - 2), (1, shapes.TITLE))
    surface.set_clip(None)
    return surface


def _line(surface: pygame.Surface, line: Utterance, inside: pygame.Rect, bottom: int) -> None:
    """Draw one bubble with who speaks, its lower edge at `bottom`."""
    image = _bubble(line)
    own = line.speaker == "car"
    reach = ICON + 12
    x = inside.right - reach - image.get_width() if own else inside.x + reach
    surface.blit(image, (x, bottom - image.get_height()))
    mark = shapes.icon("car" if own else "wheel", ICON, kit.BLUE if own else kit.MUTED)
    surface.blit(mark, (inside.right - ICON if own else inside.x, bottom - ICON - 8))


def _bubble(line: Utterance) -> pygame.Surface:
    return bubble(line.speaker, line.said, line.heard, line.confidence, misheard=line.wrong)


@lru_cache(maxsize=2)
def _fade(width: int) -> pygame.Surface:
    image = pygame.Surface((width, FADE), pygame.SRCALPHA)
    for y in range(FADE):
        image.fill((*kit.PANEL, round(255 * (1 - y / FADE))), (0, y, width, 1))
    return image


MOST_TERMS = 6


@lru_cache(maxsize=16)
def _reward_panel(act: str, terms: tuple[tuple[str, float], ...], total: float) -> pygame.Surface:
    """Draw the terms of the last step as signed bars from a middle line."""
    surface, inside = _panel(REWARD, "Reward of the last act")
    words = kit.signed(total)
    width = kit.text(surface, words, (inside.right, 9), size=kit.LARGE, bold=True, align="right")
    place = (inside.right - width - 10, 13)
    kit.text(surface, "return", place, size=kit.SMALL, colour=kit.MUTED, align="right")
    if not act and not terms:
        kit.text(surface, "No act yet.", inside.topleft, colour=kit.MUTED)
        return surface
    step = sum(value for _, value in terms)
    kit.text(surface, kit.fitted(act, 320), (inside.x, inside.y + 2), bold=True)
    kit.text(surface, kit.signed(step), (inside.right, inside.y + 2), bold=True, align="right")
    pygame.draw.line(surface, kit.EDGE, (inside.x, inside.y + 31), (inside.right, inside.y + 31))
    _terms(surface, terms, pygame.Rect(inside.x, inside.y + 40, inside.width, inside.height - 36))
    return surface


def _terms(
    surface: pygame.Surface, terms: tuple[tuple[str, float], ...], area: pygame.Rect
) -> None:
    """Draw the terms that are not 0, the largest first if they are too many."""
    moved = [term for term in terms if term[1]]
    if len(moved) > MOST_TERMS:
        moved = sorted(moved, key=lambda term: -abs(term[1]))[:MOST_TERMS]
    middle, reach, step = area.x + 245, 105, 25
    if moved:
        end = area.y + step * len(moved) - 4
        pygame.draw.line(surface, kit.EDGE, (middle, area.y), (middle, end))
    for k, (name, value) in enumerate(moved):
        y = area.y + k * step
        words = kit.fitted(name.replace("_", " "), 125)
        kit.text(surface, words, (area.x, y), colour=kit.TEXT)
        length = round(reach * min(abs(value) / LARGEST_TERM, 1.0) ** 0.5)
        colour = kit.GREEN if value > 0 else kit.RED
        shapes.signed_bar(surface, middle, y + 4, length if value > 0 else -length, colour, 13)
        kit.text(surface, kit.signed(value), (area.right, y), align="right")
