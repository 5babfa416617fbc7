"""Evaluate a run, or a named policy in an environment."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import tyro

from rlkit.checkpoint import write_json
from rlkit.evaluation import LONGEST_EPISODE
from rlkit.scripts.arguments import Whole
from rlkit.scripts.common import command, import_first, opened, print_json
from rlkit.scripts.runs.folder import CONFIG, EVALUATION, config_of, seed_of
from rlkit.scripts.runs.judging import measure


@dataclass
class Evaluate:
    """Play episodes and report returns with 95 % intervals; exact values where there is a model."""

    target: tyro.conf.Positional[str]
    """A run folder, or an environment's id with --agent."""
    agent: str | None = None
    """Who plays: random, handcrafted, or a planner."""
    episodes: Whole = 100
    """How many episodes."""
    seed: Whole | None = None
    """Names the test, which shares no episode with training; the run's own by default, else 0."""
    longest_episode: Whole = LONGEST_EPISODE
    """Steps after which an episode is cut where the environment has no step limit of its own."""
    env: Annotated[dict[str, str], tyro.conf.arg(metavar="KEY VALUE ...")] = field(
        default_factory=dict
    )
    """Arguments of the environment."""
    module: str | None = None
    """A module to import first, which registers environments of your own."""
    trust: bool = False
    """Open a run of Stable-Baselines3, whose file can run code when it is opened."""
    json: bool = False
    """Print one machine-readable line last."""

    def main(self) -> None:
        """Evaluate and print."""
        from rlkit.agents.progress import bar

        import_first(self.module)
        env, player, name = opened(self.target, self.agent, self.env, None, trust=self.trust)
        is_run = self.agent is None and (Path(self.target) / CONFIG).exists()
        seed = self.seed
        if seed is None and is_run:
            seed = seed_of(config_of(Path(self.target)))
        with bar(self.episodes, "evaluating", shown=not self.json) as advance:
            measured = measure(
                player,
                env,
                name,
                self.episodes,
                seed,
                advance,
                longest_episode=self.longest_episode,
            )
        note: str | None = getattr(env.unwrapped, "interval_note", None)
        env.close()
        if is_run:
            write_json(Path(self.target) / EVALUATION, measured)
        if self.json:
            print_json(measured)
        else:
            print_table(measured, note)


def print_table(measured: dict[str, Any], note: str | None = None) -> None:
    """Print what was measured, a line a quantity, and a note about the intervals below."""
    from rich.console import Console
    from rich.table import Table

    title = f"{measured['agent']}, {measured['env']}, discount {measured['discount']:g}"
    table = Table("quantity", "mean", "95 % interval", title=title, caption=note or None)
    for name, value in measured.items():
        if isinstance(value, dict):
            low, high = value["ci95"]
            table.add_row(name, f"{value['mean']:.4g}", f"[{low:.4g}, {high:.4g}]")
        elif name.startswith("exact_"):
            table.add_row(name, f"{value:.6g}", "computed, not sampled")
    Console().print(table)


if __name__ == "__main__":
    raise SystemExit(command(Evaluate))
