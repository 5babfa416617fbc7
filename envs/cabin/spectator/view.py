"""What is seen of a dialogue in a window or a picture; loaded only where something is drawn."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from rlkit.envs.cabin.dashboard.screen import Screen
from rlkit.envs.cabin.ontology.domain import Domain
from rlkit.envs.cabin.simulator.simulator import Simulator
from rlkit.envs.cabin.spectator.spectator import Spectator


class View:
    """A spectator and the screen on which the scenes are shown.

    Args:
        render_mode: "human" or "rgb_array".
        domain: The ontology.
        simulator: The dialogues, of which the first is shown; nothing in it is changed.
    """

    def __init__(self, render_mode: str, domain: Domain, simulator: Simulator) -> None:
        self._spectator = Spectator(domain, simulator)
        self._screen = Screen(render_mode)

    def begin(self) -> None:
        """Show the first moment of a dialogue."""
        scene = self._spectator.begin()
        self._screen.begin(scene, self._spectator.road)

    def add(self) -> None:
        """Show the moment after an act."""
        self._screen.add(self._spectator.add())

    def render(self) -> NDArray[np.uint8] | str | None:
        """Return the present moment, `(720, 1280, 3)` uint8; None for a window."""
        return self._screen.render()

    def frames(self) -> Iterator[NDArray[np.uint8]]:
        """Yield the frames from the last decision to now, 30 a second."""
        return self._screen.frames()

    def close(self) -> None:
        """Close the window, if there is one."""
        self._screen.close()
