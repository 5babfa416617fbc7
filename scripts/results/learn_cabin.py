"""Whether the benchmark can be learned: success of Stable-Baselines3's agents by dialogues."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from rlkit.roles import for_tests, for_validation
from rlkit.scripts.common import UserError, command, print_json

ENOUGH = 0.9
"""Success that counts as learned."""
SETTINGS: dict[str, dict[str, Any]] = {
    "dqn": {
        "learning_rate": 1e-3,
        "buffer_size": 50_000,
        "learning_starts": 500,
        "batch_size": 64,
        "train_freq": 1,
        "gradient_steps": 4,
        "target_update_interval": 500,
        "exploration_fraction": 0.25,
        "exploration_final_eps": 0.02,
        "policy_kwargs": {"net_arch": [128, 128]},
    },
    "ppo": {
        "learning_rate": 1e-3,
        "n_steps": 64,
        "batch_size": 64,
        "n_epochs": 8,
        "gae_lambda": 0.9,
        "ent_coef": 0.02,
        "policy_kwargs": {"net_arch": [128, 128]},
    },
}
SETTINGS["maskable-ppo"] = SETTINGS["ppo"]
STEPS_A_DIALOGUE = 9
"""About; schedules of the learners run over steps."""


@dataclass
class Learn:
    """Train DQN, PPO or MaskablePPO on a benchmark scenario and report success by dialogues."""

    algorithm: str = "ppo"
    """ppo, dqn or maskable-ppo."""
    env: str = "rlkit/CabinBench1-v0"
    """A benchmark scenario."""
    dialogues: int = 4000
    """Training dialogues a seed."""
    every: int = 500
    """Training dialogues between evaluations."""
    episodes: int = 500
    """Dialogues of one evaluation, without exploration, that no training saw."""
    seeds: int = 5
    """How many seeds, from `seed` on."""
    seed: int = 0
    """The first seed."""
    num_envs: int = 4
    """Environments side by side."""
    out: Path | None = None
    """Write a curve (.png) here."""
    json: bool = False
    """Print one machine-readable line last."""
    settings: dict[str, str] = field(default_factory=dict)
    """Changed hyper-parameters."""

    def main(self) -> None:
        """Train every seed and print its curve."""
        import torch

        if self.algorithm not in SETTINGS:
            raise UserError(f"--algorithm is one of {', '.join(SETTINGS)}, got {self.algorithm!r}")
        torch.set_num_threads(1)
        curves, tested = {}, {}
        for seed in range(self.seed, self.seed + self.seeds):
            curves[seed], tested[seed] = self._learn(seed)
            told = " ".join(f"{count}:{value:.1%}" for count, value in curves[seed].items())
            print(f"seed {seed}: the best, tested: {tested[seed]:.1%} | {told}", flush=True)
        learned = sum(success >= ENOUGH for success in tested.values())
        print(f"{learned} of {self.seeds} seeds reach {ENOUGH:.0%} in {self.dialogues} dialogues")
        if self.out is not None:
            self._draw(curves)
        if self.json:
            found = {"learned": learned, "success": curves, "tested": tested}
            print_json({"algorithm": self.algorithm, **found})

    def _learn(self, seed: int) -> tuple[dict[int, float], float]:
        """Return the success by training dialogues, and that of the best policy in other tests.

        The best is chosen by the curve, on validation dialogues, and would look lucky there.
        """
        from rlkit.agents.sb3.vectors import make_sb3

        env = make_sb3(self.env, self.num_envs)
        model = _model(self.algorithm, env, seed, self._changed())
        curve: dict[int, float] = {}
        tested = 0.0

        def look(dialogues: int) -> bool:
            nonlocal tested
            if dialogues >= (len(curve) + 1) * self.every:
                found = self._success(model, for_validation(seed))
                if found > max(curve.values(), default=-1.0):
                    tested = self._success(model, seed)
                curve[dialogues] = found
            return dialogues < self.dialogues

        model.learn(STEPS_A_DIALOGUE * self.dialogues * 3, callback=_counter(look))
        env.close()
        return curve, tested

    def _changed(self) -> dict[str, Any]:
        from rlkit.scripts.common import values

        return values(self.settings)

    def _success(self, model: Any, seed: int) -> float:
        """Return the share of successful test dialogues, one in each of `episodes` environments."""
        env: Any = gymnasium.make_vec(self.env, num_envs=self.episodes)
        observation, info = env.reset(seed=for_tests(seed))
        over = np.zeros(self.episodes, np.bool_)
        success = np.zeros(self.episodes, np.bool_)
        while not over.all():
            masks = {"action_masks": info["action_mask"]} if "maskable" in self.algorithm else {}
            actions, _ = model.predict(observation, deterministic=True, **masks)
            observation, _, terminated, _, info = env.step(actions)
            first = terminated & ~over
            if first.any():
                success[first] = info["success"][first]
            over |= terminated
        env.close()
        return float(success.mean())

    def _draw(self, curves: dict[int, dict[int, float]]) -> None:
        from rlkit.scripts.runs.curves import draw_curve

        lines = {f"seed {seed}": (list(c), list(c.values())) for seed, c in curves.items()}
        if self.out is not None:
            draw_curve(self.out, lines, None, "success")


def _model(algorithm: str, env: Any, seed: int, changed: dict[str, Any]) -> Any:
    """Return an untrained agent."""
    import stable_baselines3

    settings = {**SETTINGS[algorithm], **changed, "seed": seed}
    if algorithm == "maskable-ppo":
        import sb3_contrib

        return sb3_contrib.MaskablePPO("MlpPolicy", env, **settings)
    kind = {"dqn": stable_baselines3.DQN, "ppo": stable_baselines3.PPO}[algorithm]
    return kind("MlpPolicy", env, **settings)


def _counter(look: Callable[[int], bool]) -> Any:
    """Return a callback that tells `look` the number of finished dialogues after every step."""
    from stable_baselines3.common.callbacks import BaseCallback

    class Counter(BaseCallback):
        """Counts ends; `look` decides whether to go on."""

        dialogues = 0

        def _on_step(self) -> bool:
            self.dialogues += int(np.sum(self.locals["dones"]))
            return look(self.dialogues)

    return Counter()


if __name__ == "__main__":
    raise SystemExit(command(Learn))
