"""A window for people: shows frames, keeps time, obeys a few keys."""

import time
from typing import Any

import numpy as np
from numpy.typing import NDArray


class WindowClosed(KeyboardInterrupt):
    """The user closed the window; it ends a run as Ctrl-C does."""


class Window:
    """Shows frames at a steady rate. Space pauses, right steps once, + and - change the speed.

    Args:
        size: Width and height [px].
        title: Of the window.
        fps: Frames per second.

    Raises:
        RuntimeError: If there is no display.
    """

    def __init__(self, size: tuple[int, int], title: str, fps: float) -> None:
        import pygame

        self._pygame: Any = pygame
        pygame.display.init()
        try:
            self._screen: Any = pygame.display.set_mode(size)
        except pygame.error as error:
            raise RuntimeError(
                f"no window can be opened here ({error}). Use render_mode='rgb_array', or "
                "`rlkit watch ... --video FILE`"
            ) from error
        pygame.display.set_caption(title)
        self._clock = pygame.time.Clock()
        self.fps = fps
        self.paused = False

    def show(self, frame: NDArray[np.uint8]) -> None:
        """Show a frame `(H, W, 3)` uint8 and wait until the next is due.

        Raises:
            WindowClosed: If the user closed the window.
        """
        image = self._pygame.surfarray.make_surface(frame.transpose(1, 0, 2))
        self._screen.blit(image, (0, 0))
        self._pygame.display.flip()
        self._clock.tick(self.fps)
        self._obey()
        while self.paused:
            time.sleep(0.02)
            if self._obey():
                break

    def close(self) -> None:
        """Close the window; closing twice does no harm."""
        if self._screen is not None:
            self._pygame.display.quit()
            self._screen = None

    def _obey(self) -> bool:
        """Handle waiting events; return whether a single step was asked for."""
        keys = self._pygame
        step = False
        for event in keys.event.get():
            if event.type == keys.QUIT:
                self.close()
                raise WindowClosed("the window was closed")
            if event.type != keys.KEYDOWN:
                continue
            if event.key == keys.K_SPACE:
                self.paused = not self.paused
            elif event.key == keys.K_RIGHT:
                self.paused = step = True
            elif event.key in {keys.K_PLUS, keys.K_EQUALS, keys.K_KP_PLUS}:
                self.fps *= 1.5
            elif event.key in {keys.K_MINUS, keys.K_KP_MINUS}:
                self.fps = max(self.fps / 1.5, 1.0)
        return step
