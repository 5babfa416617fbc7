"""The deep half of the demonstration: both play, and the film shows them on the same drive."""

from itertools import islice
from pathlib import Path

import imageio.v2 as imageio
import numpy as np
import pytest

pytest.importorskip("torch")

from rlkit.scripts import watch
from rlkit.scripts.common import UserError
from rlkit.scripts.demo import Demo
from rlkit.scripts.demonstration import cabin as demo_cabin

written = watch.write_video


def test_ppo_is_shown_beside_the_rules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo_cabin, "EPISODES", 20)
    monkeypatch.setattr(
        watch, "write_video", lambda path, frames, fps: written(path, islice(frames, 5), fps)
    )
    rows = demo_cabin.demonstrate(tmp_path, 500, shown=False)
    assert set(rows) == {"handcrafted", "ppo"}
    assert rows["handcrafted"]["success"]["mean"] > 0.6
    assert "handcrafted" in capsys.readouterr().out

    reader = imageio.get_reader(tmp_path / "side-by-side.mp4")
    first = np.asarray(reader.get_data(0), np.int64)
    assert first.shape == (580, 1920, 3)
    left, right = first[demo_cabin.STRIP :, :960], first[demo_cabin.STRIP :, 960:]
    assert np.abs(left - right).mean() < 1  # nothing has been done yet


def test_who_is_done_first_waits() -> None:
    def film(*shades: int) -> list[np.ndarray]:
        return [np.full((1, 1, 3), shade, np.uint8) for shade in shades]

    frames = demo_cabin.side_by_side([iter(film(1)), iter(film(2, 3, 4))])
    assert [frame[0, :, 0].tolist() for frame in frames] == [[1, 2], [1, 3], [1, 4]]


@pytest.mark.parametrize("wrong", [{"deep_steps": -5}, {"steps": 0}])
def test_wrong_steps_are_refused_at_once(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(UserError, match="--steps must be at least 1, and --deep-steps"):
        Demo(out=tmp_path / "demo", **wrong).main()  # type: ignore[arg-type]
    assert not (tmp_path / "demo").exists()
