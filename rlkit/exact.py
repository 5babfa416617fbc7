"""Exact evaluation of a policy: value, regret and success, computed and not sampled.

With a step limit the figures are those of the limited problem: an episode that is cut there earns
nothing more and has not succeeded, and the optimum is the best that can be done in so many steps.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rlkit.arrays import Array, Bools, Floats
from rlkit.model import PolicyLike, TabularModel
from rlkit.outcomes import Outcomes


@dataclass(frozen=True)
class ExactEvaluation:
    """What a policy is worth, averaged over the first state.

    Attributes:
        value: Expected discounted return.
        regret: What it loses against the optimum.
        success: Probability that the episode ends in success.
    """

    value: float
    regret: float
    success: float


def evaluate_exactly(
    model: TabularModel,
    policy: PolicyLike,
    *,
    success: Array | None = None,
    limit: int | None = None,
    optimum: float | None = None,
) -> ExactEvaluation:
    """Return value, regret and success probability of a policy.

    Args:
        model: The problem.
        policy: Object, actions `(S,)` or probabilities `(S, A)`.
        success: Which outcomes are successes, `(K,)` bool; by default `paid_ends`.
        limit: Steps after which an episode is cut; None for no limit.
        optimum: The best value, if it is known; else it is computed.
    """
    value = float(model.initial @ model.evaluate(policy, limit))
    best = optimum if optimum is not None else optimal_value(model, limit)
    chance = success_probability(model, policy, success, limit)
    return ExactEvaluation(value, best - value, float(model.initial @ chance))


def success_probability(
    model: TabularModel,
    policy: PolicyLike,
    success: Array | None = None,
    limit: int | None = None,
) -> Floats:
    """Return the probability, from each state, that the episode ends in success, `(S,)`.

    Args:
        model: The problem.
        policy: Object, actions `(S,)` or probabilities `(S, A)`.
        success: Which outcomes are successes, `(K,)` bool; by default `paid_ends`. Each must end
            the episode.
        limit: Steps after which an episode is cut; None for no limit.

    Raises:
        ValueError: If `success` has another shape, or holds an outcome that ends nothing.
    """
    outcomes = model.outcomes
    chosen = paid_ends(outcomes) if success is None else np.asarray(success, dtype=np.bool_)
    if chosen.shape != outcomes.probs.shape:
        raise ValueError(f"`success` has shape {outcomes.probs.shape}, got {chosen.shape}")
    if (chosen & ~outcomes.terminated).any():
        place = int((chosen & ~outcomes.terminated).argmax())
        raise ValueError(f"outcome {place} counts as a success and does not end the episode")
    size = model.num_states * model.num_actions
    hits = np.bincount(outcomes.rows, outcomes.probs * chosen, minlength=size)
    counted = TabularModel(
        model.P,
        hits.reshape(model.num_states, model.num_actions),
        1.0,
        initial=model.initial,
        terminal=model.terminal,
        terminates=model.terminates,
        legal=model.legal,
    )
    return counted.evaluate(policy, limit)


def paid_ends(outcomes: Outcomes) -> Bools:
    """Return which outcomes end the episode with a positive reward, `(K,)`: a common success."""
    return np.asarray(outcomes.terminated & (outcomes.rewards > 0))


def optimal_value(model: TabularModel, limit: int | None = None) -> float:
    """Return the best expected return over the first state, without or with a step limit.

    With a limit the best policy may depend on the time that is left (backward induction;
    Puterman 1994, sec. 4.5).
    """
    if limit is None:
        from rlkit.catalogue import agent_class

        return float(model.initial @ agent_class("policy-iteration")(model).solve().values)
    if limit < 0:
        raise ValueError(f"a limit is a non-negative number of steps, got {limit}")
    values = np.zeros(model.num_states)
    going = ~model.terminal
    for _ in range(limit):
        q: Any = model.R + model.discount * (model.P @ values).reshape(model.R.shape)
        values = np.where(going, np.where(model.legal, q, -np.inf).max(axis=1), 0.0)
    return float(model.initial @ values)
