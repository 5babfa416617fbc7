"""Decisions a second of training in the cabin: simulation, network and gradients together."""

import time
from statistics import mean, median
from typing import Any

from rlkit.scripts.benches import Options, Row

ENVIRONMENT = "rlkit/CabinBench3-v0"
STEPS = 491_520
EPISODES = 500
"""Of the evaluation after each training."""
SETTINGS: dict[str, Any] = {
    "num_envs": 512,
    "steps": 16,
    "batch_size": 2048,
    "epochs": 2,
    "lambda_": 0.9,
    "discount": 1.0,
    "entropy_weight": 0.005,
    "learning_rate": {"kind": "linear", "start": 0.003, "stop": 0.00003},
    "core_settings": {"hidden": [64, 64]},
    "threads": 2,
}
"""Many environments and large batches, which fill the processor."""


def bench(options: Options) -> list[Row]:
    """Return one row: PPO with an MLP, by the clock on the wall, medians over seeds."""
    from rlkit.agents.deep import PPO
    from rlkit.evaluation import evaluate

    rates, successes, rewards = [], [], []
    PPO(ENVIRONMENT, seed=0, **SETTINGS).learn(1)  # compiles, and loads what is loaded late
    for seed in range(options.repeats):
        options.note(f"seed {seed}")
        agent = PPO(ENVIRONMENT, seed=seed, horizon=STEPS, **SETTINGS)
        began = time.perf_counter()
        agent.learn(STEPS)
        rates.append(STEPS / (time.perf_counter() - began))
        figures = evaluate(agent, ENVIRONMENT, EPISODES, seed=seed).as_json()
        successes.append(figures["success"]["mean"])
        rewards.append(figures["return"]["mean"])
    return [
        {
            "scenario": ENVIRONMENT,
            "agent": "PPO",
            "steps": STEPS,
            "decisions a second": round(median(rates)),
            "success %": 100 * mean(successes),
            "reward": mean(rewards),
        }
    ]
