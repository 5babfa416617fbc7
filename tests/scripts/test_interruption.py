"""Ctrl-C at any moment: a clean stop, the right exit code, and a checkpoint to go on from."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

import rlkit
from rlkit import checkpoint
from rlkit.scripts.cli import main
from rlkit.scripts.runs import seeds
from tests.scripts.support import GRID, ask, python, start

ENDLESS = "2000000000"
sends_ctrl_c = pytest.mark.skipif(
    sys.platform == "win32", reason="on Windows, Ctrl-C comes from the console alone"
)


def wait_for(path: Path, process: "subprocess.Popen[str]") -> None:
    """Wait until a file is there."""
    deadline = time.monotonic() + 200
    while not path.exists():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.01)


def leftovers(run: Path) -> list[str]:
    """Return what a stopped process should have removed."""
    return [path.name for path in run.rglob("*partial*")]


@sends_ctrl_c
def test_an_interruption_in_training_leaves_a_checkpoint(tmp_path: Path) -> None:
    run = tmp_path / "run"
    process = start(*GRID, "--steps", ENDLESS, "--out", str(run))
    wait_for(run / "checkpoints" / "latest.json", process)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    reached = rlkit.load(run).num_timesteps

    assert process.returncode == 130, err
    assert f"rlkit train --resume {run} --steps {int(ENDLESS) - reached}" in out
    assert "Traceback" not in err
    assert leftovers(run) == []


@sends_ctrl_c
def test_an_interruption_as_soon_as_the_run_exists(tmp_path: Path) -> None:
    """The folder is made with the signal handlers in place, so it can be resumed at once."""
    run = tmp_path / "run"
    process = start(*GRID, "--steps", ENDLESS, "--out", str(run))
    wait_for(run / "config.json", process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)

    assert process.returncode == 130, err
    assert "--resume" in out
    assert "Traceback" not in err
    assert main(["train", "--resume", str(run), "--steps", "100", "--json"]) == 0


def test_an_interruption_before_anything_began(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt  # what SIGINT does, where the shell has not made it be ignored

    with monkeypatch.context() as patch:
        patch.setattr("tyro.cli", interrupted)
        assert main([*GRID, "--steps", "10", "--out", str(tmp_path / "run")]) == 130

    assert capsys.readouterr().err == "interrupted\n"
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("number", "times"), [(signal.SIGINT, 1), (signal.SIGTERM, 1), (signal.SIGINT, 2)]
)
def test_an_interruption_while_a_checkpoint_is_written(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    number: signal.Signals,
    times: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The first Ctrl-C lets the writing end; a second one stops at once. Neither loses anything."""
    run = tmp_path / "run"
    flush, calls = os.fsync, 0

    def interrupted(handle: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 12:
            for _ in range(times):
                signal.raise_signal(number)
        flush(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupted)
        assert main([*GRID, "--steps", "20000", "--out", str(run)]) == 130
    words = capsys.readouterr()

    assert leftovers(run) == []
    reached = rlkit.load(run).num_timesteps
    assert 0 < reached < 20_000
    assert ("--resume" in words.out) == (times == 1)
    answer = ask(capsys, "train", "--resume", str(run), "--steps", str(20_000 - reached))
    assert answer["step"] == 20_000


@pytest.mark.parametrize("moment", [7, 9])
def test_a_process_that_is_killed_while_it_writes_leaves_the_checkpoint_before(
    tmp_path: Path, moment: int, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    program = f"""
import os
from rlkit.scripts.runs import seeds
from rlkit.scripts.cli import main
flush, calls = os.fsync, 0
def killed(handle):
    global calls
    calls += 1
    if calls == {moment}:
        os._exit(9)  # as if killed: nothing is flushed or tidied
    flush(handle)
os.fsync = killed
main({[*GRID, "--steps", "20000", "--out", str(run), "--json"]})
"""
    assert python(program).returncode == 9
    reached = int(checkpoint.latest(run).name.removeprefix("step-"))
    answer = ask(capsys, "train", "--resume", str(run), "--steps", str(20_000 - reached))

    assert answer["step"] == 20_000
    assert leftovers(run) == []


@sends_ctrl_c
def test_an_interruption_stops_all_seeds(tmp_path: Path) -> None:
    out = tmp_path / "runs"
    process = start(*GRID, "--steps", ENDLESS, "--seeds", "8", "--jobs", "2", "--out", str(out))
    wait_for(out / "seed-0" / "checkpoints" / "latest.json", process)
    process.send_signal(signal.SIGINT)
    printed, err = process.communicate(timeout=200)
    begun = sorted(out.iterdir())

    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert len(begun) < 8
    assert all(rlkit.load(run) is not None for run in begun)
    assert printed.count("--resume") == len(begun)


def test_an_interruption_lets_no_further_seed_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    flush = os.fsync

    def interrupted(handle: int) -> None:
        if (tmp_path / "seed-1").exists():
            signal.raise_signal(signal.SIGTERM)
        flush(handle)

    monkeypatch.setattr(os, "fsync", interrupted)
    assert main([*GRID, "--steps", "2000", "--seeds", "4", "--out", str(tmp_path)]) == 130

    assert sorted(path.name for path in tmp_path.iterdir()) == ["seed-0", "seed-1"]
    assert capsys.readouterr().out.count("--resume") == 1


def test_no_process_is_ended_where_ctrl_c_comes_to_each(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    child = SimpleNamespace(pid=os.getpid())
    monkeypatch.setattr(seeds, "active_children", lambda: [child])
    monkeypatch.setattr(os, "kill", lambda pid, _: ended.append(pid))

    seeds._ask_to_stop()
    assert ended == ([] if sys.platform == "win32" else [child.pid])
    monkeypatch.setattr(sys, "platform", "win32")
    ended.clear()
    seeds._ask_to_stop()

    assert ended == []
