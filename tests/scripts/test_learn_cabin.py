"""Learning the benchmark: the command, and in the study that it succeeds."""

import json
from pathlib import Path
from typing import Any

import pytest

from rlkit.scripts.common import UserError
from rlkit.scripts.results.learn_cabin import Learn

pytest.importorskip("sb3_contrib")


def learned(capsys: pytest.CaptureFixture[str], **arguments: Any) -> Any:
    """Run the command and return its last line."""
    Learn(json=True, **arguments).main()
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.parametrize("algorithm", ["ppo", "dqn", "maskable-ppo"])
def test_success_by_dialogues(
    algorithm: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    curve = tmp_path / "curve.png"
    short = {"dialogues": 40, "every": 20, "episodes": 30, "seeds": 1, "out": curve}
    answer = learned(capsys, algorithm=algorithm, **short)

    (success,) = answer["success"].values()
    assert [int(count) >= 20 * (k + 1) for k, count in enumerate(success)] == [True, True]
    assert all(0.0 <= share <= 1.0 for share in success.values())
    (tested,) = answer["tested"].values()
    assert 0.0 <= tested <= 1.0
    assert answer["learned"] == (tested >= 0.9)
    assert curve.exists()


def test_unknown_algorithm() -> None:
    with pytest.raises(UserError, match="dqn, ppo, maskable-ppo"):
        Learn(algorithm="sac").main()


@pytest.mark.study
@pytest.mark.timeout(0)
@pytest.mark.parametrize("algorithm", ["ppo", "maskable-ppo"])
def test_most_seeds_learn_the_first_condition(
    algorithm: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert learned(capsys, algorithm=algorithm)["learned"] >= 3
