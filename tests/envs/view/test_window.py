"""The window: keys, closing, and a machine without a screen."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pygame
import pytest

from rlkit.envs.view import kit
from rlkit.envs.view.window import (
    BAR,
    FASTEST,
    KEYS,
    SLOWEST,
    NoWindowError,
    Playback,
    Window,
    WindowClosed,
)

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


def quit_and_begin() -> None:
    """Do what somebody does who closes one window and opens another."""
    pygame.quit()
    pygame.display.init()


@pytest.mark.parametrize(
    "leave",
    [
        pygame.quit,
        pygame.display.quit,
        pygame.font.quit,
        quit_and_begin,
        lambda: pygame.display.set_mode((500, 300)),
    ],
)
def test_it_opens_again_after_somebody_has_quit_or_taken_the_screen(
    leave: Callable[[], object], window: Window
) -> None:
    for _ in range(2):
        leave()
        window.show(FRAME)
        screen = pygame.display.get_surface()
        assert screen is not None
        assert screen.get_size() == (60, 40 + BAR)
        assert tuple(screen.get_at((59, 39)))[:3] == (10, 200, 30)


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


@pytest.mark.parametrize("key", [pygame.K_RIGHT, pygame.K_n])
def test_a_single_step_plays_up_to_the_next_decision(
    window: Window, monkeypatch: pytest.MonkeyPatch, key: int
) -> None:
    """The window looks for keys once a frame, and again and again while it is paused."""
    looks = 0
    pressed = {1: pygame.K_SPACE, 3: key, 8: key, 14: pygame.K_ESCAPE}

    def events() -> list[pygame.event.Event]:
        nonlocal looks
        looks += 1
        return [
            pygame.event.Event(pygame.KEYDOWN, key=one) for k, one in pressed.items() if k == looks
        ]

    monkeypatch.setattr(pygame.event, "get", events)
    window.play([FRAME] * 3)  # look 1 pauses, 3 steps: frames 2 and 3 at looks 4 and 5; 8 steps
    assert looks == 8
    with pytest.raises(WindowClosed):
        window.play([FRAME] * 3)  # looks 9 to 11, and then it is paused until look 14
    assert looks == 14


@pytest.mark.parametrize("key", [pygame.K_ESCAPE, pygame.K_q])
def test_keys_close_it_too_even_when_it_is_paused(window: Window, key: int) -> None:
    press(pygame.K_SPACE)
    press(key)
    with pytest.raises(WindowClosed):
        window.show(FRAME)
    assert window.closed


def test_plus_and_minus_change_the_speed(window: Window) -> None:
    press(pygame.K_PLUS)
    press(pygame.K_KP_PLUS)
    press(pygame.K_MINUS)
    press(pygame.K_a)
    window.show(FRAME)
    assert window.playback == Playback(speed=2.0)


def test_the_keys_are_listed_under_the_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    words: list[str] = []
    write = kit.text

    def watched(surface: pygame.Surface, line: str, *place: Any, **how: Any) -> int:
        words.append(line)
        return write(surface, line, *place, **how)

    monkeypatch.setattr(kit, "text", watched)
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    wide = Window((1280, 40), "test", fps=2_000)
    wide.show(np.zeros((40, 1280, 3), dtype=np.uint8))
    screen = pygame.display.get_surface()
    assert screen is not None
    assert screen.get_size() == (1280, 40 + BAR)
    assert words == ["speed 1", *(word for pair in KEYS for word in pair)]
    wide.close()


def test_playback_obeys_its_keys_and_stays_in_its_limits() -> None:
    playback = Playback()
    playback.decide()
    assert playback == Playback()
    playback.press("step")
    assert playback == Playback(stepping=True)
    playback.decide()
    assert playback == Playback(paused=True)
    playback.press("pause")
    playback.decide()
    assert playback == Playback()
    for _ in range(20):
        playback.press("faster")
    assert playback.speed == FASTEST
    for _ in range(20):
        playback.press("slower")
    assert playback == Playback(speed=SLOWEST)
    with pytest.raises(ValueError, match="no key does 'jump'"):
        playback.press("jump")


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
    with pytest.raises(NoWindowError, match="rgb_array"):
        Window((60, 40), "test", 30)
    assert not pygame.display.get_init()


def test_a_window_that_nobody_could_see_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pygame.display.quit()
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pygame.display.init()
    monkeypatch.delenv("SDL_VIDEODRIVER")
    monkeypatch.setattr(pygame.display, "get_driver", lambda: "offscreen")
    with pytest.raises(NoWindowError, match=r"no screen was found.*rgb_array"):
        Window((60, 40), "test", 30)
