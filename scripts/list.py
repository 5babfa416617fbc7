"""List environments and agents."""

from dataclasses import dataclass

import gymnasium

from rlkit.catalogue import NAMES
from rlkit.scripts.common import PLAYERS, command, print_json


@dataclass
class List:
    """List the environments and agents of this library."""

    json: bool = False
    """Print one machine-readable line."""

    def main(self) -> None:
        """Print them."""
        environments = sorted(name for name in gymnasium.registry if name.startswith("rlkit/"))
        players = [*NAMES, *PLAYERS]
        if self.json:
            print_json({"environments": environments, "agents": players})
            return
        print("Environments (any other Gymnasium id works too):")
        print("".join(f"  {name}\n" for name in environments))
        print("Agents (--agent NAME):")
        print("".join(f"  {name}\n" for name in players), end="")


if __name__ == "__main__":
    raise SystemExit(command(List))
