"""The table of a demonstration: a line a policy, its estimates with their intervals."""

from collections.abc import Callable
from typing import Any

Row = dict[str, Any]


def estimate_column(key: str, form: str, unit: float = 1.0) -> Callable[[Row], str]:
    """Return a column: an estimate in some unit, and below it its 95 % interval."""

    def cell(row: Row) -> str:
        mean, low, high = (x / unit for x in (row[key]["mean"], *row[key]["ci95"]))
        return f"{mean:{form}}\n[{low:{form}}, {high:{form}}]"

    return cell


def exact_column(key: str) -> Callable[[Row], str]:
    """Return a column of what was computed and not sampled."""
    return lambda row: f"{row[key]:.3f}"


def print_players(rows: dict[str, Row], columns: dict[str, Callable[[Row], str]]) -> None:
    """Print a line a policy.

    Args:
        rows: Name of the policy -> what was measured.
        columns: Heading -> the text of a row.
    """
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table("policy", *columns, box=box.ROUNDED, show_lines=True)
    for name, row in rows.items():
        table.add_row(name, *(text(row) for text in columns.values()))
    Console().print(table)


def markdown(rows: dict[str, Row], columns: dict[str, Callable[[Row], str]]) -> str:
    """Return the same table for a page; arguments as for `print_players`."""
    lines = [["policy", *columns], ["---"] * (len(columns) + 1)]
    lines += [[name, *(text(row) for text in columns.values())] for name, row in rows.items()]
    return "\n".join("| " + " | ".join(line).replace("\n", " ") + " |" for line in lines)
