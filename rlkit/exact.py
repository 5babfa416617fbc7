"""Exact evaluation of a policy: value, regret and success, computed and not sampled.

With a step limit the figures are those of the limited problem: an episode that is cut there earns
nothing more and has not succeeded, and the optimum is the best that can be done in so many steps.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import breadth_first_order

from rlkit.arrays import Array, Bools, Floats
from rlkit.linear import solve_values
from rlkit.model import PolicyLike, TabularModel
from rlkit.outcomes import Outcomes


@dataclass(frozen=True)
class ExactEvaluation:
    """What a policy is worth, averaged over the first state.

    Attributes:
        value: Expected discounted return; minus infinity as `expected_return` says.
        regret: What it loses against the optimum.
        success: Probability that the episode ends in success; None where the problem does not say
            what a success is.
    """

    value: float
    regret: float
    success: float | None


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
        success: Which outcomes are successes, `(K,)` bool; by default `successes_of` the problem.
        limit: Steps after which an episode is cut; None for no limit.
        optimum: The best value, if it is known; else it is computed.
    """
    value = expected_return(model, policy, limit)
    best = optimum if optimum is not None else optimal_value(model, limit)
    chosen = successes_of(model.outcomes) if success is None else success
    chance = None
    if chosen is not None:
        chance = float(model.initial @ success_probability(model, policy, chosen, limit))
    return ExactEvaluation(value, best - value, chance)


def expected_return(model: TabularModel, policy: PolicyLike, limit: int | None = None) -> float:
    """Return the expected discounted return over the first state.

    At discount 1 and without a limit, only the states that the policy comes to count; if it can be
    caught there in a loop that is paid and never left, it is worth minus infinity. (Planners refuse
    a problem where such a loop gains.)
    """
    if limit is not None or model.discount < 1:
        return float(model.initial @ model.evaluate(policy, limit))
    transitions, rewards = model.under(policy)
    met = _met(transitions, model.initial)
    keep = sparse.diags_array(met.astype(np.float64))
    try:
        values = solve_values(sparse.csr_array(keep @ transitions), rewards * met, model.discount)
    except ValueError:
        return -np.inf
    return float(model.initial @ values)


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
        success: Which outcomes are successes, `(K,)` bool; by default `successes_of` the problem.
            Each must end the episode.
        limit: Steps after which an episode is cut; None for no limit.

    Raises:
        ValueError: If nobody says what a success is, or `success` has another shape, or holds an
            outcome that ends nothing.
    """
    outcomes = model.outcomes
    found = successes_of(outcomes) if success is None else np.asarray(success, dtype=np.bool_)
    if found is None:
        raise ValueError("the problem does not say what a success is; give `success`, (K,) bool")
    chosen: Bools = found
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


def successes_of(outcomes: Outcomes) -> Bools | None:
    """Return which outcomes are successes, `(K,)`: those that the problem declares.

    Where it declares none, as in Gymnasium's own, the ends with a positive reward; None if no end
    has one.
    """
    if outcomes.successes is not None:
        return outcomes.successes
    paid: Bools = np.asarray(outcomes.terminated & (outcomes.rewards > 0))
    return paid if paid.any() else None


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


def _met(transitions: sparse.csr_array, initial: Floats) -> Bools:
    """Return the states that can be met from the first ones, `(S,)`."""
    size = len(initial)
    first = sparse.csr_array(initial[None])
    graph = sparse.block_array([[transitions, None], [first, sparse.csr_array((1, 1))]])
    order = breadth_first_order(sparse.csr_array(graph), size, return_predecessors=False)
    met = np.zeros(size + 1, dtype=np.bool_)
    met[order] = True
    return met[:size]
