"""List environments and agents."""

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import gymnasium

from rlkit.catalogue import NAMES
from rlkit.scripts.common import READY_MADE, command, print_json
from rlkit.scripts.presets import pairs as words
from rlkit.scripts.presets import rows


@dataclass
class List:
    """List the environments and agents of this library, or the presets of agents."""

    presets: bool = False
    """List tuned settings: the environment, the agent, for how many steps, and what they are."""
    json: bool = False
    """Print one machine-readable line."""

    def main(self) -> None:
        """Print them."""
        if self.presets:
            self._print_presets()
            return
        environments = sorted(name for name in gymnasium.registry if name.startswith("rlkit/"))
        players = [*NAMES, *READY_MADE]
        if self.json:
            print_json({"environments": environments, "agents": players})
            return
        print("Environments (any other Gymnasium id works too):")
        print("".join(f"  {name}\n" for name in environments))
        print("Agents (--agent NAME):")
        print("".join(f"  {name}\n" for name in players), end="")

    def _print_presets(self) -> None:
        found = rows()
        if self.json:
            print_json({"presets": found})
            return
        print("Presets (--preset NAME; those with a * are taken without being asked for):")
        for environment, group in groupby(found, key=itemgetter("environment")):
            print(f"  {environment}")
            for row in group:
                name, most = f"{row['preset']}{'*' * row['tuned']}", f"{row['steps']:,} steps"
                if row["episodes"] is not None:
                    most += f" or {row['episodes']:,} episodes"
                print(f"    {name}: --agent {row['agent']}, {most}")
                for flag, pairs in (("--env", row["env"]), ("--set", row["settings"])):
                    if pairs:
                        print(f"      {words(flag, pairs)}")


if __name__ == "__main__":
    raise SystemExit(command(List))
