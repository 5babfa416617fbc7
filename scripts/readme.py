"""Write the tables of the README that can be computed in seconds."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlkit.scripts.demo import CABIN, COLUMNS, LEARNING, STEPS, measured, players_of
from rlkit.scripts.players_table import markdown


@dataclass
class Readme:
    """Write the README's tables anew, each between the two comments that name it."""

    page: Path = Path("README.md")
    """The page."""

    def main(self) -> None:
        """Write them."""
        text = self.page.read_text(encoding="utf-8")
        self.page.write_text(with_tables(text), encoding="utf-8")
        print(self.page)


def exact_cabin() -> str:
    """Return the table of the exact cabin that `rlkit demo` prints."""
    import gymnasium

    from rlkit.agents.planning import PolicyIteration
    from rlkit.agents.tabular import QLearning

    env: Any = gymnasium.make(CABIN)
    planner = PolicyIteration(env)
    solution = planner.solve()
    optimum = float(planner.model.initial @ solution.values)
    # The first of the demonstration's seeds, whose policy it compares.
    learned = QLearning(env, **LEARNING).learn(STEPS).policy
    players = players_of(env, planner.model, learned, solution.policy)
    rows = {name: measured(player, env, planner.model, optimum) for name, player in players.items()}
    return markdown(rows, COLUMNS)


TABLES: dict[str, Callable[[], str]] = {"exact cabin": exact_cabin}
"""How to compute each table, by the name in its comments."""


def with_tables(text: str) -> str:
    """Return a page with its tables computed anew.

    Raises:
        ValueError: If a table's comments are not on the page.
    """
    for name, table in TABLES.items():
        begin, end = f"<!-- {name}: written by `python scripts/readme.py` -->", f"<!-- /{name} -->"
        place = re.compile(f"(?<={re.escape(begin)}\n).*?(?={re.escape(end)})", re.DOTALL)
        if not place.search(text):
            raise ValueError(f"the page has no lines {begin!r} and {end!r} around a table")
        new = f"\n{table()}\n\n"
        text = place.sub(lambda _, new=new: new, text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    from rlkit.scripts.cli import command

    raise SystemExit(command(Readme))
