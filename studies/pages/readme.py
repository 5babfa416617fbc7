"""Write the tables of the README."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlkit.scripts.common import command
from rlkit.scripts.demo import CABIN, COLUMNS, LEARNING, STEPS, figures_of, players_of
from rlkit.scripts.demonstration import cabin as demo_cabin
from rlkit.scripts.demonstration.table import markdown
from rlkit.scripts.results.measuring import CELLS
from rlkit.scripts.results.page import read, table
from rlkit.scripts.results.players import BASELINE


@dataclass
class Readme:
    """Write the README's tables anew, each between the two comments that name it."""

    page: Path = Path("README.md")
    """The page."""

    def main(self) -> None:
        """Write them."""
        text = self.page.read_text(encoding="utf-8")
        self.page.write_text(with_tables(text, self.page.parent), encoding="utf-8")
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
    rows = {
        name: figures_of(player, env, planner.model, optimum) for name, player in players.items()
    }
    return markdown(rows, COLUMNS)


def full_cabin(folder: Path) -> str:
    """Return what the rules and the demonstration's PPO reach in the full cabin, over seeds.

    It is read from the cells of the results: training them takes many minutes, and gives other
    agents on another processor.
    """
    players = read(folder / CELLS)[demo_cabin.CABIN]
    shown = {name: players[name] for name in (BASELINE, demo_cabin.PLAYER)}
    return "\n".join(table(shown, ["success", "return", "length", "risk"]))


TABLES: dict[str, Callable[[Path], str]] = {
    "exact cabin": lambda _: exact_cabin(),
    "full cabin": full_cabin,
}
"""How to make each table from the folder of the page, by the name in its comments."""


def with_tables(text: str, folder: Path) -> str:
    """Return a page with its tables made anew.

    Args:
        text: Of the page.
        folder: Where it lies, beside the cells of the results.

    Raises:
        ValueError: If a table's comments are not on the page.
    """
    for name, make in TABLES.items():
        begin = f"<!-- {name}: written by `python -m studies.pages.readme` -->"
        end = f"<!-- /{name} -->"
        place = re.compile(f"(?<={re.escape(begin)}\n).*?(?={re.escape(end)})", re.DOTALL)
        if not place.search(text):
            raise ValueError(f"the page has no lines {begin!r} and {end!r} around a table")
        new = f"\n{make(folder)}\n\n"
        text = place.sub(lambda _, new=new: new, text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    raise SystemExit(command(Readme))
