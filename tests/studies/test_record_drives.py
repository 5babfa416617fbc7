"""Recording drives; needs the extra `[highway]`."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from rlkit.envs.cabin.roads.loading import Drives, read_drives
from rlkit.scripts.common import UserError
from studies.roads.record_drives import RAINY, RecordDrives, load_plans, weather

HIGHWAY = importlib.util.find_spec("highway_env") is not None


def recorded(folder: Path, kind: str) -> Drives:
    with (folder / f"{kind}.npz").open("rb") as file:
        return read_drives(file)


@pytest.mark.skipif(not HIGHWAY, reason="highway-env is not installed")
@pytest.mark.filterwarnings("ignore")  # highway-env's own
def test_the_seed_decides(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        RecordDrives(
            out=tmp_path / name,
            city=0.002,
            motorway=0.002,
            mixed=0.002,
            seconds=15,
            seed=seed,
            progress=False,
        ).main()
    for kind in ("city", "motorway", "mixed"):
        first, same, other = (recorded(tmp_path / name, kind) for name in "abc")

        assert first.starts.tolist() == [0, 30]
        assert (first.rows == same.rows).all()
        assert not (first.rows["speed"] == other.rows["speed"]).all()


@pytest.mark.skipif(HIGHWAY, reason="highway-env is installed")
def test_without_highway_env_the_extra_is_named() -> None:
    with pytest.raises(UserError, match=r"\[highway\]"):
        load_plans()


def test_weather_is_smooth_and_mostly_dry() -> None:
    series = [weather(1200, np.random.default_rng([7, drive])) for drive in range(400)]
    wet = np.mean([rain.any() for rain in series])

    assert wet == pytest.approx(RAINY, abs=3 * np.sqrt(RAINY * (1 - RAINY) / 400))
    for rain in series:
        assert rain.min() >= 0.0
        assert rain.max() <= 1.0
        assert np.abs(np.diff(rain)).max() <= 1.0 / 300 + 1e-9
