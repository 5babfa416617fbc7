"""Print the five elements of an environment."""

from dataclasses import dataclass, field
from typing import Annotated

import tyro

from rlkit.elements import Elements as FiveElements
from rlkit.scripts.common import UserError, command, make, print_json


@dataclass
class Elements:
    """Print the five elements of an environment: state, action, policy, transition, reward."""

    environment: tyro.conf.Positional[str]
    """Its id, for example rlkit/CabinTabular-v0."""
    env: Annotated[dict[str, str], tyro.conf.arg(metavar="KEY VALUE ...")] = field(
        default_factory=dict
    )
    """Arguments of the environment."""
    json: bool = False
    """Print one machine-readable line."""

    def main(self) -> None:
        """Print them as a table."""
        made = make(self.environment, self.env)
        elements = getattr(made.unwrapped, "elements", None)
        if elements is None:
            raise UserError(f"{self.environment} does not name its five elements")
        if self.json:
            rows = {name: {"symbol": s, "meaning": m} for name, s, m in elements.rows()}
            print_json({"env": self.environment, "elements": rows})
        else:
            print_table(self.environment, elements)
        made.close()


def print_table(title: str, elements: FiveElements) -> None:
    """Print the five elements as a table that fits the terminal."""
    from rich.console import Console
    from rich.table import Table

    table = Table("element", "symbol", "here", title=title)
    for name, symbol, meaning in elements.rows():
        table.add_row(name, symbol, meaning)
    Console().print(table)


if __name__ == "__main__":
    raise SystemExit(command(Elements))
