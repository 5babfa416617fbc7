"""The environment pages against the code they describe."""

import inspect
import re
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

from rlkit.envs.cabin.scenario.options import Options
from rlkit.lazy import resolve
from rlkit.registration import TABLE
from studies.pages.document import SECTIONS, index_rows, pages, sections_of

FOLDER = Path(__file__).parents[2] / "docs" / "environments"
CLASSES = sorted({entry.entry_point: entry for entry in TABLE}.items())


def test_pages_are_those_of_the_code() -> None:
    """After a change of a docstring or of names run `python -m studies.pages.document`."""
    written = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.iterdir()}

    assert written == pages()


@pytest.mark.parametrize(("entry_point", "entry"), CLASSES)
def test_what_info_has_is_documented(entry_point: str, entry: Any) -> None:
    section = sections_of(resolve(entry_point))["Information"]
    env: Any = gymnasium.make(entry.id)
    rng = np.random.default_rng(0)
    keys, info = set(), env.reset(seed=0)[1]
    for _ in range(300):
        keys |= info.keys()
        action = rng.choice(np.flatnonzero(info["action_mask"]))
        _, _, terminated, truncated, info = env.step(action)
        keys |= info.keys()
        if terminated or truncated:
            info = env.reset()[1]

    assert keys - {"TimeLimit.truncated"} <= set(re.findall(r"`(\w+)`", section))


@pytest.mark.parametrize("entry_point", [entry_point for entry_point, _ in CLASSES])
def test_every_argument_is_documented(entry_point: str) -> None:
    kind = resolve(entry_point)
    names = set(inspect.signature(kind.__init__).parameters)
    if "arguments" in names:
        names |= set(Options.__dataclass_fields__)
    section = sections_of(kind)["Arguments"]

    assert names - {"self", "arguments", "config"} == set(
        re.findall(r"`(\w+)`", re.sub(r"\([^()]*\)", "", section))
    )


def test_rows_cover_every_index_once() -> None:
    names = ["a=x", "a=y", "b", "c=z", "d/1", "d/2"]

    assert list(index_rows(names)) == [
        "| 0 ... 1 | `a=` x, y |",
        "| 2 | `b` |",
        "| 3 | `c=z` |",
        "| 4 | `d/1` |",
        "| 5 | `d/2` |",
    ]


def test_a_docstring_without_the_template_is_refused() -> None:
    class Bare:
        """Nothing.

        ## Description
        Nothing.
        """

    with pytest.raises(ValueError, match=r"Bare documents \['Description'\]"):
        sections_of(Bare)
    assert len(SECTIONS) == 9
