"""The main job in one command: an exact problem, its optimum, an agent that learns it, a video."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlkit.scripts.common import print_json

EPISODES = 500
SEEDS = 10
STEPS = 1_000_000


@dataclass
class Demo:
    """Show what this toolkit does: solve the exact cabin, learn it, compare, and film it."""

    out: Path = Path("rlkit-demo")
    """Where pictures and the video go."""
    steps: int = STEPS
    """Learning steps a seed."""
    json: bool = False
    """Print one machine-readable line last."""

    def main(self) -> None:
        """Run the demonstration."""
        import gymnasium
        from rich.console import Console

        from rlkit.agents.planning import PolicyIteration
        from rlkit.policy import UniformPolicy
        from rlkit.scripts.elements import print_table

        console = Console()
        self.out.mkdir(parents=True, exist_ok=True)
        env = gymnasium.make("rlkit/CabinTabular-v0")
        print_table("The exact cabin: a driver, a car, a noisy microphone", env.unwrapped.elements)  # type: ignore[attr-defined]
        console.print("\nSolving it exactly (policy iteration) ...")
        planner = PolicyIteration(env)
        solution = planner.solve()
        model = planner.model
        optimum = float(model.initial @ solution.values)
        console.print(
            f"optimal return {optimum:.3f}, certified to {solution.bound:.1e}, "
            f"in {solution.iterations} rounds\n\nLearning it without the model (Q-learning) ..."
        )
        learner = self._learn(env, model, optimum)
        players = {
            "random": UniformPolicy(model.num_actions),
            "handcrafted": env.unwrapped.handcrafted(),  # type: ignore[attr-defined]
            "q-learning": learner.policies[0],
            "optimal": solution.policy,
        }
        table = self._compare(env, model, players, optimum)
        self._draw_behaviour(planner, console)
        self._draw_grid(console)
        self._film(players["optimal"], console)
        if self.json:
            print_json({"optimum": optimum, "players": table})

    def _learn(self, env: Any, model: Any, optimum: float) -> Any:
        """Learn ten tables at once, and draw their exact values over the steps."""
        from rlkit.agents.tabular import QLearning
        from rlkit.scripts.runs import draw_curve

        learner = QLearning(env, seeds=SEEDS, **LEARNING)
        steps: list[int] = []
        values: list[list[float]] = []

        def record(progress: Any) -> None:
            if progress.step % max(self.steps // 20, 1) == 0 or progress.step == progress.target:
                steps.append(progress.step)
                policies = learner.policies[:3]
                values.append([float(model.initial @ model.evaluate(p)) for p in policies])

        learner.learn(self.steps, progress_bar=not self.json, callback=record)
        curves = {"Q-learning (3 of 10 seeds)": (steps, list(zip(*values, strict=True)))}
        path = draw_curve(self.out / "curve.png", curves, optimum, "exact return")
        print(f"learning curve: {path}")
        return learner

    def _compare(
        self, env: Any, model: Any, players: dict[str, Any], optimum: float
    ) -> dict[str, dict[str, float]]:
        """Play all players, and print a table with intervals beside the exact values."""
        from rich.console import Console
        from rich.table import Table

        from rlkit.agents.progress import bar
        from rlkit.evaluation import evaluate
        from rlkit.statistics import mean_interval

        table = Table(
            "policy", "return (95 % interval)", "exact return", "regret", "success", "risk [s]"
        )
        rows = {}
        with bar(len(players), "playing", shown=not self.json) as advance:
            for count, (name, player) in enumerate(players.items(), 1):
                played = evaluate(player, env, EPISODES, seed=1)
                exact = float(model.initial @ model.evaluate(self._table_of(player, model)))
                interval = mean_interval(played.discounted)
                success = mean_interval(played.reports["success"])
                risk = mean_interval(played.reports["risk"])
                table.add_row(
                    name,
                    f"{interval.mean:.2f} [{interval.low:.2f}, {interval.high:.2f}]",
                    f"{exact:.3f}",
                    f"{optimum - exact:.3f}",
                    f"{success.mean:.1%}",
                    f"{risk.mean:.2f}",
                )
                rows[name] = {"exact": exact, "regret": optimum - exact, "success": success.mean}
                advance(count)
        Console().print(table)
        return rows

    def _table_of(self, player: Any, model: Any) -> Any:
        """Return a policy in the form that exact evaluation takes."""
        if hasattr(player, "num_actions") and not hasattr(player, "table"):
            return model.legal / model.legal.sum(axis=1, keepdims=True)
        return getattr(player, "policy", player)

    def _draw_behaviour(self, planner: Any, console: Any) -> None:
        """Draw what the optimum does and is worth, road by road."""
        from rlkit.envs.cabin.tabular.pictures import draw_behaviour

        path = draw_behaviour(planner, self.out / "cabin-policy.png")
        console.print(f"values and policy of the cabin: {path}")

    def _draw_grid(self, console: Any) -> None:
        import gymnasium
        import imageio.v2 as imageio
        import numpy as np

        from rlkit.agents.planning import PolicyIteration

        grid = gymnasium.make("rlkit/GridWorld-v0", slip=0.2, render_mode="rgb_array")
        solution = PolicyIteration(grid).solve()
        grid.reset(seed=0)
        grid.unwrapped.overlay(solution.values, solution.policy.actions)  # type: ignore[attr-defined]
        path = self.out / "gridworld.png"
        imageio.imwrite(path, np.asarray(grid.render()))
        console.print(f"values and policy of a gridworld: {path}")

    def _film(self, policy: Any, console: Any) -> None:
        import gymnasium

        from rlkit.scripts.watch import fps_of, play, write_video

        env = gymnasium.make("rlkit/CabinTabular-v0", render_mode="rgb_array")
        path = self.out / "episode.mp4"
        write_video(path, play(env, policy, episodes=2, seed=5), fps_of(env))
        env.close()
        console.print(f"video of the optimal assistant: {path}")


LEARNING: dict[str, Any] = {
    "learning_rate": {"kind": "polynomial", "start": 0.44, "power": 0.75, "offset": 2},
    "epsilon": {"kind": "linear", "start": 0.3, "stop": 0.2},
    "initial_value": 4.0,
}
"""What works well here: begin with what handing over is worth, so that the rest is explored."""


if __name__ == "__main__":
    from rlkit.scripts.cli import command

    raise SystemExit(command(Demo))
