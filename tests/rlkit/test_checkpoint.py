"""Checkpoints: whole or not at all, and nothing is trusted."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rlkit
from rlkit import checkpoint
from rlkit.agents.tabular import QLearning
from rlkit.checkpoint import CheckpointError


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Return the folder of a small saved agent."""
    agent = QLearning("rlkit/GridWorld-v0", seed=1).learn(500)
    return agent.save(tmp_path / "agent")


def rewrite(folder: Path, **changes: Any) -> None:
    """Change fields of a checkpoint's description."""
    file = folder / checkpoint.META
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), **changes}), "utf-8")


def test_a_saved_agent_comes_back(saved: Path) -> None:
    agent = rlkit.load(saved)

    assert isinstance(agent, QLearning)
    assert agent.num_timesteps == 500
    assert agent.q.any()


@pytest.mark.parametrize("file", [checkpoint.META, checkpoint.TENSORS])
def test_a_truncated_checkpoint_is_named(saved: Path, file: str) -> None:
    (saved / file).write_bytes((saved / file).read_bytes()[:40])

    with pytest.raises(CheckpointError, match="damaged"):
        rlkit.load(saved)


def test_a_missing_file_is_named(saved: Path) -> None:
    (saved / checkpoint.TENSORS).unlink()

    with pytest.raises(CheckpointError, match="missing"):
        rlkit.load(saved)


def test_a_foreign_class_is_refused(saved: Path) -> None:
    rewrite(saved, agent="os:system")

    with pytest.raises(CheckpointError, match="unknown agent 'os:system'"):
        rlkit.load(saved)


def test_a_foreign_module_is_never_imported(saved: Path, tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "stranger.py").write_text("raise SystemExit('imported')", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    rewrite(saved, environment={"id": "stranger:Evil-v0", "kwargs": {}})

    with pytest.raises(CheckpointError, match="not registered"):
        rlkit.load(saved)


def test_another_format_is_refused(saved: Path) -> None:
    rewrite(saved, format=99)

    with pytest.raises(CheckpointError, match="format 99"):
        rlkit.load(saved)


def test_another_environment_is_refused(saved: Path) -> None:
    with pytest.raises(ValueError, match="states and actions"):
        rlkit.load(saved, env="rlkit/CabinTabular-v0")


def test_a_full_disk_loses_nothing(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rlkit.load(saved).state_dict()["q"]
    agent = rlkit.load(saved).learn(100)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(CheckpointError, match="No space left"):
        agent.save(saved)
    monkeypatch.undo()

    np.testing.assert_array_equal(rlkit.load(saved).state_dict()["q"], before)
    assert [entry.name for entry in saved.parent.iterdir()] == [saved.name]


def test_a_users_folder_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious", "utf-8")

    with pytest.raises(CheckpointError, match="no checkpoint"):
        QLearning("rlkit/GridWorld-v0").save(tmp_path / "mine")

    assert (tmp_path / "mine" / "thesis.txt").read_text("utf-8") == "precious"
