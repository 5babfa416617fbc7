"""Files that other programs read: what they call exists, and what they try is what we promise."""

import tomllib
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def read(name: str) -> Any:
    """Return what a YAML file holds."""
    return yaml.safe_load((ROOT / name).read_text("utf-8"))


def test_the_workflow_tries_every_python_and_every_system() -> None:
    jobs = read(".github/workflows/checks.yml")["jobs"].values()
    tried = {
        (system.removesuffix("-latest"), python)
        for job in jobs
        for system in job["strategy"]["matrix"].get("system", [job["runs-on"]])
        for python in job["strategy"]["matrix"]["python"]
    }
    pythons = [each.rpartition(" ")[2] for each in PROJECT["classifiers"] if ":: 3." in each]

    assert "Operating System :: OS Independent" in PROJECT["classifiers"]
    assert len(pythons) == 3
    systems = ("ubuntu", "macos", "windows")
    assert tried == {(system, python) for system in systems for python in pythons}


def test_the_workflow_runs_what_is_there() -> None:
    jobs = read(".github/workflows/checks.yml")["jobs"].values()
    commands = {step["run"] for job in jobs for step in job["steps"] if "run" in step}
    readme = (ROOT / "README.md").read_text("utf-8")

    assert commands == {".ci/run", 'pip install -c constraints.txt ".[test]" && pytest'}
    assert (ROOT / ".ci" / "run").exists()
    assert 'pip install -c constraints.txt ".[test]" && pytest\n' in readme


def test_the_hooks_call_tools_of_the_test_extra() -> None:
    (local,) = read(".pre-commit-config.yaml")["repos"]
    tools = {hook["entry"].split()[0] for hook in local["hooks"]}
    installed = {each.partition(">")[0] for each in PROJECT["optional-dependencies"]["test"]}

    assert tools == {"ruff", "mypy"} & installed
    assert all(hook["language"] == "system" for hook in local["hooks"])
