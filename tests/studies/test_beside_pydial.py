"""The comparison with PyDial's own dialogues: its intervals on paper, and the figures."""

from pathlib import Path

import pytest

from rlkit.statistics import Estimate
from studies.calibration.beside_pydial import FOLDER, Comparison, compared, data_folder, wilson


def test_wilson_on_paper() -> None:
    low, high = wilson(1.0, 600)
    assert (low, high) == pytest.approx((600 / (600 + 1.96**2), 1.0), abs=1e-6)
    low, high = wilson(0.5, 100)
    assert (low, high) == pytest.approx((0.4038, 0.5962), abs=1e-4)


@pytest.mark.parametrize(
    ("ours", "agrees"), [(10.49, True), (10.51, False), (9.0, True), (8.71, True), (8.69, False)]
)
def test_a_difference_is_held_against_both_intervals(ours: float, agrees: bool) -> None:
    # PyDial reaches .3 up and 1.2 down, we .4 up and .5 down: hypot(.3, .4) = .5, (1.2, .5) = 1.3.
    mine = Estimate(ours, ours - 0.4, ours + 0.5)
    theirs = Estimate(10.0, 8.8, 10.3)
    assert Comparison("CR-1", "reward", mine, theirs).agrees is agrees


def test_without_data_it_is_said_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(FOLDER, raising=False)
    with pytest.raises(ValueError, match=FOLDER):
        data_folder()
    monkeypatch.setenv(FOLDER, str(tmp_path))
    with pytest.raises(ValueError, match="pydial/"):
        data_folder()
    (tmp_path / "pydial").mkdir()
    assert data_folder() == tmp_path / "pydial"


@pytest.mark.study
@pytest.mark.timeout(1800)
def test_the_benchmark_is_pydials() -> None:
    try:
        folder = data_folder()
    except ValueError as error:
        pytest.skip(str(error))
    found = list(compared(folder, tables=24, dialogues=1500))

    assert len(found) == 39
    apart = [one for one in found if not one.agrees]
    assert len(apart) <= 4, apart  # two are to be expected by chance
