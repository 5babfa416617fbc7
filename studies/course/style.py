"""What the pictures of the course share."""

from pathlib import Path
from typing import Any

BLUE, ORANGE, GREEN, RED, PURPLE, GREY = (
    "#1f6fb4",
    "#e07b1a",
    "#2e9a4b",
    "#c8323c",
    "#7d4fb2",
    "#6b7280",
)
COLOURS = (BLUE, ORANGE, GREEN, RED, PURPLE, GREY, "#0f9aa8")


def panels(
    columns: int, width: float = 4.4, height: float = 3.9, ratios: tuple[int, ...] | None = None
) -> tuple[Any, Any]:
    """Return a figure and its axes, side by side; `ratios` are their relative widths."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width * columns, height), layout="constrained")
    FigureCanvasAgg(figure)
    drawn = figure.subplots(1, columns, squeeze=False, width_ratios=ratios)[0]
    for axes in drawn:
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=9)
    return figure, drawn


def save(figure: Any, path: Path) -> None:
    """Write a picture without the date and version that would change with every run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110, metadata={"Software": None})


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def fill(name: str, **numbers: object) -> str:
    """Return the text of a page, which lies beside this file, with its numbers filled in."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8").format(**numbers)
