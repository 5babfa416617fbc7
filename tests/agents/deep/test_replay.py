"""The replay memory holds what happened, and draws from it with the right probabilities."""

from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

from gymnasium import spaces

from rlkit.agents.deep.experience.encoding import encoding_of
from rlkit.agents.deep.experience.prioritised import Prioritised
from rlkit.agents.deep.experience.replay import Replay, Slots, Steps
from rlkit.agents.deep.experience.sampling import Uniform
from rlkit.agents.deep.experience.sum_tree import SumTree
from rlkit.randomness import Stream

ENCODING = encoding_of(spaces.Box(-1000.0, 1000.0, (1,), np.float32))


def filled(ends: str, capacity: int = 20, unit: int = 1, envs: int = 1) -> Replay:
    """Return a memory of steps 0, 1, ... whose observations are their numbers.

    A letter a step: `.` goes on, `T` terminates, `t` is truncated (final observation 100 + number).
    """
    replay = Replay(capacity * envs, envs, ENCODING, 2, unit)
    opens = True
    for number, end in enumerate(ends):
        column = np.ones(envs)
        steps = Steps(
            np.full((envs, 1), number),
            np.ones((envs, 2)),
            column == opens,
            np.full(envs, number % 2),
            column * number,
            column == (end == "T"),
            column == (end == "t"),
        )
        replay.add(steps, np.arange(envs))
        if end == "t":
            replay.truncate(
                np.arange(envs), np.full((envs, 1), 100 + number), np.eye(2)[[0] * envs]
            )
        opens = end != "."
    return replay


def test_the_next_slot_is_what_followed() -> None:
    replay = filled("..T.t.")
    one = Slots(np.zeros(1, np.int64), np.zeros(1, np.int64))
    seen, opens, cut, ended, real, rewards = replay.stretch(
        one, 7, "observations", "opens", "cut", "terminated", "real", "rewards"
    )

    assert seen.ravel().tolist() == [0, 1, 2, 3, 4, 104, 5]
    assert opens.ravel().tolist() == [1, 0, 0, 1, 0, 0, 1]
    assert cut.ravel().tolist() == [0, 0, 1, 0, 1, 0, 0]
    assert ended.ravel().tolist() == [0, 0, 1, 0, 0, 0, 0]
    assert real.ravel().tolist() == [1, 1, 1, 1, 1, 0, 1]
    assert rewards.ravel().tolist() == [0, 1, 2, 3, 4, 0, 5]
    final = replay.masks(Slots(np.zeros(1, np.int64), np.array([5])))
    assert final is not None
    assert final.tolist() == [[True, False]]
    assert replay.unfinished().tolist() == [0]
    assert filled("..T").unfinished().tolist() == []
    assert filled("..t").unfinished().tolist() == []


def test_a_ring_forgets_the_oldest() -> None:
    replay = filled("." * 25, capacity=10)
    assert len(replay) == 10
    slots = Uniform(replay, 3, key=1).sample(5_000, 1.0).slots

    assert set(slots.numbers.tolist()) == set(range(15, 22))
    seen = replay.stretch(slots, 4, "observations")[0][..., 0]
    np.testing.assert_array_equal(seen, slots.numbers + np.arange(4)[:, None])


def test_uniform_samples_are_drawn_at_once_and_handed_out_in_turn() -> None:
    replay = filled("." * 15)
    whole = Uniform(replay, 1, key=1).sample(12, 1.0).slots.numbers
    parts = [sample.slots.numbers for sample in Uniform(replay, 1, key=1).samples(4, 3, 1.0)]

    assert [len(part) for part in parts] == [4, 4, 4]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_prioritised_samples_follow_what_was_learned_from_those_before() -> None:
    sampler = Prioritised(filled("." * 5), 1, key=1, exponent=1.0)
    samples = sampler.samples(50, 2, 1.0)
    before = next(samples).slots
    sampler.update(Slots(np.zeros(4, np.int64), np.arange(4)), np.array([0.0, 0.0, 1.0, 0.0]))

    assert set(before.numbers.tolist()) == {0, 1, 2, 3}
    assert set(next(samples).slots.numbers.tolist()) == {2}


def test_uniform_draws_are_uniform_over_steps_with_enough_after_them() -> None:
    """Two environments of 7 and 3 slots: 60,000 draws lie within 5 standard errors."""
    replay = filled(".t..T", envs=2)  # slots: 0, 1, (final), 2, 3, 4
    replay.written[1] = 4  # of the second only 0, 1, (final), 2
    slots = Uniform(replay, 2, key=3).sample(60_000, 1.0).slots
    pairs, counts = np.unique(np.stack(slots), axis=1, return_counts=True)

    # Slot 2 is a final observation; two more must follow each.
    assert pairs.T.tolist() == [[0, 0], [0, 1], [0, 3], [1, 0], [1, 1]]
    assert (np.abs(counts / 60_000 - 0.2) < 5 * np.sqrt(0.16 / 60_000)).all()


def test_sequences_begin_where_a_unit_does() -> None:
    replay = filled("." * 50, capacity=20, unit=4)
    slots = Uniform(replay, 6, key=1).sample(2_000, 1.0).slots

    # 30 ... 49 are held; the units 32 ... 40 have six more after them, 43 at the latest.
    assert set(slots.numbers.tolist()) == {32, 36, 40}
    prioritised = Prioritised(replay, 6, key=1, exponent=1.0)
    assert set(prioritised.sample(2_000, 1.0).slots.numbers.tolist()) == {32, 36, 40}


