"""Steps a second of deep agents, against Stable-Baselines3's with the same hyper-parameters.

The twins take turns on CartPole-v1, on one thread each, in processor time; what both have learned
stands beside, so that speed is not bought with quality.
"""

import time
from collections import defaultdict
from dataclasses import dataclass, replace
from statistics import mean, median
from typing import Any

from rlkit.lazy import resolve
from rlkit.scripts.benches import Options, Row

ENVIRONMENT = "CartPole-v1"
EPISODES = 100
"""Of the evaluation of each trained agent."""
OURS, THEIRS = "rlkit", "stable-baselines3"


@dataclass(frozen=True)
class Twins:
    """An agent of ours and one of theirs, with the same hyper-parameters."""

    ours: str
    """Name of the class in `rlkit.agents.deep`."""
    theirs: str
    """The class, as `module:name`."""
    policy: str
    """What they call the kind of network."""
    settings: dict[str, Any]
    """Of ours: theirs under our names."""
    their_settings: dict[str, Any]
    """Of theirs, where they are not the defaults."""
    num_envs: int
    steps: int
    """Of training."""
    many_steps: int
    """The same with `--large`, where both have learned more."""

    def budget(self, options: Options) -> int:
        """Return the steps of a training."""
        return self.many_steps if options.large else self.steps

    def make(self, side: str, steps: int, seed: int) -> Any:
        """Return an untrained agent of one side."""
        if side == OURS:
            agent = resolve(f"rlkit.agents.deep:{self.ours}")
            horizon = {"horizon": steps, "num_envs": self.num_envs}
            return agent(ENVIRONMENT, seed=seed, **horizon, **self.settings)
        from stable_baselines3.common.env_util import make_vec_env

        envs = make_vec_env(ENVIRONMENT, self.num_envs, seed=seed)
        settings = {"seed": seed, "device": "cpu", **self.their_settings}
        return resolve(self.theirs)(self.policy, envs, **settings)


SMALL = {"hidden": [64, 64]}
CLIPPED: dict[str, Any] = {
    "learning_rate": 3e-4,
    "epochs": 10,
    "clip_range": 0.2,
    "lambda_": 0.95,
    "value_weight": 0.5,
    "share_core": False,
}
"""Their defaults for both kinds of PPO."""
DQN = Twins(
    "DQN",
    "stable_baselines3:DQN",
    "MlpPolicy",
    {
        "learning_rate": 1e-4,
        "capacity": 1_000_000,
        "learning_starts": 100,
        "batch_size": 32,
        "train_every": 4,
        "gradient_steps": 1,
        "target_every": 10_000,
        "double": False,
        "error_clip": 1.0,
        "core_settings": {**SMALL, "activation": "relu"},
    },
    {},
    num_envs=1,
    steps=20_000,
    many_steps=100_000,
)
PPO = Twins(
    "PPO",
    "stable_baselines3:PPO",
    "MlpPolicy",
    {**CLIPPED, "steps": 2048, "batch_size": 64, "core_settings": SMALL},
    {},
    num_envs=1,
    steps=20_480,
    many_steps=102_400,
)
ACTOR_CRITIC = Twins(
    "ActorCritic",
    "stable_baselines3:A2C",
    "MlpPolicy",
    {
        "learning_rate": 7e-4,
        "optimizer": "rmsprop",
        "steps": 5,
        "lambda_": 1.0,
        "value_weight": 0.5,
        "share_core": False,
        "core_settings": SMALL,
    },
    {},
    num_envs=8,
    steps=40_000,
    many_steps=200_000,
)
RECURRENT_PPO = Twins(
    "PPO",
    "sb3_contrib:RecurrentPPO",
    "MlpLstmPolicy",
    {
        **CLIPPED,
        "steps": 128,
        "batch_size": 128,
        "core": "lstm",
        "core_settings": {"hidden_size": 64},
    },
    {"policy_kwargs": {"lstm_hidden_size": 64, "net_arch": []}},
    num_envs=8,
    steps=10_240,
    many_steps=51_200,
)


def dqn(options: Options) -> list[Row]:
    """Compare DQN at their defaults; exploration falls over a tenth of training."""
    decline = {"kind": "linear", "start": 1.0, "stop": 0.05, "steps": DQN.budget(options) // 10}
    return compare(replace(DQN, settings={**DQN.settings, "epsilon": decline}), options)


def ppo(options: Options) -> list[Row]:
    """Compare PPO at their defaults."""
    return compare(PPO, options)


def actor_critic(options: Options) -> list[Row]:
    """Compare advantage actor-critic at their defaults, with eight environments."""
    return compare(ACTOR_CRITIC, options)


def recurrent_ppo(options: Options) -> list[Row]:
    """Compare PPO with an LSTM each for policy and values, with eight environments."""
    return compare(RECURRENT_PPO, options)


def compare(twins: Twins, options: Options) -> list[Row]:
    """Return one row a side: medians over seeds; they take turns."""
    from rlkit.agents.deep.arithmetic.flat import threads

    steps = twins.budget(options)
    rates: dict[str, list[float]] = defaultdict(list)
    returns: dict[str, list[float]] = defaultdict(list)
    with threads(1):
        for side in (OURS, THEIRS):
            twins.make(side, steps, 0).learn(500)  # compiles, and loads what is loaded late
        for seed in range(options.repeats):
            for side in (OURS, THEIRS):
                options.note(f"{side}, seed {seed}")
                rate, value = train_and_test(twins.make(side, steps, seed), steps, seed)
                rates[side].append(rate)
                returns[side].append(value)
    return [
        {
            "agent": f"{twins.ours if side == OURS else twins.theirs.partition(':')[2]} ({side})",
            "steps": steps,
            "steps a second": round(median(rates[side])),
            "times": median(rates[side]) / median(rates[THEIRS]),
            "mean return": mean(returns[side]),
        }
        for side in (OURS, THEIRS)
    ]


def train_and_test(agent: Any, steps: int, seed: int) -> tuple[float, float]:
    """Return the steps a second of processor time of a training, and what it led to."""
    from rlkit.evaluation import evaluate

    began = time.process_time()
    agent.learn(steps)
    rate = steps / (time.process_time() - began)
    return rate, float(evaluate(agent, ENVIRONMENT, EPISODES, seed).returns.mean())
