"""What users may import: every name of every package, and every path that a page shows."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.rlkit.imports import PACKAGES, ROOT
from tests.scripts.support import python

pytest.importorskip("torch")

PATHS = [
    "rlkit.evaluate",
    "rlkit.load",
    "rlkit.Agent",
    "rlkit.agents.make",
    "rlkit.agents.DQN",
    "rlkit.agents.PPO",
    "rlkit.agents.PolicyIteration",
    "rlkit.agents.QLearning",
    "rlkit.agents.configuring.make_config",
    "rlkit.agents.deep.ActorCritic",
    "rlkit.agents.deep.DQN",
    "rlkit.agents.deep.DeepLearner",
    "rlkit.agents.deep.OneStepActorCritic",
    "rlkit.agents.deep.PPO",
    "rlkit.agents.deep.REINFORCE",
    "rlkit.agents.deep.ppo.PPO",
    "rlkit.agents.learning.Progress",
    "rlkit.agents.planning.PolicyIteration",
    "rlkit.agents.planning.ValueIteration",
    "rlkit.agents.planning.ModifiedPolicyIteration",
    "rlkit.agents.planning.InPlaceValueIteration",
    "rlkit.agents.saving.Saved",
    "rlkit.agents.sb3.make_sb3",
    "rlkit.agents.schedules.Constant",
    "rlkit.agents.schedules.Inverse",
    "rlkit.agents.schedules.Linear",
    "rlkit.agents.schedules.Polynomial",
    "rlkit.agents.schedules.value_at",
    "rlkit.agents.tabular.DoubleQLearning",
    "rlkit.agents.tabular.ExpectedSARSA",
    "rlkit.agents.tabular.MonteCarlo",
    "rlkit.agents.tabular.NStepSARSA",
    "rlkit.agents.tabular.QLearning",
    "rlkit.agents.tabular.SARSA",
    "rlkit.agents.tabular.SARSALambda",
    "rlkit.envs.adapter.MDPEnv",
    "rlkit.envs.adapter.MDPVectorEnv",
    "rlkit.envs.cabin.Assistant",
    "rlkit.envs.cabin.CabinBenchEnv",
    "rlkit.envs.cabin.CabinEnv",
    "rlkit.envs.cabin.CabinVectorEnv",
    "rlkit.envs.cabin.HandcraftedPolicy",
    "rlkit.envs.cabin.roads.load_drives",
    "rlkit.envs.cabin.ontology.load_ontology",
    "rlkit.registration.TABLE",
    "rlkit.scripts.cli.main",
    "rlkit.scripts.evaluate.measure",
    "rlkit.scripts.runs.training.Meter",
]
"""Promised: these stay, or warn for one version before they go."""
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
IMPORT = re.compile(
    r"^(?:>>> |\.\.\. )?\s*from (rlkit[\w.]*) import ([\w, ]+|\((?:[\w\s,]+)\))", re.MULTILINE
)


def packages() -> list[str]:
    """Return every package of the project that says what it offers."""
    found = []
    for folder, package in PACKAGES.items():
        for file in (ROOT / folder).rglob("__init__.py"):
            parts = file.parent.relative_to(ROOT / folder).parts
            outside = folder == "rlkit" and parts and parts[0] in PACKAGES
            if not outside and "__all__" in file.read_text(encoding="utf-8"):
                found.append(".".join([package, *parts]))
    return sorted(found)


@pytest.mark.parametrize("package", packages())
def test_everything_a_package_offers_is_there(package: str) -> None:
    module = import_module(package)

    assert module.__all__
    assert len(set(module.__all__)) == len(module.__all__)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


@pytest.mark.parametrize("path", PATHS)
def test_a_promised_path_is_there(path: str) -> None:
    module, _, name = path.rpartition(".")

    assert hasattr(import_module(module), name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_imports_is_there(page: Path) -> None:
    shown = IMPORT.findall(page.read_text(encoding="utf-8"))
    missing = [
        f"{module}.{name}"
        for module, names in shown
        for name in re.findall(r"\b(?!as\b)\w+", re.sub(r" as \w+", "", names))
        if not hasattr(import_module(module), name)
    ]

    assert missing == []


def test_a_page_lists_the_names_of_every_package() -> None:
    text = (ROOT / "docs" / "public-names.md").read_text(encoding="utf-8")
    listed = {
        package: re.findall(r"`(\w+)`", names)
        for package, names in re.findall(
            r"^## `([\w.]+)`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
        )
    }

    assert listed == {name: [*import_module(name).__all__] for name in packages()}


def test_agents_offers_every_agent_of_ours_and_loads_what_is_used() -> None:
    import rlkit.agents
    from rlkit.catalogue import AGENTS

    ours = {target.partition(":")[2] for target in AGENTS.values()}
    assert {*rlkit.agents.__all__} == {*ours, "AGENTS", "SB3", "make"}
    assert dir(rlkit.agents) == sorted(rlkit.agents.__all__)
    program = """
import sys
import rlkit.agents
dir(rlkit.agents)
def heavy():
    return sorted({"torch", "numba", "stable_baselines3"} & {*sys.modules})
print(heavy())
from rlkit.agents import PolicyIteration, QLearning
print("torch" in sys.modules, rlkit.agents.SB3["sb3:ppo"].target)
from rlkit.agents import DQN, PPO
print("torch" in sys.modules)
"""
    finished = python(program)

    assert finished.stdout == "[]\nFalse stable_baselines3:PPO\nTrue\n", finished.stderr


def test_pages_show_imports() -> None:
    found = [pair for page in PAGES for pair in IMPORT.findall(page.read_text(encoding="utf-8"))]

    assert len(found) > 30
