"""A window for people: shows frames, keeps time, obeys a few keys."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SLOWEST, FASTEST, FASTER = 0.25, 8.0, 2.0
"""Limits of the speed, and what one press of a key multiplies it by."""
UNSEEN = "offscreen"
"""The driver that SDL falls back to where there is no screen."""
PAUSED_FPS = 30
"""How often a paused window looks for keys [1/s]."""
BAR = 28
"""Height of the line under the frame that lists the keys [px]."""
KEYS = (
    ("space", "pause"),
    ("\N{RIGHTWARDS ARROW} or n", "one step"),
    ("+ \N{MINUS SIGN}", "speed"),
    ("q", "quit"),
)
"""What the keys do, as the window lists them."""


class NoWindowError(RuntimeError):
    """There is no screen to open a window on; the message says what works instead."""


class WindowClosed(KeyboardInterrupt):
    """The user closed the window; it ends a run as Ctrl-C does."""


@dataclass
class Playback:
    """What the keys have set.

    Attributes:
        paused: Whether the picture stands still.
        speed: Times real time, in [0.25, 8].
        stepping: Whether it plays up to the next decision only.
    """

    paused: bool = False
    speed: float = 1.0
    stepping: bool = False

    def press(self, key: str) -> None:
        """Obey one key of "pause", "step", "faster" and "slower"."""
        if key == "pause":
            self.paused, self.stepping = not self.paused, False
        elif key == "step":
            self.paused, self.stepping = False, True
        elif key == "faster":
            self.speed = min(self.speed * FASTER, FASTEST)
        elif key == "slower":
            self.speed = max(self.speed / FASTER, SLOWEST)
        else:
            raise ValueError(f"no key does {key!r}")

    def decide(self) -> None:
        """Note that a decision is due: a single step ends here."""
        if self.stepping:
            self.paused, self.stepping = True, False

    def __str__(self) -> str:
        return "paused" if self.paused else f"speed {self.speed:g}"


class Window:
    """Shows frames at a steady rate, and under them the keys: pause, single step, speed, quit.

    Only pygame's display and font are started, never its sound. pygame has one screen for all: if
    somebody else has quit it, or has made it another's, it is opened again for the next frame.

    Args:
        size: Width and height of the frames [px].
        title: Of the window.
        fps: Frames per second at speed 1; above 0.

    Attributes:
        playback: What the keys have set; it may be changed from outside too.
        closed: Whether the window has been closed.

    Raises:
        ValueError: If the size or the rate is not above 0.
        RuntimeError: If there is no display.
    """

    def __init__(self, size: tuple[int, int], title: str, fps: float) -> None:
        if min(size) < 1 or not 0 < fps < float("inf"):
            raise ValueError(f"size and fps must be above 0, got {size} and {fps}")
        import pygame

        self._pygame: Any = pygame
        self.playback = Playback()
        self.closed = False
        self.fps = fps
        self._size, self._title = size, title
        self._screen: Any = self._opened()
        self._clock = pygame.time.Clock()

    def play(self, frames: Iterable[NDArray[np.uint8]]) -> None:
        """Show the frames from one decision to the next; a pause holds them.

        Raises:
            ValueError: If a frame is not as large as the window.
            WindowClosed: If the user closed the window, or it was closed before.
        """
        for frame in frames:
            self.show(frame)
        self.playback.decide()
        self._hold()

    def show(self, frame: NDArray[np.uint8]) -> None:
        """Show one frame `(H, W, 3)` uint8, wait until the next is due, and obey the keys.

        Raises:
            ValueError: If the frame is not as large as the window.
            WindowClosed: If the user closed the window, or it was closed before.
        """
        if self.closed:
            raise WindowClosed("the window is closed")
        width, height = self._size
        if frame.shape != (height, width, 3):
            raise ValueError(f"the frame is {frame.shape}; the window takes {(height, width, 3)}")
        if not self._is_open():
            self._screen = self._opened()
        image = self._pygame.image.frombuffer(
            np.ascontiguousarray(frame, dtype=np.uint8), self._size, "RGB"
        )
        self._screen.blit(image, (0, 0))
        self._refresh(self.fps * self.playback.speed)
        self._hold()

    def close(self) -> None:
        """Close the window; closing twice does no harm."""
        if not self.closed:
            self.closed = True
            self._pygame.display.quit()
            self._screen = None

    @property
    def _whole(self) -> tuple[int, int]:
        """Width and height of the frames with the line under them [px]."""
        return self._size[0], self._size[1] + BAR

    def _is_open(self) -> bool:
        """Return whether the screen is still ours."""
        current = self._pygame.display.get_surface()
        return current is not None and current.get_size() == self._whole

    def _opened(self) -> Any:
        """Return the screen; where nobody could see it, say what works instead."""
        pygame = self._pygame
        try:
            pygame.display.init()
            if pygame.display.get_driver() == UNSEEN and not os.environ.get("SDL_VIDEODRIVER"):
                raise pygame.error("no screen was found")
            pygame.display.set_caption(self._title)
            return pygame.display.set_mode(self._whole)
        except pygame.error as error:
            pygame.display.quit()
            raise NoWindowError(
                f"no window can be opened here ({error}). render_mode='rgb_array' works without "
                "a display, and so does `rlkit watch ... --video FILE`"
            ) from error

    def _hold(self) -> None:
        """Wait while it is paused."""
        while self.playback.paused:
            self._refresh(PAUSED_FPS)

    def _refresh(self, fps: float) -> None:
        """Draw the line with the keys, show the picture, wait, and handle what has come."""
        self._draw_keys()
        self._pygame.display.flip()
        self._clock.tick(fps)
        for event in self._pygame.event.get():
            self._handle(event)

    def _handle(self, event: Any) -> None:
        pygame = self._pygame
        quits = {pygame.K_ESCAPE, pygame.K_q}
        pressed = event.type == pygame.KEYDOWN
        if event.type == pygame.QUIT or (pressed and event.key in quits):
            self.close()
            raise WindowClosed("the window was closed")
        meanings = {
            pygame.K_SPACE: "pause",
            pygame.K_RIGHT: "step",
            pygame.K_n: "step",
            pygame.K_PLUS: "faster",
            pygame.K_EQUALS: "faster",
            pygame.K_KP_PLUS: "faster",
            pygame.K_MINUS: "slower",
            pygame.K_KP_MINUS: "slower",
        }
        if pressed and event.key in meanings:
            self.playback.press(meanings[event.key])

    def _draw_keys(self) -> None:
        """List the keys under the frame, as far as there is room, and how it plays."""
        from rlkit.envs.view import kit

        width, top = self._size
        self._screen.fill(kit.PANEL, (0, top, width, BAR))
        state = kit.fitted(str(self.playback), width - 32, kit.SMALL, bold=True)
        colour = kit.AMBER if self.playback.paused else kit.TEXT
        x = 16 + kit.text(
            self._screen, state, (16, top + 5), size=kit.SMALL, colour=colour, bold=True
        )
        for key, meaning in KEYS:
            needed = kit.width_of(f"{key} {meaning}", kit.SMALL, bold=True) + 28
            if x + needed > width:
                break
            x += 24 + kit.text(self._screen, key, (x + 24, top + 5), size=kit.SMALL, bold=True)
            place = (x + 7, top + 5)
            x += 7 + kit.text(self._screen, meaning, place, size=kit.SMALL, colour=kit.MUTED)
