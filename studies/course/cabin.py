"""The essay's figures: the exact cabin, its optimum, and what learners reach."""

from dataclasses import dataclass
from typing import Any

import gymnasium
import torch
from torch import Tensor

import rlkit  # noqa: F401 (registers the environments)
from rlkit.agents.planning import PolicyIteration

STEPS = 40
"""Of policy gradient."""


@dataclass(frozen=True)
class Essay:
    """What the essay states."""

    elements: str
    returns: dict[str, float]
    """Expected discounted return from the start, exact."""


def answer() -> Essay:
    """Return the five elements of the exact cabin, and exact returns of three policies."""
    env: Any = gymnasium.make("rlkit/CabinTabular-v0").unwrapped
    model = env.model
    solution = PolicyIteration(env).solve()
    uniform = model.legal / model.legal.sum(axis=1, keepdims=True)
    return Essay(
        env.elements.describe(),
        {
            "random legal acts": float(model.initial @ model.evaluate(uniform)),
            "handcrafted rules": float(model.initial @ model.evaluate(env.handcrafted().policy)),
            f"policy gradient, {STEPS} steps": _policy_gradient(model),
            "optimum (policy iteration)": float(model.initial @ solution.values),
        },
    )


def _policy_gradient(model: Any) -> float:
    """Return what natural policy gradient with exact advantages reaches from a uniform policy.

    theta += A(s, a) for a softmax policy (Kakade 2002): the actor-critic whose critic is right.
    """
    legal = torch.as_tensor(model.legal)
    theta = torch.zeros(legal.shape, dtype=torch.float64)
    for _ in range(STEPS):
        policy = _softmax(theta, legal)
        values = torch.as_tensor(model.evaluate(policy.numpy()))
        theta += _advantages(model, values)
    return float(model.initial @ model.evaluate(_softmax(theta, legal).numpy()))


def _softmax(theta: Tensor, legal: Tensor) -> Tensor:
    return torch.softmax(theta.masked_fill(~legal, -torch.inf), dim=1)


def _advantages(model: Any, values: Tensor) -> Tensor:
    following = torch.as_tensor(model.P @ values.numpy()).reshape(model.R.shape)
    q: Tensor = torch.as_tensor(model.R) + model.discount * following
    return q - values[:, None]
