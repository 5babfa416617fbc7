"""Models: checks, conversions and exact evaluation against answers known on paper."""

import gymnasium
import numpy as np
import pytest
from scipy import sparse

from rlkit import TabularModel, TabularPolicy
from rlkit.arrays import Floats

CORRIDOR = np.zeros((3, 2, 3))
CORRIDOR[0, 0, 0] = CORRIDOR[0, 1, 1] = CORRIDOR[1, 0, 0] = CORRIDOR[1, 1, 2] = 1.0
CORRIDOR[2, :, 2] = 1.0
STEP = np.array([[-1.0, -1.0], [-1.0, -1.0], [0.0, 0.0]])


def corridor(discount: float = 1.0) -> TabularModel:
    """Two cells and an exit to the right; every step costs 1."""
    return TabularModel(CORRIDOR, STEP, discount, terminal=[False, False, True])


def test_values_of_a_corridor() -> None:
    assert corridor().evaluate([1, 1, 0]).tolist() == [-2.0, -1.0, 0.0]
    assert corridor(0.5).evaluate([1, 1, 0]).tolist() == [-1.5, -1.0, 0.0]
    assert corridor().evaluate([1, 1, 0], horizon=1).tolist() == [-1.0, -1.0, 0.0]


def test_random_walk_in_the_corridor() -> None:
    # V0 = -1 + (V0 + V1)/2 and V1 = -1 + V0/2.
    np.testing.assert_allclose(corridor().evaluate(np.full((3, 2), 0.5)), [-6.0, -4.0, 0.0])


def test_an_improper_policy_at_discount_one_is_refused() -> None:
    with pytest.raises(ValueError, match="improper"):
        corridor().evaluate([0, 0, 0])


def test_dense_and_sparse_forms_agree() -> None:
    rows = sparse.csr_array(CORRIDOR.reshape(6, 3))
    model = TabularModel(rows, STEP, 0.9, terminal=[False, False, True])

    np.testing.assert_array_equal(model.evaluate([1, 1, 0]), corridor(0.9).evaluate([1, 1, 0]))


def test_a_silent_absorbing_state_is_worth_nothing_without_a_flag() -> None:
    assert TabularModel(CORRIDOR, STEP, 1.0).evaluate([1, 1, 0])[0] == -2.0


def test_random_policy_on_cliff_walking() -> None:
    model = TabularModel.from_env(gymnasium.make("CliffWalking-v1"), 1.0)

    assert model.evaluate(np.full((48, 4), 0.25))[36] == pytest.approx(-65_375.13, abs=0.01)


def test_regret_is_what_the_policy_loses() -> None:
    random = corridor(0.9).evaluate(np.full((3, 2), 0.5))
    expected = (np.array([-1.9, -1.0]) - random[:2]).mean()

    assert corridor(0.9).regret(np.full((3, 2), 0.5)) == pytest.approx(expected)


def bad(place: tuple[int, int, int], value: float) -> Floats:
    """Return the corridor with one wrong entry."""
    wrong = CORRIDOR.copy()
    wrong[place] = value
    return wrong


@pytest.mark.parametrize(
    ("P", "R", "words"),
    [
        (bad((1, 1, 2), 0.9), STEP, r"sums to 0.9.* row 3 \(state 1, action 1\)"),
        (bad((0, 1, 1), -1.0), STEP, r"entry -1.0 in row 1"),
        (bad((0, 1, 1), np.nan), STEP, r"entry nan in row 1"),
        (CORRIDOR[:2], STEP, r"\(S, A, S\)"),
        (CORRIDOR, STEP[:2], r"R must have shape \(3, 2\)"),
        (CORRIDOR, np.where(STEP < 0, np.nan, 0), r"R is nan in row 0"),
    ],
)
def test_wrong_arrays_are_named_by_row(P: Floats, R: Floats, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        TabularModel(P, R, 0.9)


def test_wrong_discounts_and_policies_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        corridor(1.5)
    with pytest.raises(ValueError, match="2 states"):
        corridor().evaluate([1, 1])
    with pytest.raises(ValueError, match="row 0 of the policy"):
        TabularPolicy([[0.5, 0.4]])


def test_an_environment_without_a_model_says_so() -> None:
    with pytest.raises(TypeError, match="no exact model"):
        TabularModel.from_env(gymnasium.make("CartPole-v1"))
    with pytest.raises(ValueError, match="fickle"):
        TabularModel.from_env(gymnasium.make("Taxi-v4", fickle_passenger=True))
