"""Bad input is named, and leaves the agent as it was."""

import math
from dataclasses import fields
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

pytest.importorskip("torch")

import rlkit
from rlkit import agents
from rlkit.agents.deep import DQN, PPO, REINFORCE, ActorCritic, NotFiniteError, OneStepActorCritic
from rlkit.checkpoint import CheckpointError
from rlkit.nets import make_core
from tests.agents.deep.support import Corridor, corridors


def test_continuous_actions_name_who_takes_them() -> None:
    with pytest.raises(TypeError, match=r"Discrete actions.*Box.*sb3:sac"):
        PPO("Pendulum-v1")


def test_an_unknown_hyper_parameter_has_the_nearest_name() -> None:
    with pytest.raises(TypeError, match="learning_rate"):
        PPO("CartPole-v1", learning_rat=0.1)
    with pytest.raises(ValueError, match=r"lambda_ must lie in \[0, 1\], got 2"):
        PPO("CartPole-v1", lambda_=2)
    for odd in (True, "0.9", [0.9]):
        with pytest.raises(ValueError, match=r"discount must lie in \[0, 1\], got"):
            PPO("CartPole-v1", discount=odd)
    with pytest.raises(ValueError, match="epochs must be a whole number from 1 on, got 0"):
        PPO("CartPole-v1", epochs=0)


@pytest.mark.parametrize("value", ["0.9x", math.nan, 1j, [1], -1])
@pytest.mark.parametrize("kind", [DQN, PPO, ActorCritic, REINFORCE, OneStepActorCritic])
def test_a_setting_that_is_none_is_refused_by_its_name(kind: Any, value: Any) -> None:
    """Whatever it should be: a number, a flag, a schedule, a name."""
    settings = [entry.name for entry in fields(kind.config_class)]
    assert "discount" in settings
    for name in settings:
        looked_up = name in ("optimizer", "core", "device") and isinstance(value, str)
        with pytest.raises((ValueError, TypeError, KeyError), match=value if looked_up else name):
            kind("CartPole-v1", **{name: value})


@pytest.mark.parametrize("kind", [DQN, PPO, ActorCritic, REINFORCE, OneStepActorCritic])
def test_true_and_none_are_no_numbers(kind: Any) -> None:
    for entry in fields(kind.config_class):
        if entry.type in (int, float):
            for value in (True, None):
                with pytest.raises(ValueError, match=f"^{entry.name} must"):
                    kind("CartPole-v1", **{entry.name: value})


@pytest.mark.parametrize("truncates", [False, True])
@pytest.mark.parametrize("core", ["mlp", "gru"])
@pytest.mark.parametrize("kind", [PPO, ActorCritic])
@pytest.mark.parametrize("spoilt", [10, 12, 16])  # in a rollout, at an episode's end, at both ends
def test_what_is_not_finite_is_named_and_not_learned(
    kind: Any, core: str, spoilt: int, truncates: bool
) -> None:
    env: Any = corridors([4, 4], truncates=truncates)
    env.envs[1].spoilt = spoilt
    agent = kind(env, core=core, steps=8).learn(16)
    if spoilt > 12:
        agent.env.envs[1].truncates = True  # its value counts
    before = agent.parameters.detach().clone()
    if spoilt == 12 and not truncates:
        agent.learn(16)  # after termination nothing is learned from the observation
        return
    message = f"environment 1 gave an observation that is not finite at step {2 * spoilt}"
    with pytest.raises(NotFiniteError, match=message):
        agent.learn(16)

    np.testing.assert_array_equal(agent.parameters.detach(), before)


def test_one_step_names_what_is_not_finite() -> None:
    env: Any = corridors([4, 4])
    env.envs[1].spoilt = 10
    with pytest.raises(NotFiniteError, match=r"environment 1 gave an observation.* at step 18"):
        OneStepActorCritic(env).learn(100)


class Masked(Corridor):
    """Tells a given mask."""

    mask: Any = (1, 1, 1)

    def _mask(self) -> Any:
        return np.array(self.mask, np.int8)


def test_masks_that_do_not_fit_are_named() -> None:
    env = Masked()
    env.mask = (0, 0, 0)
    with pytest.raises(ValueError, match="mask of environment 0 forbids every action at step 0"):
        PPO(env, num_envs=1).learn(1)
    env.mask = (1, 1)
    with pytest.raises(ValueError, match=r"masks have the shape \(1, 3\), got \(1, 2\)"):
        PPO(env, num_envs=1).learn(1)
    agent = PPO(Corridor(), num_envs=1)
    seen = np.zeros(2, np.float32)
    with pytest.raises(ValueError, match="forbids every action"):
        agent.predict(seen, action_masks=np.zeros(3))
    with pytest.raises(ValueError, match=r"\(3,\), got \(4,\)"):
        agent.predict(seen, action_masks=np.ones(4))


def test_one_environment_cannot_be_made_many_times() -> None:
    with pytest.raises(ValueError, match="cannot be made 8 times: pass its id"):
        PPO(Corridor())


def test_a_checkpoint_of_another_environment_is_refused(tmp_path: Path) -> None:
    PPO("CartPole-v1", num_envs=1).save(tmp_path / "agent")
    with pytest.raises(ValueError, match="does not fit this environment"):
        rlkit.load(tmp_path / "agent", gymnasium.make("Acrobot-v1"))


def test_a_core_without_a_name_is_played_and_not_saved(tmp_path: Path) -> None:
    agent = PPO("CartPole-v1", num_envs=1, core=lambda shape: make_core("mlp", shape), steps=8)
    agent.learn(8)
    with pytest.raises(CheckpointError, match="register_core"):
        agent.save(tmp_path / "agent")


def test_an_observation_space_that_no_core_reads() -> None:
    class Words(Corridor):
        def __init__(self) -> None:
            super().__init__()
            self.observation_space = spaces.Text(4)

    with pytest.raises(TypeError, match="no core reads observations of Text"):
        agents.make("ppo", Words(), num_envs=1)
