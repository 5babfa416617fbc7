"""Steps a second of DQN against Stable-Baselines3's, at its defaults, with the returns of both."""

import time
from collections import defaultdict
from collections.abc import Callable
from statistics import mean, median
from typing import Any

from rlkit.scripts.benches import Options, Row

ENVIRONMENT = "CartPole-v1"
STEPS = 20_000
MANY_STEPS = 100_000
"""With `--large`, where both have learned more."""
EPISODES = 100
"""Of the evaluation of each trained agent."""


def settings(steps: int) -> dict[str, Any]:
    """Return Stable-Baselines3's defaults for DQN under our names."""
    return {
        "learning_rate": 1e-4,
        "capacity": 1_000_000,
        "learning_starts": 100,
        "batch_size": 32,
        "train_every": 4,
        "gradient_steps": 1,
        "target_every": 10_000,
        "epsilon": {"kind": "linear", "start": 1.0, "stop": 0.05, "steps": steps // 10},
        "double": False,
        "error_clip": 1.0,
        "core_settings": {"hidden": [64, 64], "activation": "relu"},
    }


def ours(steps: int, seed: int) -> Any:
    """Return our agent, untrained."""
    from rlkit.agents.deep import DQN

    return DQN(ENVIRONMENT, seed=seed, **settings(steps))


def theirs(steps: int, seed: int) -> Any:
    """Return their agent, untrained."""
    from stable_baselines3 import DQN

    del steps  # their exploration lasts for a tenth of training by default
    return DQN("MlpPolicy", ENVIRONMENT, seed=seed, device="cpu")


CONTESTANTS: dict[str, Callable[[int, int], Any]] = {"rlkit": ours, "stable-baselines3": theirs}


def bench(options: Options) -> list[Row]:
    """Return one row a contestant; they take turns, on one thread each, in processor time."""
    from rlkit.agents.deep.flat import threads

    steps = MANY_STEPS if options.large else STEPS
    rates: dict[str, list[float]] = defaultdict(list)
    returns: dict[str, list[float]] = defaultdict(list)
    with threads(1):
        for make in CONTESTANTS.values():
            make(steps, 0).learn(500)  # compiles, and loads what is loaded late
        for seed in range(options.repeats):
            for name, make in CONTESTANTS.items():
                options.note(f"{name}, seed {seed}")
                rate, value = measure(make(steps, seed), steps)
                rates[name].append(rate)
                returns[name].append(value)
    theirs_median = median(rates["stable-baselines3"])
    return [
        {
            "agent": name,
            "steps": steps,
            "steps a second": round(median(rates[name])),
            "times": median(rates[name]) / theirs_median,
            "mean return": mean(returns[name]),
        }
        for name in CONTESTANTS
    ]


def measure(agent: Any, steps: int) -> tuple[float, float]:
    """Return the steps a second of processor time of a training, and what it led to."""
    from rlkit.evaluation import evaluate

    began = time.process_time()
    agent.learn(steps)
    rate = steps / (time.process_time() - began)
    return rate, float(evaluate(agent, ENVIRONMENT, EPISODES, seed=10_000).returns.mean())
