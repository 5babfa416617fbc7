"""Words on the dashboard: they fit, they stay apart, and they can be read."""

import pygame
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlkit.envs.cabin.dashboard import drawing as dashboard
from rlkit.envs.cabin.dashboard.drawing import draw
from rlkit.envs.cabin.dashboard.panels import beliefs, bubbles
from rlkit.envs.cabin.dashboard.scene import (
    Actuators,
    Belief,
    CabinScene,
    Driver,
    GoalBar,
    Heard,
    Road,
    Utterance,
)
from rlkit.envs.view import kit, shapes
from studies.dashboard.scenes import SCENES, extreme
from tests.envs.view.writing import AREAS, Written, forget


def room(line: Written) -> pygame.Rect:
    """Return where a line of words may be: inside of its panel or bubble, with a margin."""
    whole = line.surface.get_rect()
    if whole.size == dashboard.SIZE:
        return dashboard.ROAD.inflate(-2 * shapes.INSET, 0)
    margin = 8 if whole.size in {area.size for area in AREAS} else bubbles.PADDING
    return whole.inflate(-2 * margin, 0)


def check_words(lines: list[Written]) -> None:
    """Check that all words are in their room and none are on top of each other."""
    for line in lines:
        assert room(line).contains(line.area), f"{line.words!r} at {line.area} runs over"
    for surface in {id(line.surface): line.surface for line in lines}.values():
        areas = [line for line in lines if line.surface is surface and line.words.strip()]
        for k, line in enumerate(areas):
            touched = line.area.inflate(0, -6).collidelist([a.area for a in areas[k + 1 :]])
            assert touched < 0, f"{line.words!r} is under {areas[k + 1 + touched].words!r}"


@pytest.mark.parametrize("name", SCENES)
def test_words_stay_in_their_panel_and_apart(name: str, written: list[Written]) -> None:
    draw(SCENES[name]())
    assert len(written) > 5
    check_words(written)


@pytest.mark.parametrize("slots", range(33))
@pytest.mark.parametrize("wide", [False, True])
def test_any_number_of_slots_fits(slots: int, *, wide: bool, written: list[Written]) -> None:
    words = extreme().beliefs[:slots]
    size = (dashboard.BELIEF.union(dashboard.CAR) if wide else dashboard.BELIEF).size
    beliefs.belief_panel(size, words)
    check_words(written)


WORDS = st.text(max_size=60) | st.just("wide " * 40) | st.just("W" * 90)
NUMBERS = st.floats(-1e9, 1e9)
SHARES = st.floats(0, 1)


@settings(max_examples=30)
@given(words=st.lists(WORDS, min_size=8, max_size=8), number=NUMBERS, share=SHARES, data=st.data())
def test_words_of_any_kind_and_length_stay_in_their_room(
    words: list[str], number: float, share: float, data: st.DataObject, written: list[Written]
) -> None:
    count = data.draw(st.integers(0, 9))
    scene = CabinScene(
        clock=abs(number) % 1e6,
        turn=int(abs(number)) % 1_000_000,
        road=Road("motorway", speed=share * 99, gap=abs(number), note=words[0], rain=share),
        driver=Driver(
            load=share,
            risk=abs(number) % 1e6,
            risk_now=abs(number) % 1e3,
            mood=share,
            patience=(count, 2 * count),
            goals=tuple(GoalBar(word, share) for word in words[:count]),
        ),
        noise=abs(number) % 1_000,
        error_rate=share,
        conversation=tuple(
            Utterance(speaker, word, tuple(Heard(other, share) for other in words[:3]), share)
            for speaker, word in zip(("driver", "car") * 2, words, strict=False)
        ),
        beliefs=tuple(Belief(word, words[1], share, words[2], (1 - share) / 2) for word in words),
        actuators=Actuators(ambient=words[3], media=words[4], destination=words[5], fan=count),
        act=words[6],
        terms=dict.fromkeys(words, number),
        total=number,
        outcome=words[7],
    )
    forget()
    written.clear()
    assert draw(scene).shape == (720, 1280, 3)
    check_words(written)


def luminance(colour: kit.Colour) -> float:
    """Return the relative luminance of a colour (WCAG 2)."""
    shares = [channel / 255 for channel in colour]
    linear = [s / 12.92 if s <= 0.03928 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", [kit.TEXT, kit.MUTED, kit.BLUE, kit.GREEN, kit.AMBER, kit.RED])
@pytest.mark.parametrize("ground", [kit.PANEL, kit.BACKGROUND, bubbles.INSET])
def test_words_stand_out_from_their_ground(colour: kit.Colour, ground: kit.Colour) -> None:
    """WCAG 2 asks for a contrast of 4.5 for text of normal size."""
    light, dark = luminance(colour), luminance(ground)
    assert (light + 0.05) / (dark + 0.05) >= 4.5
