"""One progress bar for everything that takes long: rate and time left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def bar(
    total: int, label: str, *, shown: bool = True, completed: int = 0
) -> Iterator[Callable[[int], None]]:
    """Yield a function that takes the number of units that are complete.

    Args:
        total: Units of work.
        label: What is being done.
        shown: Whether to show it at all.
        completed: Units that were complete before.
    """
    if not shown:
        yield lambda _complete: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("[bold]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=False) as progress:
        task = progress.add_task(label, total=total, completed=completed, rate="")

        def advance(complete: int) -> None:
            elapsed = progress.tasks[task].elapsed or 0.0
            rate = (complete - completed) / elapsed if elapsed > 0 else 0.0
            progress.update(task, completed=complete, rate=f"{_short(rate)}/s")

        yield advance


def _short(number: float) -> str:
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.1f}{unit}"
    return f"{number:.0f}"
