"""The window: keys, closing, and a machine without a screen."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pygame
import pytest

from rlkit.envs.view.window import FASTEST, SLOWEST, Playback, Window, WindowClosed

FRAME = np.full((40, 60, 3), (10, 200, 30), dtype=np.uint8)


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch) -> Iterator[Window]:
    pygame.display.quit()
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    shown = Window((60, 40), "test", fps=2_000)
    yield shown
    shown.close()


def press(key: int) -> None:
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))


def test_it_shows_the_frame_and_starts_no_sound(window: Window) -> None:
    window.show(FRAME)
    screen = pygame.display.get_surface()
    assert screen is not None
    assert tuple(screen.get_at((59, 39)))[:3] == (10, 200, 30)
    assert pygame.mixer.get_init() is None


def test_closing_twice_does_no_harm_and_a_closed_window_shows_nothing(window: Window) -> None:
    window.close()
    window.close()
    assert window.closed
    assert not pygame.display.get_init()
    with pytest.raises(WindowClosed):
        window.show(FRAME)


def test_the_user_closes_it(window: Window) -> None:
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    with pytest.raises(WindowClosed, match="closed"):
        window.show(FRAME)
    assert window.closed


def test_a_paused_window_can_still_be_closed(window: Window) -> None:
    press(pygame.K_SPACE)
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    with pytest.raises(WindowClosed):
        window.show(FRAME)


def test_a_pause_lasts_until_space_is_pressed_again(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[list[Any]] = [[pygame.K_SPACE], [], [], [pygame.K_SPACE]]
    asked = 0

    def events() -> list[Any]:
        nonlocal asked
        asked += 1
        keys = answers.pop(0) if answers else []
        return [pygame.event.Event(pygame.KEYDOWN, key=key) for key in keys]

    monkeypatch.setattr(pygame.event, "get", events)
    window.show(FRAME)
    assert asked == 4
    assert not window.playback.paused


def test_the_right_arrow_shows_one_frame_and_keeps_the_pause(window: Window) -> None:
    press(pygame.K_RIGHT)
    window.show(FRAME)
    assert window.playback.paused
    press(pygame.K_RIGHT)
    window.show(FRAME)
    assert window.playback.paused


def test_plus_and_minus_change_the_speed_and_the_title(window: Window) -> None:
    press(pygame.K_PLUS)
    press(pygame.K_KP_PLUS)
    press(pygame.K_MINUS)
    window.show(FRAME)
    assert window.playback.speed == 2.0
    assert "speed 2" in pygame.display.get_caption()[0]


def test_playback_obeys_its_keys_and_stays_in_its_limits() -> None:
    playback = Playback()
    assert not playback.holds()
    playback.press("right")
    assert not playback.holds()
    assert playback.holds()
    playback.press("space")
    assert not playback.holds()
    for _ in range(20):
        playback.press("+")
    assert playback.speed == FASTEST
    for _ in range(20):
        playback.press("-")
    assert playback.speed == SLOWEST
    playback.press("q")
    assert playback == Playback(speed=SLOWEST)


def test_a_frame_of_another_size_is_refused(window: Window) -> None:
    with pytest.raises(ValueError, match=r"the frame is \(60, 40, 3\)"):
        window.show(FRAME.transpose(1, 0, 2))


@pytest.mark.parametrize(("size", "fps"), [((0, 5), 30.0), ((5, 5), 0.0), ((5, 5), float("nan"))])
def test_impossible_windows_are_refused(size: tuple[int, int], fps: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        Window(size, "test", fps)


def test_without_a_screen_it_says_what_works(monkeypatch: pytest.MonkeyPatch) -> None:
    pygame.display.quit()
    monkeypatch.setenv("SDL_VIDEODRIVER", "nosuchdriver")
    with pytest.raises(RuntimeError, match="rgb_array"):
        Window((60, 40), "test", 30)
    assert not pygame.display.get_init()


def test_a_window_that_nobody_could_see_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pygame.display.quit()
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.display.init()
    monkeypatch.delenv("SDL_VIDEODRIVER")
    monkeypatch.setattr(pygame.display, "get_driver", lambda: "offscreen")
    with pytest.raises(RuntimeError, match=r"no screen was found.*rgb_array"):
        Window((60, 40), "test", 30)
