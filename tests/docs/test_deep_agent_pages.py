"""The pages of deep agents name every hyper-parameter, and their examples run."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

from rlkit.agents.deep import DQN, PPO, REINFORCE, ActorCritic, OneStepActorCritic

FOLDER = Path(__file__).parents[2] / "docs" / "agents"
PAGES: dict[str, list[Any]] = {
    "dqn": [DQN],
    "ppo": [PPO],
    "actor-critic": [ActorCritic, OneStepActorCritic],
    "reinforce": [REINFORCE],
}


@pytest.mark.parametrize("page", sorted(PAGES))
def test_every_hyper_parameter_is_named(page: str) -> None:
    text = (FOLDER / f"{page}.md").read_text("utf-8")
    wanted = {entry.name for kind in PAGES[page] for entry in fields(kind.config_class)}
    table = text[text.index("## Configuration") : text.index("## What is logged")]
    named = set(re.findall(r"`(\w+)`", table))

    assert wanted == named


@pytest.mark.parametrize("page", ["deep", *sorted(PAGES)])
def test_the_examples_run(page: str) -> None:
    (example,) = re.findall(
        r"```python\n(.*?)```", (FOLDER / f"{page}.md").read_text("utf-8"), re.DOTALL
    )
    exec(re.sub(r"learn\([\d_]+\)", "learn(600)", example), {})  # noqa: S102 - our own page
