"""Seconds until CartPole-v1 is solved: our defaults against Stable-Baselines3 as RL Zoo tuned it.

Solved: two evaluations in a row, every 5,000 steps on 100 validation episodes of the
seed, average 475. Evaluations are not counted. One thread each; a training that ends unsolved
counts as infinite.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import gymnasium
import numpy as np

from rlkit.roles import for_tests, for_validation
from rlkit.scripts.benches import Options, Row
from rlkit.scripts.benches.deep import ENVIRONMENT, OURS, THEIRS

GOAL, EVERY, EPISODES = 475.0, 5_000, 100


@dataclass(frozen=True)
class Contest:
    """An agent of ours with its defaults, and one of theirs as RL Zoo tuned it for CartPole-v1."""

    ours: str
    theirs: str
    steps: int
    """Of training at most, and what schedules reach over."""
    their_envs: int
    their_settings: dict[str, Any] = field(default_factory=dict)

    def solve(self, side: str, seed: int) -> float:
        """Return the seconds that a side takes; infinite if it does not get there."""
        watch = Stopwatch(seed)
        agent = self.make(side, seed)
        watch.start()
        if side == OURS:
            agent.learn(self.steps, callback=lambda progress: watch.goes_on(agent, progress.step))
        else:
            agent.learn(self.steps, callback=as_callback(watch.goes_on))
        return watch.seconds if watch.solved else float("inf")

    def make(self, side: str, seed: int) -> Any:
        """Return an untrained agent of one side."""
        import stable_baselines3
        from stable_baselines3.common.env_util import make_vec_env

        from rlkit.agents import deep

        if side == OURS:
            return getattr(deep, self.ours)(ENVIRONMENT, seed=seed, horizon=self.steps)
        envs = make_vec_env(ENVIRONMENT, self.their_envs, seed=seed)
        kind = getattr(stable_baselines3, self.theirs)
        return kind("MlpPolicy", envs, seed=seed, device="cpu", **self.their_settings)


def falling(start: float) -> Callable[[float], float]:
    """Return a schedule of theirs: from `start` to 0 over training."""
    return lambda remaining: start * remaining


CONTESTS = (
    Contest(
        "DQN",
        "DQN",
        50_000,
        their_envs=1,
        their_settings={
            "learning_rate": 2.3e-3,
            "batch_size": 64,
            "buffer_size": 100_000,
            "learning_starts": 1_000,
            "target_update_interval": 10,
            "train_freq": 256,
            "gradient_steps": 128,
            "exploration_fraction": 0.16,
            "exploration_final_eps": 0.04,
            "policy_kwargs": {"net_arch": [256, 256]},
        },
    ),
    Contest(
        "PPO",
        "PPO",
        100_000,
        their_envs=8,
        their_settings={
            "n_steps": 32,
            "batch_size": 256,
            "gae_lambda": 0.8,
            "gamma": 0.98,
            "n_epochs": 20,
            "learning_rate": falling(0.001),
            "clip_range": falling(0.2),
        },
    ),
    Contest("ActorCritic", "A2C", 500_000, their_envs=8),
)


class Stopwatch:
    """Counts the seconds of training between evaluations, and notices when the task is solved.

    Args:
        seed: Of the training, which is stopped by validation episodes of its own.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.seconds = 0.0
        self.solved = False
        self._scores: list[float] = []

    def start(self) -> None:
        """Begin to count."""
        self._began = time.process_time()

    def goes_on(self, agent: Any, step: int) -> bool:
        """Evaluate if it is time; return whether to go on training."""
        if step < (len(self._scores) + 1) * EVERY:
            return True
        self.seconds += time.process_time() - self._began
        self._scores.append(score(agent, self.seed))
        self.solved = len(self._scores) > 1 and sum(self._scores[-2:]) / 2 >= GOAL
        self.start()
        return not self.solved


def score(agent: Any, seed: int) -> float:
    """Return the mean return of the greedy policy in a seed's validation episodes, all at once."""
    envs = gymnasium.make_vec(ENVIRONMENT, EPISODES, vectorization_mode="vector_entry_point")
    observations, _ = envs.reset(seed=for_tests(for_validation(seed)))
    going, returns = np.ones(EPISODES, bool), np.zeros(EPISODES)
    while going.any():
        actions, _ = agent.predict(observations, deterministic=True)
        observations, rewards, terminated, truncated, _ = envs.step(actions)
        returns += rewards * going
        going &= ~(terminated | truncated)
    envs.close()
    return float(returns.mean())


def as_callback(goes_on: Callable[[Any, int], bool]) -> Any:
    """Return a callback of theirs that asks after every step."""
    from stable_baselines3.common.callbacks import BaseCallback

    class Asking(BaseCallback):
        def _on_step(self) -> bool:
            return goes_on(self.model, self.num_timesteps)

    return Asking()


def bench(options: Options) -> list[Row]:
    """Return one row for each contest, medians over seeds; the sides take turns."""
    from rlkit.agents.deep.arithmetic.flat import threads

    rows: list[Row] = []
    with threads(1):
        for contest in CONTESTS:
            contest.make(OURS, 0).learn(500)  # compiles, and loads what is loaded late
            seconds: dict[str, list[float]] = {OURS: [], THEIRS: []}
            for seed in range(options.repeats):
                for side, found in seconds.items():
                    found.append(contest.solve(side, seed))
                    options.note(f"{contest.ours}, {side}, seed {seed}: {found[-1]:.1f} s")
            ours, theirs = median(seconds[OURS]), median(seconds[THEIRS])
            rows.append({"agent": contest.ours, OURS: ours, THEIRS: theirs, "times": theirs / ours})
    return rows
