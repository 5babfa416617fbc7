"""Evaluate a run, or a named policy in an environment."""

from dataclasses import dataclass, field
from typing import Annotated, Any

import tyro

from rlkit.scripts.common import opened, print_json


@dataclass
class Evaluate:
    """Play episodes and report returns with 95 % intervals; exact values where there is a model."""

    target: tyro.conf.Positional[str]
    """A run folder, or an environment's id with --agent."""
    agent: str | None = None
    """Who plays: random, handcrafted, or a planner."""
    episodes: int = 100
    """How many episodes."""
    seed: int = 0
    """Seeds environment and policy."""
    env: Annotated[dict[str, str], tyro.conf.arg(metavar="KEY VALUE ...")] = field(
        default_factory=dict
    )
    """Arguments of the environment."""
    json: bool = False
    """Print one machine-readable line last."""

    def main(self) -> None:
        """Evaluate and print."""
        from rlkit.agents.progress import bar
        from rlkit.evaluation import evaluate

        env, player, name = opened(self.target, self.agent, self.env, None)
        with bar(self.episodes, "evaluating", shown=not self.json) as advance:
            evaluation = evaluate(player, env, self.episodes, self.seed, tick=advance)
        measured = {
            "env": env.spec.id,
            "agent": name,
            "episodes": self.episodes,
            **evaluation.as_json(),
            **exact(player, env),
        }
        env.close()
        if self.json:
            print_json(measured)
        else:
            print_table(measured)


def exact(player: Any, env: Any) -> dict[str, float]:
    """Return the exact discounted value and regret of a tabular policy, where there is a model."""
    from rlkit.model import TabularModel
    from rlkit.policy import TabularPolicy

    policy = getattr(player, "policy", player)
    if not isinstance(policy, TabularPolicy):
        return {}
    try:
        model = TabularModel.from_env(env)
    except (TypeError, ValueError):
        return {}
    return {
        "exact_value": float(model.initial @ model.evaluate(policy)),
        "exact_regret": model.regret(policy),
    }


def print_table(measured: dict[str, Any]) -> None:
    """Print what was measured, a line a quantity."""
    from rich.console import Console
    from rich.table import Table

    table = Table(
        "quantity", "mean", "95 % interval", title=f"{measured['agent']}, {measured['env']}"
    )
    for name, value in measured.items():
        if isinstance(value, dict):
            low, high = value["ci95"]
            table.add_row(name, f"{value['mean']:.4g}", f"[{low:.4g}, {high:.4g}]")
        elif isinstance(value, float):
            table.add_row(name, f"{value:.6g}", "computed, not sampled")
    Console().print(table)


if __name__ == "__main__":
    from rlkit.scripts.cli import command

    raise SystemExit(command(Evaluate))
