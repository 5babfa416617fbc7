"""What users pass: settings of NumPy types, ids as Gymnasium reads them, discounts."""

import json
import sys
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv
from gymnasium.wrappers import TransformReward
from gymnasium.wrappers.vector import RecordEpisodeStatistics

from rlkit import agents
from rlkit.agents.configuring import make_config, spec_of
from rlkit.agents.tabular import TabularConfig
from rlkit.discounts import discount_of, own_discount


class Patient(gymnasium.Env[Any, Any]):
    """Names its discount; every episode has one step."""

    observation_space = spaces.Box(-1.0, 1.0, (1,), np.float32)
    action_space = spaces.Discrete(2)

    def __init__(self, discount: Any = 0.5) -> None:
        self.discount = discount

    def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
        """Begin."""
        super().reset(seed=seed, options=options)
        return np.zeros(1, np.float32), {}

    def step(self, action: Any) -> Any:
        """End."""
        del action
        return np.zeros(1, np.float32), 1.0, False, True, {}


def cart_pole() -> gymnasium.Env[Any, Any]:
    return gymnasium.make("CartPole-v1")


def test_settings_become_what_files_hold() -> None:
    given = {"horizon": np.int64(7), "initial_value": np.float32(0.5), "discount": np.array(0.25)}
    config = make_config(TabularConfig, given)
    assert json.loads(json.dumps(asdict(config)))["horizon"] == 7
    assert (config.initial_value, config.discount) == (0.5, 0.25)
    assert type(make_config(TabularConfig, {"horizon": 1e6}).horizon) is int
    assert type(make_config(TabularConfig, {"discount": Fraction(1, 2)}).discount) is float
    with pytest.raises(ValueError, match=r"horizon must be a whole number from 0 on, got 1\.5"):
        make_config(TabularConfig, {"horizon": 1.5})


def test_an_id_is_read_as_gymnasium_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "import gymnasium\ngymnasium.register('Mine-v3', 'no:where')\n"
    (tmp_path / "mine_of_a_user.py").write_text(module, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(gymnasium.envs.registration, "registry", dict(gymnasium.registry))
    monkeypatch.setattr(gymnasium, "registry", gymnasium.envs.registration.registry)
    try:
        assert spec_of("mine_of_a_user:Mine-v3").id == "Mine-v3"
    finally:
        sys.modules.pop("mine_of_a_user", None)
    assert spec_of("rlkit:rlkit/GridWorld-v0").id == "rlkit/GridWorld-v0"
    assert spec_of("CartPole").id == "CartPole-v1"
    with pytest.raises(gymnasium.error.NameNotFound, match="Nowhere"):
        spec_of("Nowhere-v0")


@pytest.mark.parametrize("name", ["q-learning", "value-iteration", "dqn", "ppo", "sb3:dqn"])
def test_every_kind_of_agent_takes_a_module_prefix(name: str) -> None:
    if name in {"dqn", "ppo", "sb3:dqn"}:
        pytest.importorskip("stable_baselines3")
    agent = agents.make(name, "rlkit:rlkit/GridWorld-v0", seed=0)

    bare = agents.make(name, "rlkit/GridWorld-v0", seed=0)
    assert agent.predict(0) == bare.predict(0)
    assert agent.discount == bare.discount


def test_an_environment_names_its_discount_however_it_is_wrapped() -> None:
    wrapped = TransformReward(Patient(), float)
    vector = SyncVectorEnv([Patient, lambda: wrapped])
    for env in (Patient(), wrapped, vector, RecordEpisodeStatistics(vector)):
        assert own_discount(env) == 0.5
        assert discount_of(env, None) == 0.5
        assert discount_of(env, 0.75) == 0.75
    for many in (1, 2):
        assert own_discount(gymnasium.make_vec("rlkit/GridWorld-v0", many, discount=0.25)) == 0.25
    assert own_discount(cart_pole()) is None
    assert discount_of(SyncVectorEnv([cart_pole]), None) == 0.99


def test_asking_workers_for_their_discount_leaves_them_alive() -> None:
    for maker, discount in ((Patient, 0.5), (cart_pole, None)):
        vector = AsyncVectorEnv([maker, maker])
        try:
            assert own_discount(vector) == discount
            assert len(vector.reset(seed=0)[0]) == 2
        finally:
            vector.close()


def test_discounts_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match=r"different discounts, \[0.5, 0.75\]"):
        own_discount(SyncVectorEnv([Patient, lambda: Patient(0.75)]))
    with pytest.raises(ValueError, match=r"the environment's discount must lie in \[0, 1\]"):
        own_discount(Patient(5))


@pytest.mark.parametrize(
    "name", ["dqn", "ppo", "actor-critic", "reinforce", "one-step-actor-critic", "sb3:dqn"]
)
def test_agents_learn_with_the_discount_of_what_they_play(name: str) -> None:
    pytest.importorskip("stable_baselines3")
    assert agents.make(name, Patient(), **({} if ":" in name else {"num_envs": 1})).discount == 0.5
    if ":" not in name:
        assert agents.make(name, SyncVectorEnv([Patient] * 2)).discount == 0.5
        assert agents.make(name, SyncVectorEnv([Patient] * 2), discount=0.9).discount == 0.9
