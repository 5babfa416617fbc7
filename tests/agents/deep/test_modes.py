"""Dropout drops while an agent learns and not while it is asked; optimizers by name."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from rlkit import agents  # noqa: E402
from rlkit.agents.deep import DQN, PPO, OneStepActorCritic  # noqa: E402
from rlkit.nets import Feedforward, TextbookAdam, optimizer_names  # noqa: E402
from tests.agents.deep.support import corridors  # noqa: E402

SMALL = {
    "dqn": {"learning_starts": 16, "train_every": 4, "gradient_steps": 1},
    "ppo": {"steps": 16},
    "actor-critic": {"steps": 4},
}
NAMES = sorted(SMALL)


class Noting(nn.Module):
    """Passes on what it reads, and notes in which modes it was."""

    def __init__(self) -> None:
        super().__init__()
        self.modes: list[bool] = []

    def forward(self, x: Any) -> Any:
        """Return x."""
        self.modes.append(self.training)
        return x


def dropping(shape: tuple[int, ...]) -> Any:
    """Make a core that forgets half of what it computes."""
    layers = nn.Sequential(nn.Linear(shape[0], 32), nn.Tanh(), Noting(), nn.Dropout(0.5))
    return Feedforward(layers, shape)


def made(name: str, seed: int = 0) -> Any:
    settings: dict[str, Any] = {"num_envs": 2, "core": dropping, "horizon": 999, **SMALL[name]}
    return agents.make(name, "CartPole-v1", seed=seed, **settings)


def modes_of(agent: Any) -> list[bool]:
    """Return the modes of the network that acts, and forget them."""
    (noting, *_) = [m for m in agent.network.modules() if isinstance(m, Noting)]
    found, noting.modes = noting.modes, []
    return found


@pytest.mark.parametrize("name", NAMES)
def test_dropout_is_for_learning(name: str) -> None:
    """Asked twice, an agent answers the same, before, while and after it learns."""
    agent = made(name)
    x, opens = np.ones((1, 4), np.float32), np.ones(1, np.bool_)

    def ask(progress: Any = None) -> None:
        learned = modes_of(agent)
        (one, _), (two, _) = (agent.policy.scores(x, None, opens) for _ in range(2))
        np.testing.assert_array_equal(one, two)
        assert modes_of(agent) == [False, False]
        assert all(learned)
        assert bool(learned) == (progress is not None)

    modes_of(agent)  # of counting what the core returns
    ask()
    agent.learn(64, callback=ask)
    ask()


def test_targets_are_valued_without_dropout() -> None:
    agent = made("dqn").learn(64)
    (noting,) = [m for m in agent._target.modules() if isinstance(m, Noting)]

    assert len(noting.modes) > 1
    assert not any(noting.modes)


def normalising(shape: tuple[int, ...]) -> Any:
    """Make a core that brings every batch to mean 0 and deviation 1."""
    layers = nn.Sequential(nn.Linear(shape[0], 8), nn.BatchNorm1d(8), nn.Tanh())
    return Feedforward(layers, shape)


@pytest.mark.parametrize("name", [*NAMES, "one-step-actor-critic"])
def test_batches_that_are_learned_from_count_and_steps_do_not(name: str) -> None:
    """One environment acts by the running means; a batch of one has none of its own."""
    settings: dict[str, Any] = {**SMALL.get(name, {})}
    updates = {"dqn": 13, "ppo": 4 * 10, "actor-critic": 16, "one-step-actor-critic": 0}
    agent: Any = agents.make(
        name, "CartPole-v1", num_envs=1, core=normalising, horizon=999, **settings
    )
    agent.learn(64, callback=lambda _: agent.predict(np.ones(4, np.float32)))
    counts = {key: v.item() for key, v in agent.network.state_dict().items() if "tracked" in key}

    assert set(counts.values()) == {updates[name]}
    if name == "dqn":
        assert agent._target.state_dict()[next(iter(counts))] == 0  # renewed after 256 steps


@pytest.mark.parametrize("name", NAMES)
def test_what_is_dropped_depends_on_the_agents_seed_alone(name: str) -> None:
    whole, half = made(name), made(name)
    before = torch.get_rng_state()
    whole.learn(128)
    assert torch.equal(torch.get_rng_state(), before)  # others are not disturbed
    half.learn(64)
    torch.rand(7)
    resumed = made(name)
    resumed.load_state_dict(half.state_dict())
    resumed.learn(64)

    assert torch.equal(resumed.parameters, whole.parameters)
    assert not torch.equal(made(name).learn(128).parameters, made(name, 1).learn(128).parameters)


@pytest.mark.parametrize("optimizer", optimizer_names())
def test_every_optimizer_learns_and_goes_on(optimizer: str) -> None:
    def new() -> Any:
        return PPO(corridors([4, 4]), steps=8, epochs=1, horizon=999, optimizer=optimizer)

    start = new().parameters.detach().clone()
    whole, half, resumed = new().learn(64), new().learn(32), new()
    resumed.load_state_dict(half.state_dict())
    resumed.learn(32)

    assert not torch.equal(whole.parameters, start)
    assert torch.equal(whole.parameters, resumed.parameters)


def test_optimizers_are_chosen_by_name() -> None:
    assert type(DQN("CartPole-v1", optimizer="textbook-adam").optimizer) is TextbookAdam
    assert type(OneStepActorCritic("CartPole-v1").optimizer) is torch.optim.SGD  # as in the box
    adam = DQN("CartPole-v1").optimizer
    assert type(adam) is torch.optim.Adam
    assert adam.defaults["fused"]
    with pytest.raises(KeyError, match=r"unknown optimizer 'adan'.*'adam'"):
        DQN("CartPole-v1", optimizer="adan")
