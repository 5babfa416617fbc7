"""TensorBoard events of a run, written with TensorBoard's own record format and without torch."""

import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

PREFIX = "events.out.tfevents"
VERSION = "brain.Event:2"


def add(folder: Path, row: dict[str, float]) -> None:
    """Append one row of metrics to the events of a run; its `step` says where it belongs.

    Without the package tensorboard nothing is written, and that is said once.

    Raises:
        OSError: If the file cannot be written.
    """
    if not _available():
        return
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary

    values = [Summary.Value(tag=k, simple_value=v) for k, v in row.items() if k != "step"]
    event = Event(wall_time=time.time(), step=int(row["step"]), summary=Summary(value=values))
    existing = _files(folder)
    if existing:
        _write(existing[-1], [event], mode="ab")
    else:
        first = Event(wall_time=event.wall_time, file_version=VERSION)
        _write(folder / f"{PREFIX}.{int(event.wall_time):010d}", [first, event], mode="xb")


def truncate(folder: Path, step: int) -> None:
    """Drop the events after a step, so that a run that goes on from there has none twice."""
    if not _files(folder) or not _available():
        return
    for path in _files(folder):
        kept = [event for event in _read(path) if event.step <= step]
        partial = path.with_name(f".{path.name}.partial")
        _write(partial, kept, mode="wb")
        partial.replace(path)


def _read(path: Path) -> Iterator[Any]:
    """Yield the whole events of a file; a record that was torn off by a crash ends it."""
    from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
    from tensorboard.compat.proto.event_pb2 import Event

    return (Event.FromString(record) for record in RawEventFileLoader(str(path)).Load())


def _write(path: Path, events: list[Any], mode: str) -> None:
    from tensorboard.summary.writer.record_writer import RecordWriter

    with path.open(mode) as file:
        writer = RecordWriter(file)
        for event in events:
            writer.write(event.SerializeToString())


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"{PREFIX}.*"))


@cache
def _available() -> bool:
    """Return whether TensorBoard is there; says so once if it is not."""
    try:
        import tensorboard.compat.proto.event_pb2  # noqa: F401 - only whether it is there
    except ImportError:
        print(
            "TensorBoard is not installed, so its events are left out; metrics.csv has the same "
            'numbers. `pip install "rlkit-cabin[deep]"` brings it.',
            file=sys.stderr,
        )
        return False
    return True
