"""Animate value iteration sweeping a maze: synchronous beside in place."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from rlkit.agents.planning.kernels import sweep
from rlkit.agents.planning.planner import unsigned
from rlkit.arrays import Floats
from rlkit.model import TabularModel
from rlkit.scripts.common import command

MAZE = (
    "###############",
    "#G..#.......#.#",
    "###.#.###.#.#.#",
    "#...#...#.#...#",
    "#.#####.#.###.#",
    "#.....#.#...#.#",
    "#####.#.###.###",
    "#...#...#.#...#",
    "#.#.#####.###.#",
    "#.#...........#",
    "#.#########.#.#",
    "#...........#S#",
    "###############",
)
"""States are swept row by row, so news run fast to the right and downwards."""
WAYS = ("synchronous", "in place")


@dataclass
class AnimateSweeps:
    """Write the sweeps of value iteration over a maze, in both ways side by side, as a .gif."""

    out: Path = Path("docs/gallery/images/sweeps.gif")
    """Where."""
    width: int = 720
    """Of the animation [px]."""
    fps: int = 4
    """Sweeps a second."""
    hold: int = 8
    """How many times the last frame is shown."""

    def main(self) -> None:
        """Sweep, draw and write."""
        from rlkit.scripts.demonstration.film import write_gif

        env: Any = gymnasium.make(
            "rlkit/GridWorld-v0", map=list(MAZE), discount=0.98, render_mode="rgb_array"
        )
        found = {way: list(sweeps(env.unwrapped.model, way)) for way in WAYS}
        frames = list(_frames(env, found))
        self.out.parent.mkdir(parents=True, exist_ok=True)
        write_gif(self.out, frames + frames[-1:] * self.hold, self.width, self.fps, 128)
        counts = ", ".join(f"{len(values) - 1} {way}" for way, values in found.items())
        print(f"{self.out}: {self.out.stat().st_size / 1e6:.2f} MB; sweeps that change: {counts}")


def sweeps(model: TabularModel, way: str) -> Iterator[Floats]:
    """Yield the values at first and after every sweep that changes them, `(S,)` each.

    Args:
        model: The problem; deterministic, so that the sweeps come to an end.
        way: "synchronous" or "in place", where states are swept by index.
    """
    rows = (unsigned(model.P.indptr), unsigned(model.P.indices), model.P.data)
    order, values = np.arange(model.num_states), np.zeros(model.num_states)
    while True:
        yield values
        following = values.copy()
        if way == "in place":
            sweep(rows, model.R, model.legal, model.over, model.discount, following, order)
        else:
            following = np.where(model.over, 0.0, action_values(model, values).max(axis=1))
        if (following == values).all():
            return
        values = following


def action_values(model: TabularModel, values: Floats) -> Floats:
    """Return Q `(S, A)` of one step before `values`; minus infinity where illegal."""
    q = model.R + model.discount * (model.P @ values).reshape(model.R.shape)
    return np.where(model.legal, q, -np.inf)


def _frames(env: Any, found: dict[str, list[Floats]]) -> Iterator[Any]:
    """Yield a picture of each sweep; who has finished stands still."""
    from rlkit.scripts.runs.curves import new_figure

    env.reset(seed=0)
    for k, row in enumerate(zip_longest(*found.values())):
        figure = new_figure((9.0, 4.0))
        for axes, (way, all_values), values in zip(
            figure.subplots(1, 2), found.items(), row, strict=True
        ):
            axes.imshow(_picture(env, all_values[-1] if values is None else values))
            axes.axis("off")
            last = len(all_values) - 1
            axes.set_title(f"{way}: sweep {k}" if k < last else f"{way}: all known after {last}")
        figure.canvas.draw()
        yield np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()


def _picture(env: Any, values: Floats) -> Any:
    """Return the maze with values, and with the moves of the states whose value is known."""
    model = env.unwrapped.model
    q = action_values(model, values)
    best = (q >= q.max(axis=1, keepdims=True) - 1e-12) & (values > 0)[:, None]
    env.unwrapped.overlay(values=values, policy=best / np.maximum(best.sum(axis=1), 1)[:, None])
    return env.render()


if __name__ == "__main__":
    raise SystemExit(command(AnimateSweeps))
