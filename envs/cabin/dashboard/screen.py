"""Shows an environment's scenes in its render mode: as text, as frames, or in a window."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from rlkit.copying import Copyable
from rlkit.envs.cabin.dashboard import FPS
from rlkit.envs.cabin.dashboard.as_text import describe
from rlkit.envs.cabin.dashboard.motion import frames
from rlkit.envs.cabin.dashboard.scene import CabinScene, Road


class Screen(Copyable):
    """Remembers the last two scenes, and shows the way from one to the other.

    An environment calls `begin` at every reset and `add` at every step; its `render`, `frames`
    and `close` return what those here return. Nothing random is used.

    Args:
        render_mode: One of `RENDER_MODES`; the caller keeps no screen without one.
        title: Of the window.
    """

    remade: ClassVar[tuple[str, ...]] = ("_window",)

    def __init__(self, render_mode: str, title: str = "rlkit-cabin") -> None:
        self.render_mode = render_mode
        self._title = title
        self._before = self._now = CabinScene()
        self._road: Callable[[float], Road] | None = None
        self._remake()

    def _remake(self) -> None:
        self._window: Any = None

    def begin(self, scene: CabinScene, road: Callable[[float], Road] | None = None) -> None:
        """Take the first scene of an episode; a window shows it.

        Args:
            scene: The first scene.
            road: The road at any time of the episode [s], where it is known better than by the
                scenes.
        """
        self._before = self._now = scene
        self._road = road
        self._play()

    def add(self, scene: CabinScene) -> None:
        """Take the scene after an act; a window shows the way to it.

        Raises:
            WindowClosed: If the user closed the window.
        """
        self._before, self._now = self._now, scene
        self._play()

    def render(self) -> NDArray[np.uint8] | str | None:
        """Return the present moment as a frame `(720, 1280, 3)` or text; None for a window."""
        if self.render_mode == "ansi":
            return describe(self._now)
        return _draw(self._now) if self.render_mode == "rgb_array" else None

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames from the last decision to now, 30 a second."""
        return (_draw(scene) for scene in frames(self._before, self._now, road=self._road))

    def close(self) -> None:
        """Close the window, if there is one."""
        if self._window is not None:
            self._window.close()
            self._window = None

    def _play(self) -> None:
        if self.render_mode != "human":
            return
        if self._window is None:
            from rlkit.envs.cabin.dashboard.drawing import SIZE
            from rlkit.envs.view.window import Window

            self._window = Window(SIZE, self._title, FPS)
        self._window.play(self.frames())


def _draw(scene: CabinScene) -> NDArray[np.uint8]:
    """Draw a scene; pygame is loaded only now."""
    from rlkit.envs.cabin.dashboard.drawing import draw

    return draw(scene)