def test_a_sum_tree_finds_the_leaf_of_a_share() -> None:
    tree = SumTree(5)
    tree.set(np.arange(5), [1.0, 0.0, 3.0, 2.0, 4.0])
    tree.set(np.array([4, 4]), [9.0, 4.0])  # the last one counts

    assert tree.total == 10.0
    shares = np.array([0.0, 0.0999, 0.1, 0.3999, 0.4, 0.5999, 0.6, 0.9999, np.nextafter(1, 0)])
    assert tree.find(shares).tolist() == [0, 0, 2, 2, 3, 3, 4, 4, 4]
    tree.set(np.array([0, 2]), 0.0)
    assert tree.find(np.array([0.0, 0.33, 0.34])).tolist() == [3, 3, 4]


@pytest.mark.parametrize("size", [1, 2, 3, 8, 9])
def test_a_sum_tree_never_finds_nothing(size: int) -> None:
    rng = np.random.default_rng(0)
    tree = SumTree(size)
    priorities = np.where(rng.random(size) < 0.5, 0.0, rng.random(size) / 3)
    priorities[rng.integers(size)] = 0.1
    tree.set(np.arange(size), priorities)
    found = tree.find(np.append(rng.random(3_000), np.nextafter(1, 0)))

    assert (priorities[found] > 0).all()
    np.testing.assert_allclose(tree.total, priorities.sum())


def test_prioritised_draws_and_weights_are_those_of_the_paper() -> None:
    """Schaul et al. 2016, eq. 1 and sec. 3.4: p^a / sum p^a and (N P)^-b over the largest."""
    replay = filled("." * 5)
    sampler = Prioritised(replay, 1, key=1, exponent=0.5)
    errors = np.array([1.0, 4.0, 9.0, 16.0])
    sampler.update(sampler.sample(4, 1.0).slots, np.zeros(4))
    sampler.update(Slots(np.zeros(4, np.int64), np.arange(4)), -errors)
    sample = sampler.sample(40_000, 0.25)
    counts = np.bincount(sample.slots.numbers, minlength=5) / 40_000

    np.testing.assert_allclose(counts, [0.1, 0.2, 0.3, 0.4, 0.0], atol=1e-3)
    expected = (np.array([0.1, 0.2, 0.3, 0.4]) / 0.1) ** -0.25
    assert sample.weights is not None
    np.testing.assert_allclose(sample.weights, expected[sample.slots.numbers], rtol=1e-5)


def test_new_steps_have_the_highest_priority_and_old_ones_none() -> None:
    replay = filled("." * 3, capacity=4)
    sampler = Prioritised(replay, 1, key=1, exponent=1.0)
    assert len(sampler) == 2  # 0 and 1
    for number in (3, 4, 5):
        one = np.ones(1, np.bool_)
        steps = Steps(np.full((1, 1), number), None, ~one, one * 0, one * 0.0, ~one, ~one)
        replay.add(steps, np.zeros(1, np.int64))
        if number == 3:
            assert len(sampler) == 3  # and 2, now that it has a successor
            sampler.update(Slots(np.zeros(1, np.int64), np.array([2])), np.array([8.0]))
    assert len(sampler) == 3  # 2, 3, 4; step 5 has no successor yet

    counts = np.bincount(sampler.sample(30_000, 0.0).slots.numbers, minlength=6) / 30_000
    np.testing.assert_allclose(counts, [0, 0, 1 / 3, 1 / 3, 1 / 3, 0], atol=1e-3)


def test_a_truncated_end_is_not_drawn_by_priority() -> None:
    replay = filled("")
    sampler = Prioritised(replay, 1, key=1, exponent=1.0)
    other = filled(".t..")
    replay.fields, replay.written = other.fields, other.written

    assert set(sampler.sample(500, 1.0).slots.numbers.tolist()) == {0, 1, 3}


@pytest.mark.parametrize("kind", [Uniform, Prioritised])
def test_memories_go_on_where_they_were(kind: Any) -> None:
    def made(replay: Replay) -> Any:
        return kind(replay, 2, 5, *([0.7] if kind is Prioritised else []))

    empty = filled("", capacity=8)
    sampler = made(empty)
    whole = filled("..t....T....", capacity=8)
    empty.fields, empty.written = whole.fields, whole.written
    first = sampler.sample(16, 0.5)
    sampler.update(first.slots, np.arange(16.0))
    replay = Replay(8, 1, ENCODING, 2)
    replay.load_state_dict(empty.state_dict())
    again = made(replay)
    again.load_state_dict(sampler.state_dict())

    for ring, other in zip(empty.fields.values(), replay.fields.values(), strict=True):
        np.testing.assert_array_equal(ring, other)
    for _ in range(2):
        one, other = sampler.sample(16, 0.5), again.sample(16, 0.5)
        np.testing.assert_array_equal(np.stack(one.slots), np.stack(other.slots))


def test_a_memory_of_another_form_is_refused() -> None:
    with pytest.raises(ValueError, match=r"observations of shape \(1, 3, 1\)"):
        Replay(10, 2, ENCODING, 2).load_state_dict(filled("...").state_dict())
    with pytest.raises(ValueError, match="5 slots is too small for 3 environments"):
        Replay(5, 3, ENCODING)


def test_many_draws_of_a_stream_are_its_single_ones() -> None:
    one, many = Stream(7, 3), Stream(7, 3)

    assert [one.random() for _ in range(5)] == many.randoms(5).tolist()
    assert one.counter == many.counter
    assert Stream(2**64 - 1).randoms(2).tolist() == [Stream(2**64 - 1, i).random() for i in (0, 1)]
