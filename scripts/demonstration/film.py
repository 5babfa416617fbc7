"""Make a short animation and a still of the dashboard, for a README or a talk."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import tyro
from numpy.typing import NDArray

from rlkit.scripts.common import command

Frame = NDArray[np.uint8]


@dataclass
class Film:
    """Film the handcrafted policy from a moment on; write a .gif and a .png beside it."""

    out: Path = Path("film.gif")
    """Where the animation goes; the still has the same name."""
    target: str = "rlkit/CabinMotorway-v0"
    """The environment."""
    seed: int = 0
    """Of the dialogue."""
    begin: float = 0.0
    """Where in the video of the dialogue the film begins [s]."""
    seconds: float = 6.0
    """Length [s]."""
    still: float = 0.5
    """Moment of the still, as a share of the film."""
    width: int = 640
    """Of the animation [px]; the still keeps its size."""
    fps: int = 15
    """Frames per second of the animation; a divisor of 30."""
    colours: int = 256
    """Of the animation, at most 256."""
    env: Annotated[dict[str, str], tyro.conf.arg(metavar="KEY VALUE ...")] = field(
        default_factory=dict
    )
    """Arguments of the environment."""

    def main(self) -> None:
        """Film and write."""
        import imageio.v2 as imageio

        from rlkit.scripts.common import UserError
        from rlkit.scripts.watch import fps_of

        env, frames = self._frames()
        every = fps_of(env)
        if every % self.fps:
            raise UserError(f"fps is a divisor of {every}, got {self.fps}")
        first = round(self.begin * every)
        shown = list(itertools.islice(frames, first, first + round(self.seconds * every)))
        if not shown:
            raise UserError(f"the dialogue is over before {self.begin:g} s")
        self.out.parent.mkdir(parents=True, exist_ok=True)
        still = self.out.with_suffix(".png")
        imageio.imwrite(still, shown[min(int(self.still * len(shown)), len(shown) - 1)])
        write_gif(self.out, shown[:: every // self.fps], self.width, self.fps, self.colours)
        for path in (self.out, still):
            print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")

    def _frames(self) -> tuple[Any, Iterator[Frame]]:
        from rlkit.scripts.common import opened
        from rlkit.scripts.watch import play

        env, player, _ = opened(self.target, "handcrafted", self.env, "rgb_array")
        return env, play(env, player, 1, self.seed)


def write_gif(path: Path, frames: list[Frame], width: int, fps: int, colours: int) -> None:
    """Write frames as a small .gif: reduced, with one palette for all of them.

    Args:
        path: Where.
        frames: `(H, W, 3)` uint8 each.
        width: Of the animation [px].
        fps: Frames per second.
        colours: Of the palette, at most 256.
    """
    from PIL import Image

    height = round(width * frames[0].shape[0] / frames[0].shape[1])
    small = [
        Image.fromarray(frame).resize((width, height), Image.Resampling.LANCZOS) for frame in frames
    ]
    sample = np.concatenate([np.asarray(image) for image in small[:: max(len(small) // 6, 1)]])
    palette = Image.fromarray(sample).quantize(colours, Image.Quantize.FASTOCTREE)
    flat = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in small]
    flat[0].save(
        path, save_all=True, append_images=flat[1:], duration=1000 // fps, loop=0, optimize=True
    )


if __name__ == "__main__":
    raise SystemExit(command(Film))
