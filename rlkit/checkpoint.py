"""Checkpoints: JSON and safetensors in a folder that appears whole or not at all. No pickle.

`RUN/checkpoints/step-N/` is written under a temporary name, flushed to disk and renamed; then
`latest.json` is replaced atomically. A process killed at any moment leaves the previous one. A run
keeps its last two checkpoints and the best.
"""

import json
import math
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rlkit.arrays import Array

FORMAT = 1
META, TENSORS, LATEST = "checkpoint.json", "tensors.safetensors", "latest.json"
PARTIAL = "partial-"


class CheckpointError(Exception):
    """A checkpoint that is missing, damaged, or not to be trusted; the message says which."""


class WriteError(CheckpointError):
    """A checkpoint could not be written, for example because the disk is full."""


def write(folder: Path, meta: dict[str, Any], tensors: dict[str, Array]) -> None:
    """Write a checkpoint folder; it appears whole or not at all.

    Args:
        folder: Must not exist yet, or be a checkpoint, which is replaced.
        meta: What JSON can hold.
        tensors: Arrays by name.

    Raises:
        WriteError: If the disk is full or the folder cannot be written; nothing is lost.
        CheckpointError: If there is something else of that name.
    """
    from safetensors.numpy import save

    if folder.exists() and not (folder / META).exists():
        raise CheckpointError(f"{folder} exists and is no checkpoint; it is left as it is")
    partial = folder.with_name(f".{folder.name}.{PARTIAL}{os.getpid()}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
        arrays = {name: np.asarray(array, order="C") for name, array in tensors.items()}
        _write_bytes(partial / TENSORS, save(arrays))
        text = json.dumps({"format": FORMAT, **meta}, indent=2)
        _write_bytes(partial / META, text.encode())
        if folder.exists():
            shutil.rmtree(folder)
        partial.rename(folder)
        _flush_folder(folder.parent)
    except OSError as error:
        raise WriteError(
            f"cannot write the checkpoint {folder}: {error.strerror or error}. What was saved "
            "before is untouched."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def read(folder: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return (meta, tensors) of a checkpoint folder.

    Raises:
        CheckpointError: If it is missing, damaged, or of another format.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        meta = json.loads((folder / META).read_text("utf-8"))
        tensors = load((folder / TENSORS).read_bytes())
    except FileNotFoundError as error:
        raise CheckpointError(f"{folder} is no checkpoint: {error.filename} is missing") from error
    except (ValueError, SafetensorError, OSError) as error:
        raise CheckpointError(
            f"the checkpoint {folder} is damaged: {error}{_way_out(folder)}"
        ) from error
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        found = meta.get("format") if isinstance(meta, dict) else type(meta).__name__
        raise CheckpointError(
            f"the checkpoint {folder} has the format {found!r}; this version reads {FORMAT}"
        )
    return meta, tensors


def write_json(path: Path, content: Any) -> None:
    """Replace a JSON file atomically."""
    write_text(path, json.dumps(content, indent=2))


def write_text(path: Path, text: str) -> None:
    """Replace a text file atomically."""
    partial = path.with_name(f".{path.name}.{PARTIAL}{os.getpid()}")
    _write_bytes(partial, text.encode())
    partial.replace(path)


def save_step(
    run: Path,
    step: int,
    meta: dict[str, Any],
    tensors: dict[str, Array],
    score: float | None = None,
) -> Path:
    """Write `checkpoints/step-N` of a run and point `latest.json` at it.

    The last two checkpoints are kept, and the one with the best score.

    Args:
        run: The run folder.
        step: N, the absolute step.
        meta: What JSON can hold.
        tensors: Arrays by name.
        score: How good it is; higher is better. None if that was not measured.

    Raises:
        WriteError: If the disk is full or the folder cannot be written; nothing is lost.
    """
    folder = run / "checkpoints"
    target = folder / f"step-{step}"
    write(target, {**meta, "step": step}, tensors)
    top = _best(folder, step, score)
    try:
        write_json(folder / LATEST, {"step": step, "best": top})
    except OSError as error:
        raise WriteError(f"cannot write {folder / LATEST}: {error.strerror}") from error
    kept = {step, *_steps(folder)[-2:], top["step"] if top else step}
    for old in set(_steps(folder)) - kept:
        shutil.rmtree(folder / f"step-{old}")
    return target


def latest(path: Path) -> Path:
    """Return the newest checkpoint folder of a run, or `path` itself if it is one.

    Where the newest was removed, it is the one before.

    Raises:
        CheckpointError: If there is none.
    """
    if (path / META).exists():
        return path
    named = _named(path, lambda pointer: pointer["step"])
    return named if named.exists() else _before(named) or named


def best(path: Path) -> Path:
    """Return the checkpoint folder of a run that had the best score.

    Raises:
        CheckpointError: If there is none.
    """
    return _named(path, lambda pointer: pointer["best"]["step"])


def tidy(run: Path) -> None:
    """Remove what a killed process left behind: half-written files, and steps after the latest."""
    folder = run / "checkpoints"
    for partial in folder.glob(f".*.{PARTIAL}*"):
        shutil.rmtree(partial) if partial.is_dir() else partial.unlink()
    newest = int(latest(run).name.removeprefix("step-"))
    for step in _steps(folder):
        if step > newest:
            shutil.rmtree(folder / f"step-{step}")


def _named(run: Path, choose: Callable[[dict[str, Any]], Any]) -> Path:
    folder = run / "checkpoints"
    try:
        step = int(choose(json.loads((folder / LATEST).read_text("utf-8"))))
    except FileNotFoundError:
        raise CheckpointError(f"{run} holds no checkpoint") from None
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{folder / LATEST} is damaged: {error}") from error
    return folder / f"step-{step}"


def _before(folder: Path) -> Path | None:
    """Return the checkpoint of a run before the one in `folder`, if it is there."""
    number = folder.name.removeprefix("step-")
    earlier = [s for s in _steps(folder.parent) if number.isdigit() and s < int(number)]
    return folder.with_name(f"step-{earlier[-1]}") if earlier else None


def _way_out(folder: Path) -> str:
    """Say what to do about a damaged checkpoint, where there is one to go back to."""
    before = _before(folder)
    return f". Remove that folder to go on from the one before it, {before.name}" if before else ""


def _best(folder: Path, step: int, score: float | None) -> dict[str, Any] | None:
    """Return the step and score of the best checkpoint, now that there is one more."""
    try:
        before = json.loads((folder / LATEST).read_text("utf-8"))["best"]
        known = before if before["step"] < step and math.isfinite(before["score"]) else None
    except (OSError, ValueError, KeyError, TypeError):
        known = None
    if score is None or not math.isfinite(score) or (known and known["score"] > score):
        return known
    return {"step": step, "score": score}


def _steps(folder: Path) -> list[int]:
    """Return the steps that have a checkpoint, in order."""
    names = [entry.name.removeprefix("step-") for entry in folder.glob("step-*")]
    return sorted(int(name) for name in names if name.isdigit())


def _write_bytes(path: Path, content: bytes) -> None:
    try:
        with path.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
