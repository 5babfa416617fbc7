"""The main job in one command: an exact problem, its optimum, an agent that learns it, a video."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rlkit.scripts.arguments import Whole
from rlkit.scripts.common import UserError, command, print_json
from rlkit.scripts.demonstration.table import Row, estimate_column, exact_column, print_players

CABIN, MOTORWAY = "rlkit/CabinTabular-v0", "rlkit/CabinMotorway-v0"
EPISODES = 2_000
SEEDS = 10
SHOWN = 3
"""So many of the seeds are evaluated along the way, which takes longer than learning."""
STEPS = 1_000_000
LEARNING: dict[str, Any] = {
    "initial_value": 3.0,
    "learning_rate": {"kind": "polynomial", "start": 0.25, "power": 0.65, "offset": 2},
    "epsilon": 0.3,
    "count_bonus": 8.0,
}
"""What works well here. Rewards are noisy (+20 or -13 at an end), so a first visit must not decide
alone; the bonus comes back to what was tried little, where the share epsilon mostly ends dialogues.
Chosen on seeds from 100 on, so that those of the demonstration are fresh."""
COLUMNS = {
    "return": estimate_column("discounted_return", ".2f"),
    "exact\nreturn": exact_column("exact_value"),
    "regret": exact_column("exact_regret"),
    "success %": estimate_column("success", ".1f", 0.01),
    "seconds\nat risk": estimate_column("risk", ".2f"),
}
"""What is told of each player of the exact cabin."""


@dataclass
class Demo:
    """Show what this toolkit does: solve the exact cabin, learn it, compare, and film it."""

    out: Path = Path("rlkit-demo")
    """Where pictures and the video go."""
    steps: Whole = STEPS
    """Learning steps a seed of Q-learning."""
    deep_steps: Whole = 1_500_000
    """Learning steps of PPO in the full cabin, two minutes on a fast machine; 0 leaves it out."""
    json: bool = False
    """Print one machine-readable line last."""

    def main(self) -> None:
        """Run the demonstration."""
        import gymnasium

        from rlkit.agents.planning import PolicyIteration
        from rlkit.scripts.elements import print_table

        if self.steps < 1 or self.deep_steps < 0:
            raise UserError("--steps must be at least 1, and --deep-steps at least 0")
        self.out.mkdir(parents=True, exist_ok=True)
        env: Any = gymnasium.make(CABIN)
        print_table("The exact cabin: a driver, a car, a noisy microphone", env.unwrapped.elements)
        print("\nSolving it exactly (policy iteration) ...", flush=True)
        planner = PolicyIteration(env)
        solution = planner.solve()
        model = planner.model
        optimum = float(model.initial @ solution.values)
        print(
            f"optimal return {optimum:.3f}, as all returns below discounted by "
            f"{model.discount:g}, certified to {solution.bound:.1e}, in {solution.iterations} "
            "rounds\n\nLearning it without the model (Q-learning) ...",
            flush=True,
        )
        learner = self._learn(env, model, optimum)
        players = players_of(env, model, learner.policies[0], solution.policy)
        rows = self._compare(env, model, players, optimum)
        self._draw(planner)
        self._film(CABIN, solution.policy, "episode.mp4", seed=5)
        self._film(MOTORWAY, None, "motorway.mp4", seed=3)
        cabin = self._learn_full_cabin()
        if self.json:
            print_json({"optimum": optimum, "players": rows, "cabin": cabin})

    def _learn_full_cabin(self) -> dict[str, dict[str, Any]]:
        """Let PPO learn the full cabin, if PyTorch is there; return what the players reach."""
        if not self.deep_steps:
            return {}
        if find_spec("torch") is None:
            print('\nPPO in the full cabin needs PyTorch: pip install -c constraints.txt ".[deep]"')
            return {}
        from rlkit.scripts.demonstration.cabin import demonstrate

        print("\nLearning the full cabin (PPO, a network) ...", flush=True)
        return demonstrate(self.out, self.deep_steps, shown=not self.json)

    def _learn(self, env: Any, model: Any, optimum: float) -> Any:
        """Learn ten tables at once, and draw the exact values of some over the steps."""
        from rlkit.agents.tabular.q_learning import QLearning
        from rlkit.scripts.runs.curves import draw_curve

        learner = QLearning(env, seeds=SEEDS, **LEARNING)
        steps: list[int] = []
        values: list[list[float]] = []

        def record(progress: Any) -> None:
            if progress.step % max(self.steps // 20, 1) == 0 or progress.step == progress.target:
                steps.append(progress.step)
                policies = learner.policies[:SHOWN]
                values.append([float(model.initial @ model.evaluate(p)) for p in policies])

        learner.learn(self.steps, progress_bar=not self.json, callback=record)
        name = f"Q-learning ({SHOWN} of {SEEDS} seeds)"
        curves = {name: (steps, list(zip(*values, strict=True)))}
        path = draw_curve(self.out / "curve.png", curves, optimum, "exact return")
        print(f"learning curve: {path}")
        return learner

    def _compare(
        self, env: Any, model: Any, players: dict[str, Any], optimum: float
    ) -> dict[str, dict[str, Any]]:
        """Play all players; print and return what they reach, with 95 % intervals."""
        from rlkit.agents.progress import bar

        rows = {}
        with bar(len(players), "playing", shown=not self.json) as advance:
            for count, (name, player) in enumerate(players.items(), 1):
                rows[name] = figures_of(player, env, model, optimum)
                advance(count)
        print_players(rows, COLUMNS)
        print(f"{EPISODES:,} dialogues a policy, 95 % intervals below the means; exact: computed.")
        return rows

    def _draw(self, planner: Any) -> None:
        """Draw what the optimum does and is worth: in the cabin, and in a gridworld."""
        import gymnasium
        import imageio.v2 as imageio
        import numpy as np

        from rlkit.agents.planning import PolicyIteration
        from rlkit.envs.cabin.tabular.pictures import draw_behaviour

        path = draw_behaviour(planner, self.out / "cabin-policy.png")
        print(f"values and policy of the cabin: {path}")
        grid: Any = gymnasium.make("rlkit/GridWorld-v0", slip=0.2, render_mode="rgb_array")
        solution = PolicyIteration(grid).solve()
        grid.reset(seed=0)
        grid.unwrapped.overlay(solution.values, solution.policy.actions)
        path = self.out / "gridworld.png"
        imageio.imwrite(path, np.asarray(grid.render()))
        print(f"values and policy of a gridworld: {path}")

    def _film(self, env_id: str, policy: Any, name: str, seed: int) -> None:
        """Film a dialogue of a policy; None is the handcrafted one."""
        import gymnasium

        from rlkit.scripts.watch import fps_of, play, write_video

        env: Any = gymnasium.make(env_id, render_mode="rgb_array")
        player = env.unwrapped.handcrafted() if policy is None else policy
        path = self.out / name
        write_video(path, play(env, player, episodes=1, seed=seed), fps_of(env))
        env.close()
        print(f"video of {'the handcrafted' if policy is None else 'the optimal'} policy: {path}")


def players_of(env: Any, model: Any, learned: Any, optimal: Any) -> dict[str, Any]:
    """Return who plays the exact cabin, by name."""
    from rlkit.policy import UniformPolicy

    return {
        "random": UniformPolicy(model.num_actions),
        "handcrafted": env.unwrapped.handcrafted(),
        "q-learning": learned,
        "optimal": optimal,
    }


def figures_of(player: Any, env: Any, model: Any, optimum: float) -> Row:
    """Return what a player reaches: played, with 95 % intervals, and computed."""
    from rlkit.evaluation import evaluate

    played = evaluate(player, env, EPISODES).as_json()
    value = float(model.initial @ model.evaluate(table_of(player, model)))
    # Rounding noise must not make the optimum's regret a negative zero.
    return {**played, "exact_value": value, "exact_regret": max(optimum - value, 0.0)}


def table_of(player: Any, model: Any) -> Any:
    """Return a policy of the cabin in the form that exact evaluation takes."""
    from rlkit.policy import UniformPolicy

    if isinstance(player, UniformPolicy):
        return model.legal / model.legal.sum(axis=1, keepdims=True)
    return getattr(player, "policy", player)


if __name__ == "__main__":
    raise SystemExit(command(Demo))
