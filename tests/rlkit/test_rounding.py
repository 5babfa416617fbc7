"""Probabilities on the grid: sums, bounds, ties, and what does not matter: the last bits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from rlkit.arrays import Floats
from rlkit.outcomes import Outcomes
from rlkit.rounding import DUST, UNITS, on_grid, to_grid
from tests.shaking import WAYS, moved

distributions = (
    arrays.arrays(np.float64, st.integers(1, 40), elements=st.floats(0.0, 1.0))
    .filter(lambda weights: weights.sum() > 1e-3)
    .map(lambda weights: weights / weights.sum())
)
structured = st.lists(st.integers(0, 12), min_size=1, max_size=12).filter(any)


def units(probs: object) -> list[int]:
    """Return probabilities in units of the grid."""
    return [int(unit) for unit in on_grid(np.asarray(probs)) * UNITS]


@given(distributions)
def test_rows_are_distributions_near_the_given_ones(probs: Floats) -> None:
    rounded = on_grid(probs)

    possible = probs > DUST
    few = int((possible & (probs < 1 / UNITS)).sum())
    assert rounded.sum() == 1.0
    assert (rounded * UNITS == np.rint(rounded * UNITS)).all()
    assert ((rounded > 0) == possible).all()
    assert (np.abs(rounded - probs) * UNITS <= 1.001 + probs * few).all()
    assert (on_grid(rounded) == rounded).all()


@given(structured, st.integers(0, 2**32 - 1))
def test_shares_do_not_depend_on_their_last_bits(weights: list[int], seed: int) -> None:
    # Whole shares make ties, equal remainders and points of the grid, where a last bit would count.
    total = sum(weights)
    probs = np.array([weight / total for weight in weights])

    for way in WAYS:
        assert (on_grid(moved(probs, way, seed)) == on_grid(probs)).all()


def test_ties_go_to_the_first() -> None:
    assert units([1 / 3] * 3) == [5_592_406, 5_592_405, 5_592_405]
    assert units([0.8, 0.1, 0.1]) == [13_421_773, 1_677_722, 1_677_721]
    assert units([0.1, 0.1, 0.8]) == [1_677_722, 1_677_721, 13_421_773]


def test_the_largest_remainder_gets_what_is_left() -> None:
    # 0.1, 0.2 and 0.7 are 1,677,721.6, 3,355,443.2 and 11,744,051.2 units.
    assert units([0.1, 0.2, 0.7]) == [1_677_722, 3_355_443, 11_744_051]


def test_points_of_the_grid_stay() -> None:
    assert units([0.5, 0.25, 0.25]) == [2**23, 2**22, 2**22]
    assert units([0.5 - 2**-54, 0.25, 0.25 + 2**-54]) == [2**23, 2**22, 2**22]


def test_nothing_possible_vanishes_and_dust_does() -> None:
    assert units([1 - 1e-12, 1e-12, 0.0, 1e-17]) == [UNITS - 1, 1, 0, 0]
    assert units([1e-9] * 10 + [1 - 1e-8]) == [1] * 10 + [UNITS - 10]


def test_many_rows_at_once_are_rounded_one_by_one() -> None:
    probs = np.random.default_rng(0).dirichlet(np.full(20, 0.2), size=50)

    together = on_grid(probs)

    assert (together == np.stack([on_grid(row) for row in probs])).all()


def test_numbers_that_are_no_distribution_go_to_the_nearest_point() -> None:
    assert to_grid([0.1, -1.5, 0.0]).tolist() == [1_677_722 / UNITS, -1.5, 0.0]


def row_of(probs: Floats) -> Outcomes:
    """Return outcomes of one row."""
    size = len(probs)
    return Outcomes(
        starts=np.array([0, size]),
        next_states=np.arange(size),
        probs=probs,
        rewards=np.zeros(size),
        terminated=np.zeros(size, dtype=np.bool_),
        events=np.zeros(size, dtype=np.uint8),
        num_states=1,
        num_actions=1,
    )


def shares(outcomes: Outcomes) -> Floats:
    """Return how many of its row's places an alias table gives each outcome in all."""
    keep, alias = outcomes.sampler.records["keep"], outcomes.sampler.alias
    return np.asarray(keep + np.bincount(alias, 1 - keep, minlength=len(keep)))


@given(distributions)
def test_alias_tables_of_rounded_rows_are_exact(probs: Floats) -> None:
    rounded = on_grid(probs)

    assert (shares(row_of(rounded)) == rounded * len(rounded)).all()


@given(structured, st.integers(0, 2**32 - 1), st.sampled_from(WAYS))
def test_alias_tables_of_unrounded_rows_survive_the_last_bits(
    weights: list[int], seed: int, way: str
) -> None:
    probs = np.array([weight / sum(weights) for weight in weights])
    plain, shaken = row_of(probs).sampler, row_of(moved(probs, way, seed)).sampler

    assert (plain.alias == shaken.alias).all()
    np.testing.assert_allclose(plain.records["keep"], shaken.records["keep"], atol=1e-12)
    np.testing.assert_allclose(shares(row_of(probs)), probs * len(probs), atol=1e-12)


def test_a_model_that_is_handed_over_is_not_rounded() -> None:
    from rlkit import TabularModel

    P = np.array([[[0.1, 0.2, 0.7]], [[1 / 3, 1 / 3, 1 / 3]], [[0.0, 0.0, 1.0]]])
    model = TabularModel(P, np.zeros((3, 1)), 0.9, initial=[1 / 3, 1 / 3, 1 / 3])

    assert (model.P.toarray().reshape(P.shape) == P).all()
    assert model.outcomes.probs.tolist() == P[P > 0].tolist()
    assert model.initial.tolist() == pytest.approx([1 / 3] * 3, abs=0)
