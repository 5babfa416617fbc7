"""Distributions, random numbers, returns, statistics, and what importing costs."""

import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rlkit import Categorical, Stream, certain, derive, uniform
from rlkit.randomness import derive_many
from rlkit.randomness import uniform as draw
from rlkit.returns import (
    discounted_returns,
    generalised_advantages,
    lambda_returns,
    n_step_returns,
    td_target,
)
from rlkit.statistics import (
    interquartile_mean,
    mean_interval,
    paired_difference,
    probability_of_improvement,
)

ROOT = Path(__file__).parents[2]


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


def test_truncation_bootstraps_and_termination_does_not() -> None:
    assert td_target(1.0, 10.0, terminated=0.0, discount=0.5) == 6.0
    assert td_target(1.0, 10.0, terminated=1.0, discount=0.5) == 1.0


def test_returns_of_a_cut_sequence_by_hand() -> None:
    rewards = np.array([[1.0], [2.0], [4.0]])
    following = np.array([[10.0], [20.0], [40.0]])
    terminated = np.array([[0.0], [0.0], [0.0]])
    cut = np.array([[0.0], [1.0], [0.0]])

    returns = discounted_returns(rewards, following, terminated, cut, 0.5)

    assert [float(g[0]) for g in returns] == [1 + 0.5 * 12, 2 + 0.5 * 20, 4 + 0.5 * 40]
    assert float(n_step_returns(rewards, following, terminated, cut, 0.5, 3)[0][0]) == 7.0
    assert float(lambda_returns(rewards, following, terminated, cut, 0.5, 0.0)[0][0]) == 6.0


def test_advantages_equal_lambda_returns_minus_values() -> None:
    rng = np.random.default_rng(0)
    rewards, values, tail = rng.normal(size=(3, 6, 2))
    following = np.concatenate([values[1:], tail[:1]])
    terminated = (rng.random((6, 2)) < 0.2).astype(float)
    cut = terminated

    advantages = generalised_advantages(rewards, values, following, terminated, cut, 0.9, 0.8)
    returns = lambda_returns(rewards, following, terminated, cut, 0.9, 0.8)

    np.testing.assert_allclose(np.array(returns) - values, advantages)


def test_interval_covers_the_mean_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(100):
        interval = mean_interval(rng.normal(size=40))
        covered += interval.low <= 0.0 <= interval.high

    assert 86 <= covered <= 100


def test_comparisons_by_hand() -> None:
    assert interquartile_mean([0, 1, 2, 100]) == 1.5
    assert probability_of_improvement([1, 2], [1, 0]) == 0.875
    assert paired_difference([2, 3, 4], [1, 2, 3]).mean == 1.0


def test_importing_is_light() -> None:
    heavy = {"torch", "pygame", "numba", "matplotlib"}
    program = f"import rlkit, sys; print(*({heavy} & set(sys.modules)))"
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert answer.stdout.strip() == ""


def test_every_folder_with_code_is_packaged() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = {"rlkit"}
    for top in ("envs", "agents", "nets", "scripts"):
        found |= {
            "rlkit." + ".".join(file.parent.relative_to(ROOT).parts)
            for file in (ROOT / top).rglob("__init__.py")
        }

    assert sorted(listed) == sorted(found)
