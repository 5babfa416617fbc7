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
        (CORRIDOR, np.where(STEP < 0, -np.inf, 0), r"R is -inf in row 0 .*`legal`"),
        (CORRIDOR, STEP[:, 0], r"got \(3,\); .*np.repeat\(R\[:, None\], A, axis=1\)"),
        (CORRIDOR, STEP.T, r"R.T of an \(A, S\)"),
        (CORRIDOR.transpose(1, 0, 2), STEP, r"P.transpose\(1, 0, 2\)"),
        (CORRIDOR.reshape(6, 3), STEP, r"\(S \* A, S\) are taken as a SciPy sparse"),
        (CORRIDOR * (1 + 1e-7), STEP, r"sums to 1.0000001, .*divide it by its sum"),
        ([sparse.eye_array(3), sparse.eye_array(2)], STEP, r"one \(S, S\) for each action"),
    ],
)
def test_wrong_arrays_are_named_by_row(P: Floats, R: Floats, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        TabularModel(P, R, 0.9)


FORMS = {
    "CSR": sparse.csr_array,
    "CSC": sparse.csc_array,
    "COO": sparse.coo_array,
    "old CSR": sparse.csr_matrix,
    "LIL": sparse.lil_array,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_arrays_of_the_caller_are_neither_changed_nor_shared(form: str, dtype: type) -> None:
    P = FORMS[form](CORRIDOR.reshape(6, 3).astype(dtype))
    terminal, legal = np.array([False, False, True]), np.ones((3, 2), dtype=np.bool_)
    given = {"R": STEP.copy(), "terminal": terminal, "legal": legal, "initial": np.eye(3)[0]}
    given["terminates"] = np.zeros((3, 2))
    before = P.toarray()
    model = TabularModel(P, discount=0.9, **given)
    values = model.evaluate([1, 1, 0])

    np.testing.assert_array_equal(P.toarray(), before)
    P *= 0
    for array in given.values():
        array[...] = 0
    np.testing.assert_array_equal(model.evaluate([1, 1, 0]), values)
    assert model.initial.tolist() == [1, 0, 0]


def test_a_csr_with_duplicates_is_left_as_it_is() -> None:
    entries, columns, starts = [0.5, 0.5, 1.0], [1, 1, 0], [0, 2, 3]
    P = sparse.csr_array((entries, columns, starts), shape=(2, 2))
    model = TabularModel(P, [[-1.0], [-1.0]], 0.5)

    assert P.data.tolist() == entries
    assert P.indices.tolist() == columns
    assert model.P.data.tolist() == [1.0, 1.0]


def test_what_a_model_hands_out_cannot_be_written_to() -> None:
    model = corridor(0.9)
    for array in (model.R, model.P.data, model.legal, model.terminal, model.initial):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def random_arrays() -> tuple[Floats, Floats]:
    """Return P `(4, 2, 4)` and r(s, a, s'), `(4, 2, 4)`."""
    rng = np.random.default_rng(3)
    return rng.dirichlet(np.ones(4), size=(4, 2)), rng.normal(size=(4, 2, 4))


def test_other_forms_of_the_same_problem_are_taken() -> None:
    P, R = random_arrays()
    policy = np.array([0, 1, 1, 0])
    exact = TabularModel(P, (P * R).sum(axis=2), 0.9).evaluate(policy)
    by_action = [sparse.csr_matrix(P[:, a]) for a in range(2)]
    by_state = tuple(sparse.coo_array(P[s]) for s in range(4))
    pieces = np.empty(2, dtype=object)
    pieces[:] = by_action
    rewards = (R, sparse.csc_array(R.reshape(8, 4)), [sparse.lil_array(R[:, a]) for a in range(2)])
    for rows in (P, P.tolist(), sparse.csr_array(P.reshape(8, 4)), by_action, by_state, pieces):
        for paid in rewards:
            model = TabularModel(rows, paid, 0.9)
            np.testing.assert_allclose(model.evaluate(policy), exact, rtol=1e-12)
            np.testing.assert_array_equal(model.outcomes.rewards, R.ravel())
    mean = sparse.csr_array((P * R).sum(axis=2))
    np.testing.assert_allclose(TabularModel(P, mean, 0.9).evaluate(policy), exact, rtol=1e-12)


@pytest.mark.parametrize("ends", [0.0, 0.25])
def test_float32_rows_are_made_to_sum_to_one(ends: float) -> None:
    rng = np.random.default_rng(3)
    P = ((1 - ends) * rng.dirichlet(np.ones(300), size=(300, 2))).astype(np.float32)
    model = TabularModel(P, np.ones((300, 2)), 0.99, terminates=np.full((300, 2), ends))

    left = model.P.sum(axis=1) + model.terminates.ravel()
    np.testing.assert_allclose(left, 1, atol=1e-14)
    value = 1 / (1 - 0.99 * (1 - ends))
    np.testing.assert_allclose(model.evaluate(np.zeros(300, int)), value, rtol=1e-6)


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
