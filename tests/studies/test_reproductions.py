"""The gallery: every published figure is obtained, and its pages say so."""

from functools import cache
from pathlib import Path

import pytest

from rlkit.scripts.common import command
from studies.reproductions import REPRODUCTIONS, Finding, Reproduction, find, reproduce
from studies.reproductions.gambler import bold_play
from studies.reproductions.pictures import panels

FOLDER = Path(__file__).parents[2] / "docs" / "gallery"


@cache
def made(name: str) -> Reproduction:
    return find(name)()


@pytest.mark.parametrize("name", REPRODUCTIONS)
def test_every_published_figure_is_obtained(name: str) -> None:
    missed = [finding for finding in made(name).findings if not finding.holds]

    assert made(name).findings
    assert not missed


@pytest.mark.parametrize("name", REPRODUCTIONS)
def test_the_gallery_shows_every_figure(name: str) -> None:
    page = (FOLDER / f"{name}.md").read_text("utf-8")

    assert (FOLDER / "images" / f"{name}.png").stat().st_size > 5_000
    assert reproduce.summary(name, made(name)) in (FOLDER / "README.md").read_text("utf-8")
    assert page.count("| yes |") == len(made(name).findings)
    for finding in made(name).findings:
        assert f"| {finding.what} | {finding.expected:.6g} |" in page


def test_a_number_may_differ_by_its_tolerance_and_no_more() -> None:
    assert Finding("", 1.0, 1.1, 0.11).holds
    assert not Finding("", 1.0, 1.1, 0.09).holds
    assert not Finding("", 1.0, float("nan"), 0.1).holds


def test_bold_play_reaches_the_goal_as_often_as_on_paper() -> None:
    """From 25 two heads are needed, from 75 one head, or a tail and a head; p = .4."""
    chances = bold_play()

    assert chances[[24, 49, 74]] == pytest.approx([0.4**2, 0.4, 0.4 + 0.6 * 0.4])


def test_a_figure_that_is_missed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figure, _ = panels(1, 1)
    wrong = Reproduction("T", "S", "text", [Finding("a", 1, 1, 0), Finding("b", 1, 2, 0.5)], figure)
    monkeypatch.setattr(reproduce, "find", lambda _: lambda: wrong)
    monkeypatch.setattr("sys.argv", ["reproduce", "jumps", "--out", str(tmp_path)])

    assert command(reproduce.Reproduce) == 1
    assert "| b | 1 | 2 | 0.5 | **no** |" in (tmp_path / "jumps.md").read_text("utf-8")
    assert "| a | 1 | 1 | 0 | yes |" in (tmp_path / "jumps.md").read_text("utf-8")
    assert "1 of 2" in reproduce.summary("jumps", wrong)
    assert not (tmp_path / "README.md").exists()


def test_an_unknown_name_has_a_hint(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["reproduce", "jump"])

    assert command(reproduce.Reproduce) == 2
    assert "jumps" in capsys.readouterr().err
