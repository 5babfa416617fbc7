"""In next-step vectors an environment that only resets is no data: it changes and stops nothing."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from rlkit import agents  # noqa: E402
from rlkit.agents.deep import OneStepActorCritic  # noqa: E402
from tests.agents.deep.support import Corridor, corridors  # noqa: E402


def test_the_entropy_is_the_mean_of_the_rows_that_learn() -> None:
    """Without rewards, values and their slope, only the entropy moves the policy."""
    env = corridors([1, 9], "NextStep", paid=0.0)
    agent = OneStepActorCritic(
        env, learning_rate=0.1, entropy_weight=0.5, value_rate_ratio=0.0, horizon=10
    )
    head = agent.network.policy_head
    with torch.no_grad():
        agent.network.value_head.weight.zero_()
        agent.network.value_head.bias.zero_()
        head.weight.copy_(torch.linspace(-1, 1, head.weight.numel()).view_as(head.weight))
    agent._learn_once()
    assert agent.world.idle.tolist() == [True, False]
    seen, legal = torch.from_numpy(agent.world.observations[1:].copy()), [True, True, False]
    logits, _, _ = agent.network(seen[None], (), torch.zeros(1, 1))
    log_probs = torch.log_softmax(logits[0, 0][legal], dim=0)
    (slope,) = torch.autograd.grad(-(log_probs.exp() * log_probs).sum(), head.weight)
    before = head.weight.detach().clone()
    agent._learn_once()
    moved = head.weight.detach() - before
    torch.testing.assert_close(moved, 0.1 * 0.5 * slope, atol=1e-7, rtol=1e-4)
    assert slope.abs().max() > 1e-3


SMALL: dict[str, dict[str, Any]] = {
    "ppo": {"steps": 8, "batch_size": 8, "epochs": 1},
    "ppo-gru": {"steps": 8, "batch_size": 8, "core": "gru", "core_settings": {"hidden_size": 4}},
    "actor-critic": {},
    "reinforce": {},
    "one-step-actor-critic": {},
    "dqn": {"learning_starts": 8, "train_every": 4, "gradient_steps": 1},
}


class Closed(Corridor):
    """Has no legal action where an episode is over, and shows `last` there."""

    def __init__(self, length: int, last: float = 7.0, truncates: bool = False) -> None:
        super().__init__(length, truncates)
        self.last = last

    def _mask(self) -> Any:
        return super()._mask() * (self.time < self.length)

    def _seen(self, action: int) -> Any:
        over = self.time >= self.length
        return np.array([self.time, self.last if over else action], np.float32)


def learned(name: str, last: float) -> Any:
    """Return the weights after learning in Gymnasium's default mode."""
    from gymnasium.vector import SyncVectorEnv

    env = SyncVectorEnv([lambda: Closed(3, last), lambda: Closed(8, last)])
    agent: Any = agents.make(name.removesuffix("-gru"), env, seed=0, horizon=200, **SMALL[name])
    return agent.learn(64).parameters.detach().numpy()


@pytest.mark.parametrize("name", SMALL)
def test_what_is_shown_after_a_termination_has_no_part(name: str) -> None:
    """Neither that no action is legal there, nor what is observed, be it no number."""
    first = learned(name, 7.0)
    assert np.isfinite(first).all()
    np.testing.assert_array_equal(learned(name, 1e6), first)
    np.testing.assert_array_equal(learned(name, np.nan), first)


@pytest.mark.parametrize("name", SMALL)
def test_a_truncated_episode_needs_no_legal_action_at_its_end(name: str) -> None:
    from gymnasium.vector import SyncVectorEnv

    env = SyncVectorEnv([lambda n=n: Closed(n, truncates=True) for n in (3, 8)])  # type: ignore[misc]
    agent: Any = agents.make(name.removesuffix("-gru"), env, seed=0, **SMALL[name]).learn(64)
    assert agent.world.episodes > 4
