"""Policies: distributions, masks, and what is refused."""

import numpy as np
import pytest

from rlkit import TabularPolicy, UniformPolicy
from rlkit.policy import checked_masks

TABLE = [[0.1, 0.2, 0.7], [0.0, 1.0, 0.0]]


def test_a_distribution_is_a_row_of_the_table() -> None:
    dist, memory = TabularPolicy(TABLE).distribution(0, "memory")

    assert dict(dist) == pytest.approx({0: 0.1, 1: 0.2, 2: 0.7})
    assert memory == "memory"


def test_a_mask_leaves_the_legal_actions_in_proportion() -> None:
    dist, _ = TabularPolicy(TABLE).distribution(0, mask=np.array([1, 1, 0], dtype=np.int8))

    assert dict(dist) == pytest.approx({0: 1 / 3, 1: 2 / 3})


@pytest.mark.parametrize("table", [TABLE, np.array([2, 1])])
def test_a_policy_whose_choice_is_illegal_is_uniform_over_what_is_legal(table: object) -> None:
    policy = TabularPolicy(table, 3)  # type: ignore[arg-type]
    dist, _ = policy.distribution(1, mask=np.array([1, 0, 1]))

    assert dict(dist) == {0: 0.5, 2: 0.5}


def test_both_forms_agree() -> None:
    acts = TabularPolicy([2, 0], 3)

    assert acts.deterministic
    assert acts.probs.tolist() == [[0, 0, 1], [1, 0, 0]]
    assert TabularPolicy(acts.probs).actions.tolist() == [2, 0]
    assert dict(acts.distribution(0)[0]) == {2: 1.0}
    assert np.asarray(acts).tolist() == [2, 0]


def test_uniform_over_the_legal_actions() -> None:
    assert dict(UniformPolicy(4).distribution(None, mask=np.array([0, 1, 0, 1]))[0]) == {
        1: 0.5,
        3: 0.5,
    }


def test_uniform_over_actions_that_are_counted_from_elsewhere() -> None:
    policy = UniformPolicy(3, first_action=-1)

    assert dict(policy.distribution(None)[0]) == {-1: 1 / 3, 0: 1 / 3, 1: 1 / 3}
    assert dict(policy.distribution(None, mask=np.array([0, 1, 1]))[0]) == {0: 0.5, 1: 0.5}


def test_one_mask_counts_for_a_batch_and_the_row_that_forbids_all_is_named() -> None:
    assert checked_masks([0, 1], (2, 2)).tolist() == [[False, True], [False, True]]
    with pytest.raises(ValueError, match="mask of row 1 forbids every action"):
        checked_masks([[0, 1], [0, 0]], (2, 2))
    with pytest.raises(ValueError, match=r"shape \(2, 2\) or \(2,\), got \(3, 2\)"):
        checked_masks(np.ones((3, 2)), (2, 2))


@pytest.mark.parametrize(
    ("mask", "words"), [([1, 1], r"shape \(3,\), got \(2,\)"), ([0, 0, 0], "forbids every action")]
)
def test_wrong_masks_are_refused(mask: list[int], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        TabularPolicy(TABLE).distribution(0, mask=np.array(mask))


@pytest.mark.parametrize(
    ("table", "num_actions", "words"),
    [
        ([[0.5, 0.4]], None, "row 0 of the policy is no distribution"),
        ([[1.5, -0.5]], None, "minimum -0.5"),
        ([0, 3], 3, "the action of state 1 is 3; actions are 0 ... 2"),
        ([0, 1], None, "with num_actions"),
        ([[1.0, 0.0]], 3, "num_actions 3"),
    ],
)
def test_wrong_tables_are_refused(table: list[int], num_actions: int | None, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        TabularPolicy(table, num_actions)
