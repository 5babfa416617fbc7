"""A window for people: shows frames, keeps time, obeys a few keys."""

import os
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


class WindowClosed(KeyboardInterrupt):
    """The user closed the window; it ends a run as Ctrl-C does."""


@dataclass
class Playback:
    """What the keys have set.

    Attributes:
        paused: Whether the picture stands still.
        speed: Times real time, in [0.25, 8].
        step: Whether one frame is to be shown before the pause goes on.
    """

    paused: bool = False
    speed: float = 1.0
    step: bool = False

    def press(self, key: str) -> None:
        """Obey one key: "space" pauses, "right" steps, "+" and "-" set the speed; else nothing."""
        if key == "space":
            self.paused, self.step = not self.paused, False
        elif key == "right":
            self.paused = self.step = True
        elif key in {"+", "="}:
            self.speed = min(self.speed * FASTER, FASTEST)
        elif key in {"-", "_"}:
            self.speed = max(self.speed / FASTER, SLOWEST)

    def holds(self) -> bool:
        """Return whether to wait before the next frame; uses up a step that was asked for."""
        if self.step:
            self.step = False
            return False
        return self.paused


class Window:
    """Shows frames at a steady rate. Space pauses, right steps once, + and - change the speed.

    Only pygame's display and font are started, never its sound.

    Args:
        size: Width and height [px].
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
        self._title = title
        self._size = size
        self._screen: Any = self._opened(size)
        pygame.font.init()
        self._clock = pygame.time.Clock()
        self._tell()

    def show(self, frame: NDArray[np.uint8]) -> None:
        """Show a frame `(H, W, 3)` uint8, wait until the next is due, and obey the keys.

        Raises:
            ValueError: If the frame is not as large as the window.
            WindowClosed: If the user closed the window, or it was closed before.
        """
        if self.closed:
            raise WindowClosed("the window is closed")
        if frame.shape != (self._size[1], self._size[0], 3):
            raise ValueError(
                f"the frame is {frame.shape}; the window takes {(self._size[1], self._size[0], 3)}"
            )
        image = self._pygame.image.frombuffer(
            np.ascontiguousarray(frame, dtype=np.uint8), self._size, "RGB"
        )
        self._screen.blit(image, (0, 0))
        self._pygame.display.flip()
        self._clock.tick(self.fps * self.playback.speed)
        self._obey()
        while self.playback.holds():
            self._clock.tick(PAUSED_FPS)
            self._pygame.display.flip()
            self._obey()

    def close(self) -> None:
        """Close the window; closing twice does no harm."""
        if not self.closed:
            self.closed = True
            self._pygame.display.quit()
            self._screen = None

    def _opened(self, size: tuple[int, int]) -> Any:
        """Return the screen; where nobody could see it, say what works instead."""
        pygame = self._pygame
        try:
            pygame.display.init()
            if pygame.display.get_driver() == UNSEEN and not os.environ.get("SDL_VIDEODRIVER"):
                raise pygame.error("no screen was found")
            return pygame.display.set_mode(size)
        except pygame.error as error:
            pygame.display.quit()
            raise RuntimeError(
                f"no window can be opened here ({error}). render_mode='rgb_array' works without "
                "a display, and so does `rlkit watch ... --video FILE`"
            ) from error

    def _obey(self) -> None:
        """Handle the waiting events."""
        pygame = self._pygame
        names = {
            pygame.K_SPACE: "space",
            pygame.K_RIGHT: "right",
            pygame.K_PLUS: "+",
            pygame.K_EQUALS: "=",
            pygame.K_KP_PLUS: "+",
            pygame.K_MINUS: "-",
            pygame.K_KP_MINUS: "-",
        }
        for event in pygame.event.get():
            if event.type == pygame.QUIT:
                self.close()
                raise WindowClosed("the window was closed")
            if event.type == pygame.KEYDOWN and event.key in names:
                self.playback.press(names[event.key])
                self._tell()

    def _tell(self) -> None:
        """Say in the title how it plays and which keys there are."""
        state = "paused" if self.playback.paused else f"speed {self.playback.speed:g}"
        keys = "space pauses, \N{RIGHTWARDS ARROW} steps, + and - set the speed"
        self._pygame.display.set_caption(f"{self._title} ({state}; {keys})")
