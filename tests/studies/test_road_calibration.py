"""The calibration of the road: what it counts, and that its page comes from the script."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from rlkit.envs.cabin.car.constants import CONSTANTS
from studies.calibration import road_page
from studies.calibration.calibrate_cabin import Calibrate
from studies.calibration.constants import constants
from studies.calibration.rides import (
    OUTCOMES,
    at_random,
    handcrafted,
    ride,
    scenario,
    to_a_place,
)
from studies.calibration.road_laws import REACTION, hearing, time_constant
from studies.calibration.signs import SIGNS

SHIPPED = Path(__file__).parents[2] / "docs" / "road-calibration.md"
RECORDED = files("rlkit.envs.cabin.roads") / "drives" / "motorway.npz"
needs_drives = pytest.mark.skipif(not RECORDED.is_file(), reason="no recorded drives")


def test_every_drive_ends_in_one_way() -> None:
    played = ride(scenario(), 300, 1, at_random(1))

    shares = [played.share(outcome) for outcome in OUTCOMES]
    assert (np.sum(shares, axis=0) == 1.0).all()
    assert (played.share("success") == played.success).all()
    assert played.share("wrong command or refusal").sum() > 10
    assert (played.wrong[played.share("wrong command or refusal") == 1.0] >= 1).all()


def test_refusals_and_errands_are_counted_by_drive() -> None:
    played = ride(scenario(ser=0.0), 300, 2, handcrafted())

    assert played.errands.mean() == pytest.approx(2.0, abs=0.2)  # one to three, equally likely
    assert 0.0 < played.refusals.mean() < played.errands.mean() * 0.25
    assert played.error == pytest.approx(0.0)


def test_the_anchor_of_the_quiet_car_and_the_exact_cabins_error_rates() -> None:
    rates = {one.name: one.error for one in hearing()}

    assert rates["parked, everything off"] == pytest.approx(0.05)
    assert rates["city, windows closed, everything off"] == pytest.approx(0.1077, abs=1e-3)
    assert rates["motorway, windows closed, everything off"] == pytest.approx(0.1775, abs=2e-3)
    assert rates["motorway, a window open"] == pytest.approx(0.3497, abs=6e-3)


def test_load_fades_as_in_the_literature() -> None:
    assert 15.0 <= time_constant() <= 27.0
    assert REACTION[2.3] == 0.25


def test_every_constant_is_on_the_page() -> None:
    text = SHIPPED.read_text(encoding="utf-8")

    assert set(constants()) == set(CONSTANTS.names or ())
    for sign in SIGNS:
        start = f"| {' | '.join(road_page.describe(sign.constant))} | +{sign.by:g}: {sign.measure} "
        assert text.count(start) == 1


@pytest.mark.parametrize("table", ["hearing", "reaction", "risk", "answer"])
def test_shipped_laws_come_from_the_script(table: str) -> None:
    assert getattr(road_page, f"{table}_table")() in SHIPPED.read_text(encoding="utf-8")


def test_shipped_dialogues_come_from_the_script() -> None:
    place = ride(to_a_place(), Calibrate.drives, Calibrate.seed, handcrafted())

    assert road_page.kvret_table(place) in SHIPPED.read_text(encoding="utf-8")


def test_only_claims_about_the_noise_fail_on_the_shipped_page() -> None:
    verdicts = SHIPPED.read_text(encoding="utf-8").split("## Verdicts")[1].splitlines()

    failed = [line for line in verdicts if line.endswith("| **no** |")]
    assert all("error rate" in line or "noise" in line for line in failed)
    assert sum(line.endswith("| yes |") for line in verdicts) >= 15


@needs_drives
def test_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    Calibrate(drives=20, pages="road", road_out=page, json=True).main()

    text = page.read_text("utf-8")
    assert text.count("| exchanges |") == 1
    assert text.count("| motorway | road-blind |") == 2
    assert {file.name for file in (tmp_path / "images").iterdir()} == {
        "road-load.png",
        "road-noise.png",
        "road-policies.png",
        "road-risk.png",
    }
    assert '"claims"' in capsys.readouterr().out
    with pytest.raises(ValueError, match="--tables and --drives 2 or more"):
        Calibrate(drives=1).main()


@needs_drives
@pytest.mark.study
@pytest.mark.timeout(1800)
def test_shipped_page_comes_from_the_script(tmp_path: Path) -> None:
    Calibrate(pages="road", road_out=tmp_path / "page.md").main()

    assert (tmp_path / "page.md").read_text("utf-8") == SHIPPED.read_text("utf-8")
