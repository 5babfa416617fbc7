"""Chapter 7, section 7.6: the search for hyper-parameters."""

import pytest

from rlkit.nets import grid, random_search, successive_halving
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
