"""Passes without torch: the same outputs, the same gradients."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from rlkit.agents.deep import PPO  # noqa: E402
from rlkit.agents.deep.arithmetic.compiled import DensePass  # noqa: E402
from rlkit.agents.deep.arithmetic.kernels import quick_tanh  # noqa: E402
from rlkit.agents.deep.arithmetic.passes import Pass, TorchPass, make_pass  # noqa: E402
from rlkit.agents.deep.experience.batches import Batch, Batches  # noqa: E402
from rlkit.agents.deep.losses import entropy, log_probabilities, taken, value_loss  # noqa: E402
from tests.agents.deep.support import corridors  # noqa: E402


def agent_with(**settings: Any) -> PPO:
    return PPO(corridors([4, 6], "SameStep"), steps=9, seed=1, **settings)


def batch_of(agent: PPO) -> Batch:
    agent._started_world()
    rollout = agent._collector.collect(agent._key, 0)
    return Batches(rollout, rollout.advantages(0.9, 0.9), agent.encoding, agent.device).whole()


def gradient(agent: PPO, way: Pass, batch: Batch) -> tuple[Any, ...]:
    """Return outputs and the gradient of a loss in which every output counts."""
    logits, values = way(batch)
    log_probs = log_probabilities(logits, batch.masks)
    loss = value_loss(values, batch.returns) - taken(log_probs, batch.actions).mean()
    way.backward(loss + 0.1 * entropy(log_probs))
    slopes: Any = agent.parameters.grad
    found = slopes.clone()
    slopes.zero_()
    return logits.detach(), values.detach(), found


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("hidden", [[7], [7, 5, 6]])
def test_a_pass_without_torch_is_torchs(activation: str, hidden: list[int]) -> None:
    agent = agent_with(core_settings={"hidden": hidden, "activation": activation})
    batch = batch_of(agent)
    quick = make_pass(agent.network, agent.device, 18)

    assert type(quick) is DensePass
    for ours, theirs in zip(
        gradient(agent, quick, batch),
        gradient(agent, TorchPass(agent.network), batch),
        strict=True,
    ):
        torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize(
    "settings",
    [
        {"share_core": True},
        {"core": "gru"},
        {"core_settings": {"activation": "gelu"}},
        {"core_settings": {"hidden": [3000, 3000]}},
    ],
    ids=str,
)
def test_other_networks_pass_through_torch(settings: dict[str, Any]) -> None:
    agent = agent_with(**settings)
    assert type(make_pass(agent.network, agent.device, 18)) is TorchPass


def test_a_loss_of_the_policy_alone_leaves_the_values_as_they_are() -> None:
    agent = agent_with()
    batch = batch_of(agent)
    way = make_pass(agent.network, agent.device, 18)
    logits, _ = way(batch)
    way.backward(-taken(log_probabilities(logits, batch.masks), batch.actions).mean())

    critic: Any = agent.network.value_head.weight.grad
    actor: Any = agent.network.policy_head.weight.grad
    assert not critic.any()
    assert actor.any()


def test_the_quick_tanh_is_tanh() -> None:
    x = np.concatenate([np.linspace(-12, 12, 2001), [0.0, 1e-6, -1e-6, 1e30]]).astype(np.float32)
    found = np.array([quick_tanh(number) for number in x])
    np.testing.assert_allclose(found, np.tanh(x.astype(np.float64)), rtol=3e-7, atol=0)
