"""Distributions and random numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlkit import Categorical, Stream, certain, derive, uniform
from rlkit.randomness import derive_many
from rlkit.randomness import uniform as draw


def test_categorical_samples_in_proportion() -> None:
    dist = Categorical("abc", [0.2, 0.5, 0.3])
    stream = Stream(derive(1))
    drawn = [dist.sample(stream) for _ in range(20_000)]
    assert dist.prob("b") == 0.5
    assert dist.prob("z") == 0.0
    assert abs(drawn.count("b") / 20_000 - 0.5) < 0.015


@pytest.mark.parametrize(
    ("support", "probs", "words"),
    [
        ("ab", [0.5, 0.4], "sum to 0.9"),
        ("ab", [1.5, -0.5], "non-negative"),
        ("aa", [0.5, 0.5], "twice"),
        ("ab", [1.0], "2 outcomes and 1"),
    ],
)
def test_categorical_refuses_what_is_no_distribution(
    support: str, probs: list[float], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        Categorical(support, probs)


def test_certain_and_uniform() -> None:
    assert certain(3).prob(3) == 1.0
    assert uniform("ab").prob("a") == 0.5


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**40))
def test_plain_array_and_compiled_uniforms_agree(key: int, counter: int) -> None:
    array = draw(np.array([key], dtype=np.uint64), np.array([counter], dtype=np.uint64))

    assert draw(key, counter) == np.asarray(array)[0]
    assert 0.0 <= draw(key, counter) < 1.0


def test_uniforms_are_uniform_and_streams_unrelated() -> None:
    counters = np.arange(100_000, dtype=np.uint64)
    first, second = (np.asarray(draw(np.full_like(counters, derive(s)), counters)) for s in (0, 1))

    # 4 standard errors of a mean of uniforms, and of a correlation.
    assert abs(first.mean() - 0.5) < 4 * np.sqrt(1 / 12 / 1e5)
    assert abs(np.corrcoef(first, second)[0, 1]) < 4 / np.sqrt(1e5)


def test_keys_differ_by_every_part_of_their_path() -> None:
    paths = [(0,), (1,), (0, 0), (0, 1), (1, 0), (1, 1), (2, 2), (0, "agent"), (2**64,), (0, 0, 0)]

    assert len({derive(*path) for path in paths}) == len(paths)  # type: ignore[arg-type]
    assert derive_many(5, 4).tolist() == [derive(5, i) for i in range(4)]
    with pytest.raises(ValueError, match="non-negative"):
        derive(-1)
