"""The calibration: what it counts, its intervals, and its page."""

from pathlib import Path

import numpy as np
import pytest

from rlkit.envs.cabin.channel.hearing import NOISELESS
from rlkit.envs.cabin.ontology.made_up import SHAPES, generate
from rlkit.envs.cabin.scenario.dialogue_tables import Settings, compile_tables
from rlkit.envs.cabin.simulator.simulator import RESET, Simulator
from rlkit.envs.cabin.state.acts import SYSTEM_ACTS
from studies.calibration.calibrate_cabin import WITHOUT, Calibrate
from studies.calibration.dialogues import ANSWER, OFFER, interval, play


def test_interval_of_three_numbers() -> None:
    found = interval(np.array([1.0, 2.0, 3.0]))

    half = 4.302652729911275 / np.sqrt(3)  # Student's quantile with two degrees of freedom
    assert tuple(found) == pytest.approx((2.0, 2.0 - half, 2.0 + half))


def test_every_act_is_counted_once() -> None:
    tables = compile_tables(generate(SHAPES["venues3"]), Settings(error_rate=0.15))
    played = play(tables, 200, 0)

    turns = played.turns.mean()
    assert sum(played.system[kind] for kind in SYSTEM_ACTS) == pytest.approx(turns)
    assert sum(played.user.values()) == pytest.approx(turns, abs=0.2)  # the limit cuts one off
    assert played.system[OFFER] + played.system[ANSWER] == pytest.approx(played.system["inform"])
    assert played.returns == pytest.approx(20 * played.success - played.turns)


@pytest.mark.parametrize("what", list(WITHOUT))
def test_one_best_leaves_one_hypothesis(what: str) -> None:
    settings = Settings(error_rate=0.3, knots=(NOISELESS, WITHOUT[what]))
    made = Simulator(compile_tables(generate(SHAPES["venues3"]), settings), 50)
    made.seed(range(50))
    made.advance(np.full(50, RESET), made.new_outputs())

    confidence = made.record["confidence"][:, 0]
    assert (made.record["heard_count"] == 1).all()
    assert made.record["null_confidence"] == pytest.approx(1.0 - confidence)
    if what == "list":
        assert len(set(confidence)) > 40
    else:
        assert confidence == pytest.approx(0.99 / 1.04)


def test_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.md"
    Calibrate(tables=2, dialogues=40, out=page, pages="benchmark", json=True).main()

    text = page.read_text("utf-8")
    assert text.count("| 6, PyDial | | | | 91.3 | 9.5 | 8.7 |") == 1
    assert {file.name for file in (tmp_path / "images").iterdir()} == {
        "calibration-conditions.png",
        "calibration-noise.png",
    }
    assert '"claims"' in capsys.readouterr().out
    with pytest.raises(ValueError, match="--tables and --drives 2 or more"):
        Calibrate(tables=1).main()
