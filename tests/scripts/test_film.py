"""Films of the dashboard: their size and colours, and what is said about wrong arguments."""

from pathlib import Path

import imageio.v2 as imageio
import numpy as np
import pytest
from PIL import Image

from rlkit.scripts.common import UserError
from rlkit.scripts.demonstration.film import Film, write_gif


def test_a_film_and_a_still_are_written(tmp_path: Path) -> None:
    out = tmp_path / "new" / "film.gif"
    Film(out, "rlkit/CabinParked-v0", seconds=1.0, width=320, fps=10).main()

    with Image.open(out) as film:
        assert (film.size, getattr(film, "n_frames", 1)) == ((320, 180), 10)
        assert film.info["duration"] == 100
    assert imageio.imread(out.with_suffix(".png")).shape == (720, 1280, 3)


def test_rare_colours_are_kept(tmp_path: Path) -> None:
    """A small green sign on a dark picture stays green, as gauges must."""
    frames = []
    for k in range(6):
        noise = np.random.default_rng(k).integers(0, 40, (90, 160, 3), np.uint8)
        noise[10:20, 10 + k : 20 + k] = (40, 190, 150)
        frames.append(noise)
    path = tmp_path / "film.gif"
    write_gif(path, frames, 160, 10, 256)

    with Image.open(path) as film:
        pixel = np.asarray(film.convert("RGB"))[15, 15].astype(int)
    assert np.abs(pixel - (40, 190, 150)).max() < 20


@pytest.mark.parametrize(
    ("film", "message"),
    [(Film(fps=7), "divisor of 30"), (Film(begin=1e4), "over before 10000 s")],
)
def test_wrong_arguments(film: Film, message: str, tmp_path: Path) -> None:
    film.out, film.target = tmp_path / "film.gif", "rlkit/CabinBench1-v0"
    film.env = {"max_turns": "1"}
    with pytest.raises(UserError, match=message):
        film.main()
