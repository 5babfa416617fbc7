"""Chapter 14, section 14.3, by complete enumeration: all trajectories of a small problem.

The returns are `rlkit.returns`', which the learners use.
"""

from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
import torch
from torch import Tensor

from rlkit.returns import discounted_returns, td_target

F64 = torch.float64
T, GAMMA = 3, 0.9
START = torch.tensor([0.6, 0.4], dtype=F64)
P = torch.tensor([[[0.7, 0.3], [0.2, 0.8]], [[0.5, 0.5], [0.9, 0.1]]], dtype=F64)
R = torch.tensor([[[1.0, -1.0], [0.5, 2.0]], [[0.0, 1.5], [-0.5, 3.0]]], dtype=F64)
THETA = torch.tensor([[0.3, -0.2], [-0.5, 0.4]], dtype=F64)

Trajectory = tuple[tuple[int, ...], tuple[int, ...]]


def trajectories() -> Iterator[Trajectory]:
    """Yield all states s_0 ... s_T and actions a_0 ... a_(T-1)."""
    yield from product(product(range(2), repeat=T + 1), product(range(2), repeat=T))


def probability(theta: Tensor, trajectory: Trajectory) -> Tensor:
    """p(tau) = p(s_0) prod pi(a_t | s_t) p(s_(t+1) | s_t, a_t)."""
    s, a = trajectory
    policy = theta.softmax(dim=1)
    p = START[s[0]]
    for t in range(T):
        p = p * policy[s[t], a[t]] * P[s[t], a[t], s[t + 1]]
    return p


def rewards(trajectory: Trajectory) -> np.ndarray:
    s, a = trajectory
    return np.array([float(R[s[t], a[t], s[t + 1]]) for t in range(T)])


def returns(trajectory: Trajectory) -> np.ndarray:
    """G(tau_t:T) for every t."""
    ends = [False] * (T - 1) + [True]
    G = discounted_returns(rewards(trajectory).tolist(), [0.0] * T, ends, ends, GAMMA)
    return np.array(G)


def exact_gradient() -> Tensor:
    """The gradient of J = sum p(tau) G(tau), by automatic differentiation of p."""
    theta = THETA.clone().requires_grad_()
    J = torch.stack([probability(theta, tau) * returns(tau)[0] for tau in trajectories()]).sum()
    (gradient,) = torch.autograd.grad(J, theta)
    return gradient


def score(s: int, a: int) -> Tensor:
    """The gradient of log pi(a | s)."""
    theta = THETA.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(theta.log_softmax(dim=1)[s, a], theta)
    return gradient


def values() -> Tensor:
    """V(t, s) with t steps behind, `(T + 1, 2)`: 0 after the last."""
    policy = THETA.softmax(dim=1)
    V = torch.zeros(T + 1, 2, dtype=F64)
    for t in reversed(range(T)):
        q = (P * (R + GAMMA * V[t + 1])).sum(dim=2)
        V[t] = (policy * q).sum(dim=1)
    return V


def test_trajectory_probabilities_sum_to_one() -> None:
    total = torch.stack([probability(THETA, tau) for tau in trajectories()]).sum()
    assert total.item() == pytest.approx(1.0, abs=1e-12)


def estimates(baseline: bool) -> tuple[Tensor, Tensor]:
    """Mean and total variance of REINFORCE's estimate, with or without V as baseline."""
    V, mean, second = values(), torch.zeros(2, 2, dtype=F64), torch.zeros((), dtype=F64)
    for tau in trajectories():
        G = returns(tau)
        estimate = torch.zeros(2, 2, dtype=F64)
        for t, (s, a) in enumerate(zip(tau[0], tau[1], strict=False)):
            advantage = float(G[t]) - (float(V[t, s]) if baseline else 0.0)
            estimate += GAMMA**t * advantage * score(s, a)
        p = probability(THETA, tau)
        mean += p * estimate
        second += p * estimate.square().sum()
    return mean, second - mean.square().sum()


def test_reinforce_is_the_gradient_on_average_and_a_baseline_lowers_its_variance() -> None:
    wanted = exact_gradient()
    plain, spread = estimates(baseline=False)
    with_baseline, less = estimates(baseline=True)
    torch.testing.assert_close(plain, wanted, rtol=0, atol=1e-12)
    torch.testing.assert_close(with_baseline, wanted, rtol=0, atol=1e-12)
    assert less < 0.8 * spread


def test_actor_critic_is_the_gradient_on_average_where_its_critic_is_right() -> None:
    """E[sum gamma^t delta_t grad log pi], delta = r + gamma V(s') - V(s), V = 0 after the end."""
    V, mean = values(), torch.zeros(2, 2, dtype=F64)
    for tau in trajectories():
        (s, a), r = tau, rewards(tau)
        for t in range(T):
            target = td_target(r[t], float(V[t + 1, s[t + 1]]), t == T - 1, GAMMA)
            delta = float(target) - float(V[t, s[t]])
            mean += probability(THETA, tau) * GAMMA**t * delta * score(s[t], a[t])
    torch.testing.assert_close(mean, exact_gradient(), rtol=0, atol=1e-12)
