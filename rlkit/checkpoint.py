"""Checkpoints: JSON and safetensors in a folder that appears whole or not at all. No pickle.

`RUN/checkpoints/step-N/` is written under a temporary name, flushed to disk and renamed; then
`latest.json` is replaced atomically. A process killed at any moment leaves the previous one.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from rlkit.arrays import Array

FORMAT = 1
META, TENSORS, LATEST = "checkpoint.json", "tensors.safetensors", "latest.json"


class CheckpointError(Exception):
    """A checkpoint that is missing, damaged, or not to be trusted; the message says which."""


def write(folder: Path, meta: dict[str, Any], tensors: dict[str, Array]) -> None:
    """Write a checkpoint folder; it appears whole or not at all.

    Args:
        folder: Must not exist yet, or be a checkpoint, which is replaced.
        meta: What JSON can hold.
        tensors: Arrays by name.

    Raises:
        CheckpointError: If the disk is full or the folder cannot be written; nothing is lost.
    """
    from safetensors.numpy import save

    partial = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial.mkdir()
        arrays = {name: np.ascontiguousarray(array) for name, array in tensors.items()}
        _write_bytes(partial / TENSORS, save(arrays))
        text = json.dumps({"format": FORMAT, **meta}, indent=2)
        _write_bytes(partial / META, text.encode())
        if folder.exists():
            _remove_checkpoint(folder)
        partial.rename(folder)
        _flush_folder(folder.parent)
    except OSError as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise CheckpointError(
            f"cannot write the checkpoint {folder}: {error.strerror or error}. What was saved "
            "before is untouched."
        ) from error


def read(folder: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return (meta, tensors) of a checkpoint folder.

    Raises:
        CheckpointError: If it is missing, damaged, or of another format.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        meta = json.loads((folder / META).read_text())
        tensors = load((folder / TENSORS).read_bytes())
    except FileNotFoundError as error:
        raise CheckpointError(f"{folder} is no checkpoint: {error.filename} is missing") from error
    except (ValueError, SafetensorError, OSError) as error:
        raise CheckpointError(f"the checkpoint {folder} is damaged: {error}") from error
    if not isinstance(meta, dict) or meta.get("format") != FORMAT:
        found = meta.get("format") if isinstance(meta, dict) else type(meta).__name__
        raise CheckpointError(
            f"the checkpoint {folder} has the format {found!r}; this version reads {FORMAT}"
        )
    return meta, tensors


def write_json(path: Path, content: Any) -> None:
    """Replace a JSON file atomically."""
    partial = path.with_name(f".{path.name}.partial-{os.getpid()}")
    _write_bytes(partial, json.dumps(content, indent=2).encode())
    partial.replace(path)


def save_step(run: Path, step: int, meta: dict[str, Any], tensors: dict[str, Array]) -> Path:
    """Write `checkpoints/step-N` of a run, point `latest.json` at it, and keep the last two."""
    folder = run / "checkpoints"
    target = folder / f"step-{step}"
    write(target, {**meta, "step": step}, tensors)
    try:
        write_json(folder / LATEST, {"step": step})
    except OSError as error:
        raise CheckpointError(f"cannot write {folder / LATEST}: {error.strerror}") from error
    for old in sorted(_steps(folder))[:-2]:
        _remove_checkpoint(folder / f"step-{old}")
    return target


def latest(path: Path) -> Path:
    """Return the newest checkpoint folder of a run, or `path` itself if it is one.

    Raises:
        CheckpointError: If there is none.
    """
    if (path / META).exists():
        return path
    folder = path / "checkpoints"
    try:
        step = int(json.loads((folder / LATEST).read_text())["step"])
    except FileNotFoundError:
        raise CheckpointError(f"{path} holds no checkpoint") from None
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{folder / LATEST} is damaged: {error}") from error
    return folder / f"step-{step}"


def _steps(folder: Path) -> list[int]:
    names = [entry.name.removeprefix("step-") for entry in folder.glob("step-*")]
    return [int(name) for name in names if name.isdigit()]


def _remove_checkpoint(folder: Path) -> None:
    """Remove a folder only if it is a checkpoint, never a user's own files."""
    if not (folder / META).exists():
        raise CheckpointError(f"{folder} exists and is no checkpoint; it is left as it is")
    shutil.rmtree(folder)


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
