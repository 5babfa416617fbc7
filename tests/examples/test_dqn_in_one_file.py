"""A plain DQN that a student reads in one sitting: short, and it learns."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

pytest.importorskip("torch")
import torch

import rlkit

FILE = Path(__file__).parents[2] / "examples" / "09_dqn_in_one_file.py"
LONGEST = 150
"""Lines of the file."""
SOLVED = 475.0
"""Mean return from which on CartPole-v1 counts as solved."""


@pytest.fixture(scope="module")
def example() -> Any:
    """Return the example as a module: a file whose name begins with a digit cannot be imported."""
    torch.set_num_threads(1)  # many threads on few cores take minutes
    spec = importlib.util.spec_from_file_location("dqn_in_one_file", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where dataclasses look
    spec.loader.exec_module(module)
    return module


def test_it_is_short() -> None:
    assert len(FILE.read_text("utf-8").splitlines()) <= LONGEST


def test_it_learns(example: Any) -> None:
    """A pole that is pushed one way falls after some 9 steps; three seeds came to 227 and more."""
    settings = example.Settings(steps=5_120, exploring=2_000, batches=64)
    learner = example.Learner(gymnasium.make(settings.env), settings)
    before = rlkit.evaluate(learner, settings.env, episodes=10).returns.mean()
    learner.learn()

    assert before < 60.0
    assert rlkit.evaluate(learner, settings.env, episodes=10).returns.mean() > 100.0


class OneStep(gymnasium.Env[Any, Any]):
    """Episodes of one step with reward 1, which terminate or are truncated, as they are told."""

    observation_space = spaces.Box(0.0, 1.0, (1,))
    action_space = spaces.Discrete(2)

    def __init__(self, *, terminates: bool) -> None:
        self.terminates = terminates

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """Begin an episode."""
        super().reset(seed=seed, options=options)
        return np.ones(1, np.float32), {}

    def step(self, _: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """End the episode."""
        return np.ones(1, np.float32), 1.0, self.terminates, not self.terminates, {}


@pytest.mark.parametrize(("terminates", "value"), [(True, 1.0), (False, 2.0)])
def test_values_are_those_on_paper(example: Any, *, terminates: bool, value: float) -> None:
    """With a discount of 1/2, Q = 1 where episodes terminate, and Q = 1 + Q / 2 = 2 where not."""
    settings = example.Settings(
        steps=512,
        discount=0.5,
        hidden=(16,),
        learning_rate=0.02,
        learn_every=32,
        batches=40,
        renew_every=32,
    )
    learner = example.Learner(OneStep(terminates=terminates), settings)
    learner.learn()

    with torch.no_grad():
        values = learner.values(learner.q, np.ones((1, 1), np.float32))
    assert values[0].tolist() == pytest.approx([value, value], abs=0.01)


@pytest.mark.study
@pytest.mark.timeout(0)
def test_it_solves_cartpole(example: Any) -> None:
    means = [example.main(example.Settings(seed=seed)).returns.mean() for seed in range(10)]

    assert sum(mean >= SOLVED for mean in means) >= 8, means
