"""Presets: valid settings, found by name, beaten by what is given, and never of the environment."""

from typing import Any

import gymnasium
import pytest

pytest.importorskip("torch")

from rlkit import agents
from rlkit.agents.configuring import make_config
from rlkit.agents.presets import Preset, find, presets
from rlkit.agents.sb3.agent import config_of
from rlkit.catalogue import agent_class

ROAD, BENCH, GRID = "rlkit/Cabin-v0", "rlkit/CabinBench2-v0", "rlkit/GridWorld-v0"
EVERY = [preset for named in presets().values() for preset in named.values()]


def test_every_preset_has_valid_settings_and_arguments() -> None:
    for preset in EVERY:
        sb3 = preset.agent.startswith("sb3:")
        kind = config_of(preset.agent) if sb3 else agent_class(preset.agent).config_class
        make_config(kind, preset.settings)  # raises what is wrong
    for preset in {preset.environment: preset for preset in EVERY}.values():
        gymnasium.make(preset.environment, **preset.training_arguments).close()


def test_the_first_of_an_agent_is_its_tuned_one() -> None:
    def name(agent: str, environment: str = ROAD) -> str | None:
        found = find(environment, agent)
        return None if found is None else found.name

    assert name("ppo") == "PPO"
    assert name("dqn") == "DQN"
    assert name("sb3:ppo", BENCH) == "SB3-PPO"
    assert name("q-learning") is None
    assert name("ppo", GRID) is None
    assert find(ROAD, "ppo", "none") is None


def test_others_come_by_name() -> None:
    memory = find(ROAD, "ppo", "PPO+LSTM")
    assert memory is not None
    assert memory.settings["core"] == "lstm"
    assert memory == find(ROAD, None, "PPO+LSTM")


@pytest.mark.parametrize(
    ("environment", "agent", "name", "message"),
    [
        (ROAD, "ppo", "PPO+LSMT", r"unknown preset of rlkit/Cabin-v0 'PPO\+LSMT'.*'PPO\+LSTM'\?"),
        (ROAD, "ppo", "ppo", "Did you mean 'PPO'"),
        (GRID, "ppo", "PPO", "unknown preset of rlkit/GridWorld-v0 'PPO'"),
        (ROAD, "dqn", "PPO", "the preset PPO is one of ppo; those of dqn are DQN"),
        (ROAD, "sarsa", "PPO", "the preset PPO is one of ppo; sarsa has none"),
    ],
)
def test_what_is_not_there_is_refused(
    environment: str, agent: str, name: str, message: str
) -> None:
    with pytest.raises((KeyError, ValueError), match=message):
        find(environment, agent, name)


def test_exceptions_hold_in_their_environment_alone() -> None:
    here, there = (find(f"rlkit/CabinBench{number}-v0", "dqn") for number in (2, 4))
    assert here is not None
    assert there is not None
    assert (here.settings["n_steps"], here.settings["target_every"]) == (5, 1_000)
    assert "n_steps" not in there.settings
    assert there.settings["target_every"] == 250
    assert here.settings["capacity"] == there.settings["capacity"]


def test_given_settings_win_and_a_network_takes_its_own_arguments_with_it() -> None:
    preset = Preset("X", ROAD, "ppo", {"epochs": 4, "core_settings": {"hidden": [8]}}, 1)

    assert preset.with_settings({"epochs": 2})["epochs"] == 2
    assert preset.with_settings({"core": "lstm"}) == {"epochs": 4, "core": "lstm"}
    same = preset.with_settings({"core": "mlp"})
    assert same == {"epochs": 4, "core": "mlp", "core_settings": {"hidden": [8]}}
    same["core_settings"]["hidden"].append(9)
    assert preset.settings["core_settings"] == {"hidden": [8]}


def test_a_reward_of_its_own_is_told_and_not_set() -> None:
    errands = find(ROAD, "ppo", "PPO-errands")
    assert errands is not None
    assert errands.arguments == {}
    assert errands.reward == errands.training_arguments["reward"]
    assert "reward" not in errands.settings


@pytest.mark.parametrize("env", ["rlkit/CabinTabular-v0", "rlkit:rlkit/CabinTabular-v0", "made"])
def test_make_takes_them(env: str) -> None:
    made: Any = gymnasium.make("rlkit/CabinTabular-v0") if env == "made" else env
    preset = presets()["rlkit/CabinTabular-v0"]["PPO"]

    agent = agents.make("ppo", made, preset="tuned", num_envs=2, batch_size=32)
    assert agent.config.entropy_weight.value == preset.settings["entropy_weight"]
    assert (agent.config.num_envs, agent.config.batch_size) == (2, 32)
    assert agents.make("ppo", made).config == agents.make("ppo", made, preset="none").config
    assert agents.make("sarsa", made, preset="tuned").config == agents.make("sarsa", made).config
