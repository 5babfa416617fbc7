"""Compiled arithmetic and torch's are the same but for rounding."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from rlkit import agents
from rlkit.agents.deep.arithmetic.compiled import AdamDescent, DenseScorer
from rlkit.agents.deep.arithmetic.descent import TorchDescent
from rlkit.agents.deep.arithmetic.scoring import TorchScorer

SETTINGS: dict[str, dict[str, Any]] = {
    "dqn": {"learning_starts": 16, "train_every": 4, "gradient_steps": 2},
    "ppo": {"num_envs": 2, "steps": 16, "epochs": 2},
    "actor-critic": {"num_envs": 2},
    "reinforce": {"num_envs": 2, "longest_episode": 20},
    "one-step-actor-critic": {"optimizer": "adam"},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_both_arithmetics_learn_the_same(name: str) -> None:
    def learned(compiled: bool) -> Any:
        agent: Any = agents.make(name, "CartPole-v1", seed=4, compiled=compiled, **SETTINGS[name])
        return agent.learn(64)

    fast, plain = learned(True), learned(False)

    assert isinstance(fast.policy._few, DenseScorer)
    assert isinstance(fast._descent, AdamDescent)
    assert isinstance(plain.policy._few, TorchScorer)
    assert isinstance(plain._descent, TorchDescent)
    assert type(fast).__name__ != "DQN" or type(plain._memory.gradient).__name__ == "StepGradient"
    np.testing.assert_allclose(
        fast.parameters.detach(), plain.parameters.detach(), rtol=0, atol=1e-4
    )
    assert (plain.parameters.detach() != agents_start(name)).any()


def agents_start(name: str) -> Any:
    """Return the parameters before anything was learned."""
    agent: Any = agents.make(name, "CartPole-v1", seed=4, **SETTINGS[name])
    return agent.parameters.detach()


def test_the_setting_is_a_flag() -> None:
    with pytest.raises(ValueError, match="compiled"):
        agents.make("ppo", "CartPole-v1", compiled="no")
