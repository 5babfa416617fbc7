"""Chapter 7, section 7.6: the search for hyper-parameters."""

import numpy as np
import pytest

from rlkit.nets import bayesian_search, grid, random_search, successive_halving
from rlkit.nets.bayesian import expected_improvement
from rlkit.nets.search import Space

SPACE: Space = {"rate": [0.1, 0.01, 0.001], "units": [32, 64]}


def test_a_grid_has_every_combination() -> None:
    found = grid(SPACE)
    assert len(found) == 6
    assert found[0] == {"rate": 0.1, "units": 32}
    assert found[1] == {"rate": 0.1, "units": 64}
    assert len({tuple(configuration.items()) for configuration in found}) == 6


def test_random_search_draws_each_value_as_often() -> None:
    found = random_search(SPACE, 6000, seed=1)
    for rate in SPACE["rate"]:
        share = sum(configuration["rate"] == rate for configuration in found) / 6000
        assert share == pytest.approx(1 / 3, abs=4 * (2 / 9 / 6000) ** 0.5)
    assert found == random_search(SPACE, 6000, seed=1) != random_search(SPACE, 6000, seed=2)


def test_halving_spends_the_budget_and_finds_the_best() -> None:
    spent: list[tuple[int, int]] = []

    def evaluate(configuration: dict[str, int], budget: int) -> float:
        spent.append((configuration["x"], budget))
        return -abs(configuration["x"] - 5) - 1 / budget

    best = successive_halving([{"x": x} for x in range(8)], evaluate, budget=96)
    assert best == {"x": 5}
    assert [budget for _, budget in spent] == [4] * 8 + [8] * 4 + [16] * 2
    assert sum(budget for _, budget in spent) == 96


def test_mistakes_are_explained() -> None:
    with pytest.raises(ValueError, match=r"got none for \['units'\]"):
        grid({"rate": [0.1], "units": []})
    with pytest.raises(ValueError, match="8 configurations and a budget of 10"):
        successive_halving([{"x": x} for x in range(8)], lambda *_: 0.0, 10)
    with pytest.raises(ValueError, match="1 configurations"):
        successive_halving([{"x": 1}], lambda *_: 0.0, 10)


def test_a_score_that_is_none_wins_nothing() -> None:
    """NaN has no place in an order; minus infinity is the last."""
    tried = [{"x": x} for x in range(4)]
    with pytest.raises(ValueError, match=r"got NaN for \{'x': 2\}"):
        successive_halving(tried, lambda c, _: float("nan") if c["x"] == 2 else 0.0, 8)
    best = successive_halving(tried, lambda c, _: float("-inf") if c["x"] == 3 else c["x"], 8)
    assert best == {"x": 2}


def test_expected_improvement_is_its_integral() -> None:
    """The mean of max(y - best, 0) over normal y, by the trapezoidal rule."""
    mean, deviation, best = np.array([0.3, -1.0]), np.array([0.5, 2.0]), 0.4
    steps = np.linspace(-10.0, 10.0, 200_001)
    y = mean[:, None] + deviation[:, None] * steps
    density = np.exp(-(steps**2) / 2.0) / np.sqrt(2.0 * np.pi)
    integral = np.trapezoid(np.maximum(y - best, 0.0) * density, steps, axis=1)
    assert expected_improvement(mean, deviation, best) == pytest.approx(integral, abs=1e-9)


def test_a_model_finds_the_best_of_many_with_few_trials() -> None:
    space: Space = {"x": list(range(20)), "y": list(range(20))}

    def regret(configuration: dict[str, int]) -> float:
        return -((configuration["x"] - 13) ** 2) - 2.0 * (configuration["y"] - 4) ** 2

    modelled, random = [], []
    for seed in range(10):
        modelled.append(regret(bayesian_search(space, regret, 30, seed=seed)))
        random.append(max(map(regret, random_search(space, 30, seed=seed))))
    assert np.mean(modelled) > -1.0  # next to the best at worst
    assert np.mean(random) < -5.0


def test_a_model_tries_nothing_twice() -> None:
    seen: list[tuple[int, ...]] = []
    space: Space = {"x": [1, 2, 3], "y": [4, 5]}

    def evaluate(configuration: dict[str, int]) -> float:
        seen.append(tuple(configuration.values()))
        return 1.0  # a flat surface tells the model nothing

    bayesian_search(space, evaluate, 6)
    assert len(set(seen)) == 6
    with pytest.raises(ValueError, match="first=4 and count=7"):
        bayesian_search(space, evaluate, 7)
    with pytest.raises(ValueError, match="finite number, got nan"):
        bayesian_search(space, lambda _: float("nan"), 6)
