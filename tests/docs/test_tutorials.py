"""Every block of every tutorial runs as it stands."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium
import pytest

pytest.importorskip("sb3_contrib")
import torch

from rlkit.catalogue import AGENTS
from rlkit.nets import registry
from rlkit.scripts.cli import main

TUTORIALS = sorted((Path(__file__).parents[2] / "docs" / "tutorials").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture(autouse=True)
def unregister() -> Iterator[None]:
    """Take back what a page adds to the tables, which other tests read."""
    tables: list[dict[str, Any]] = [AGENTS, registry._FACTORIES, gymnasium.registry]
    before = [table.copy() for table in tables]
    yield
    for table, old in zip(tables, before, strict=True):
        for name in table.keys() - old.keys():
            del table[name]


@pytest.mark.parametrize("page", TUTORIALS, ids=lambda page: page.stem)
def test_blocks_run(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.set_num_threads(1)  # many threads on few cores take minutes
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {"__name__": page.stem}
    shown = ""
    ran = 0
    for language, file, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if file:
            Path(file).write_text(text, encoding="utf-8")
        elif language == "python":
            exec(compile(text, str(page), "exec"), scope)  # noqa: S102 (our own page)
            shown, ran = capsys.readouterr().out, ran + 1
        elif language == "sh":
            for line in text.replace("\\\n", "").splitlines():
                program, *words = shlex.split(line)
                assert program == "rlkit"
                assert main(words) == 0, line
                ran += 1
        elif language == "text":
            assert text == shown
    assert ran >= 4
