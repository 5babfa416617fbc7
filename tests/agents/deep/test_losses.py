"""Losses against what is known on paper."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from rlkit.agents.deep.losses import (  # noqa: E402
    clipped_surrogate,
    entropy,
    log_probabilities,
    policy_gradient_loss,
    taken,
)


def test_illegal_actions_have_no_probability_and_no_entropy() -> None:
    masks = torch.tensor([[True, True, False]])
    logits = torch.tensor([[3.0, 3.0, 50.0]], requires_grad=True)
    log_probs = log_probabilities(logits, masks)

    assert log_probs.exp()[0].tolist() == pytest.approx([0.5, 0.5, 0.0])
    assert float(entropy(log_probs).detach()) == pytest.approx(np.log(2))
    entropy(log_probs).backward()
    assert logits.grad is not None
    assert logits.grad[0, 2] == 0.0


@pytest.mark.parametrize("baseline", [0.0, 10.0])
def test_the_expected_gradient_is_the_policy_gradient(baseline: float) -> None:
    """All trajectories of two steps, two actions: NNDL eq. 14.56 equals the gradient of J."""
    theta = torch.tensor([[0.3, -0.2], [0.1, 0.7]], dtype=torch.float64, requires_grad=True)
    rewards = torch.tensor([[1.0, -2.0], [3.0, 0.5]], dtype=torch.float64)
    log_pi = log_probabilities(theta, None)  # row t is the policy of step t
    pi = log_pi.exp()
    value = (pi * rewards).sum()
    (exact,) = torch.autograd.grad(value, theta, retain_graph=True)

    total = torch.zeros_like(theta)
    for a in range(2):
        for b in range(2):
            probability = (pi[0, a] * pi[1, b]).detach()
            actions = torch.tensor([a, b])
            rest = torch.stack([rewards[0, a] + rewards[1, b], rewards[1, b]]) - baseline
            loss = policy_gradient_loss(taken(log_pi, actions), rest) * 2  # a sum, not a mean
            (gradient,) = torch.autograd.grad(loss, theta, retain_graph=True)
            total -= probability * gradient

    torch.testing.assert_close(total, exact, atol=1e-12, rtol=0)


def test_the_surrogate_is_clipped_on_the_side_that_would_gain() -> None:
    """Schulman et al. 2017, Fig. 1: ratio 1.5 and .5 at clip .2, advantages of both signs."""
    old = torch.zeros(4)
    new = torch.tensor([1.5, 0.5, 1.5, 0.5]).log().requires_grad_()
    advantages = torch.tensor([1.0, 1.0, -1.0, -1.0])
    surrogate = clipped_surrogate(new, old, advantages, 0.2)

    assert float(surrogate.loss.detach()) == pytest.approx(-(1.2 + 0.5 - 1.5 - 0.8) / 4)
    surrogate.loss.backward()
    assert new.grad is not None
    assert (new.grad != 0).tolist() == [False, True, True, False]
