"""The page about the assistant in a real car: its example runs, its tables are the code's."""

import re
from pathlib import Path

import pytest

from rlkit.envs.cabin.live.signals import INDICATORS, SENSORS, WITHOUT
from rlkit.envs.cabin.state.acts import USER_ACTS

PAGE = (Path(__file__).parents[2] / "docs" / "assistant.md").read_text(encoding="utf-8")


def test_the_example_prints_what_the_page_says(capsys: pytest.CaptureFixture[str]) -> None:
    program, shown = re.findall(r"^```(?:python|text)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    exec(compile(program, "docs/assistant.md", "exec"), {})  # noqa: S102 (our own page)

    assert capsys.readouterr().out == shown


def test_every_signal_and_act_is_on_the_page() -> None:
    for path in (*(sensor.path for sensor in SENSORS.values()), *WITHOUT, INDICATORS[0]):
        assert f"`{path}`" in PAGE
    for act in USER_ACTS:
        assert f"`{act}(" in PAGE
