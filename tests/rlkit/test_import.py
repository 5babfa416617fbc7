"""What importing loads, and that everything is packaged."""

import tomllib
from pathlib import Path

from tests.scripts.support import python

ROOT = Path(__file__).parents[2]


def test_importing_loads_nothing_heavy() -> None:
    program = """
import sys
import rlkit
heavy = {"torch", "pygame", "numba", "matplotlib", "stable_baselines3", "tensorboard", "tyro"}
print(sorted(heavy & {name.partition(".")[0] for name in sys.modules}))
"""
    finished = python(program)

    assert finished.stdout == "[]\n", finished.stderr


def test_every_folder_with_code_is_packaged() -> None:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
    listed = tool["setuptools"]["packages"]
    core = (ROOT / "rlkit").glob("*/__init__.py")
    found = {"rlkit", *(f"rlkit.{file.parent.name}" for file in core)}
    for top in ("envs", "agents", "nets", "scripts"):
        found |= {
            "rlkit." + ".".join(file.parent.relative_to(ROOT).parts)
            for file in (ROOT / top).rglob("__init__.py")
        }

    assert sorted(listed) == sorted(found)
