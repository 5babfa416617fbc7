"""Targets by hand, and alike on floats, arrays and tensors."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from rlkit.returns import (
    discounted_returns,
    generalised_advantages,
    lambda_returns,
    n_step_returns,
    td_target,
)


def as_floats(rows: list[float]) -> Any:
    """Return one sequence as a list of floats."""
    return rows


def as_arrays(rows: list[float]) -> Any:
    """Return two equal sequences as an array `[T, 2]`."""
    return np.array([[row, row] for row in rows])


def as_tensors(rows: list[float]) -> Any:
    """Return two equal sequences as a tensor `[T, 2]`."""
    torch = pytest.importorskip("torch")
    return torch.tensor([[row, row] for row in rows], dtype=torch.float64)


def flags(kind: Callable[[list[float]], Any], rows: list[bool], *, numbers: bool) -> Any:
    """Return flags as 0 and 1 or as booleans, in the form of `kind`."""
    made = kind([float(row) for row in rows])
    if numbers:
        return made
    return [bool(x) for x in made] if isinstance(made, list) else made == 1.0


def column(values: list[Any]) -> list[float]:
    """Return the (first) sequence of a list of T values."""
    return [float(np.asarray(value).ravel()[0]) for value in values]


# Four steps: the second is truncated, the third terminates, the fourth goes on unseen.
REWARDS, VALUES, NEXT = [1.0, 2.0, 4.0, 8.0], [3.0, 5.0, 7.0, 9.0], [10.0, 20.0, 40.0, 80.0]
TERMINATED, CUT = [False, False, True, False], [False, True, True, False]
# With discount 1/2: what follows a truncation is its own next value, what follows an end is 0.
FULL = [1 + 12 / 2, 2 + 20 / 2, 4.0, 8 + 80 / 2]
TD = [1 + 10 / 2, 2 + 20 / 2, 4.0, 8 + 80 / 2]
# lambda = 1/4: G0 = 1 + ((3/4) 10 + (1/4) 12) / 2; the others are their TD targets.
LAMBDA = [1 + (7.5 + 3) / 2, 12.0, 4.0, 48.0]
DELTA = [6.0 - 3, 12.0 - 5, 4.0 - 7, 48.0 - 9]
ADVANTAGES = [DELTA[0] + 0.5 * 0.25 * DELTA[1], *DELTA[1:]]


@pytest.mark.parametrize("kind", [as_floats, as_arrays, as_tensors])
@pytest.mark.parametrize("numbers", [True, False])
def test_targets_by_hand(kind: Callable[[list[float]], Any], numbers: bool) -> None:
    rewards, values, following = kind(REWARDS), kind(VALUES), kind(NEXT)
    terminated = flags(kind, TERMINATED, numbers=numbers)
    cut = flags(kind, CUT, numbers=numbers)
    ends = (terminated, cut, 0.5)

    assert column(discounted_returns(rewards, following, *ends)) == FULL
    assert column(lambda_returns(rewards, following, *ends, 0.25)) == LAMBDA
    assert column(lambda_returns(rewards, following, *ends, 0.0)) == TD
    assert column(n_step_returns(rewards, following, *ends, 1)) == TD
    assert column(n_step_returns(rewards, following, *ends, 2)) == FULL
    assert column(n_step_returns(rewards, following, *ends, 9)) == FULL
    assert column(generalised_advantages(rewards, values, following, *ends, 0.25)) == ADVANTAGES
    targets = [
        td_target(r, v, t, 0.5) for r, v, t in zip(rewards, following, terminated, strict=True)
    ]
    assert column(targets) == TD


def test_n_steps_by_hand() -> None:
    """Nothing ends: G = r + r'/2 + v''/4, and shorter at the end of the sequence."""
    going = [False] * 4
    returns = n_step_returns(REWARDS, NEXT, going, going, 0.5, 2)

    assert returns == [1 + 2 / 2 + 20 / 4, 2 + 4 / 2 + 40 / 4, 4 + 8 / 2 + 80 / 4, 8 + 80 / 2]


def test_an_end_wins_where_both_flags_hold() -> None:
    assert td_target(1.0, 10.0, True, 0.5) == 1.0
    assert discounted_returns([1.0], [10.0], [True], [True], 0.5) == [1.0]


def test_advantages_equal_lambda_returns_minus_values() -> None:
    rng = np.random.default_rng(0)
    rewards, values, tail = rng.normal(size=(3, 6, 2))
    following = np.concatenate([values[1:], tail[:1]])
    terminated = rng.random((6, 2)) < 0.2
    cut = terminated | (rng.random((6, 2)) < 0.2)

    advantages = generalised_advantages(rewards, values, following, terminated, cut, 0.9, 0.8)
    returns = lambda_returns(rewards, following, terminated, cut, 0.9, 0.8)

    np.testing.assert_allclose(np.array(returns) - values, advantages)


def test_gradients_flow_through_tensors() -> None:
    torch = pytest.importorskip("torch")
    following = torch.full((2, 1), 3.0, requires_grad=True)
    going = torch.zeros(2, 1, dtype=torch.bool)
    lambda_returns(torch.ones(2, 1), following, going, going, 0.5, 0.5)[0].sum().backward()

    # dG0/dV1 = discount (1 - lambda); dG0/dV2 = discount lambda discount.
    assert following.grad.ravel().tolist() == [0.25, 0.125]
