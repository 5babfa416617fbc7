"""Every rule of the gridworlds against an independent implementation, on random maps."""

from collections import Counter
from typing import Any

import numpy as np
import pytest

from rlkit import TabularModel
from rlkit.envs.gridworld.maps import read_map
from rlkit.envs.gridworld.moves import CIRCLES, action_odds
from rlkit.envs.gridworld.problem import GridWorldMDP
from rlkit.envs.gridworld.states import Place
from rlkit.model import _enumerate
from rlkit.rounding import UNITS
from tests.envs.gridworld.reference import Reference

PAY = {"G": 1.0, "P": -2.0, "X": -5.0, "+": 0.3, "-": -0.4, "0": 0.7, "a": 0.2, ".": -0.01}


def random_world(seed: int) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Return a small map full of tiles, and settings."""
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(4, 6), rng.integers(3, 6)
    glyphs = rng.choice(list("...............##P+-^>v<"), size=(rows, columns))
    extras = ["S", "G", *"G" * (seed % 2), *"X" * (seed % 3), *"00" * (seed % 2)]
    extras += [*"aA" * (seed % 4 > 0), *"bB" * (seed % 5 == 0)]
    places = rng.permutation(rows * columns)[: len(extras)]
    glyphs.flat[places] = extras[: len(places)]
    settings: dict[str, Any] = {
        "moves": ["four", "king"][int(rng.integers(2))],
        "stay": bool(rng.integers(2)),
        "slip": [0.0, 0.3][int(rng.integers(2))],
        "noise": [0.0, 0.2][int(rng.integers(2))],
        "wind": rng.integers(-2, 3, size=columns).tolist() if seed % 3 == 0 else [0] * columns,
    }
    return tuple("".join(row) for row in glyphs), settings


def reference_of(rows: tuple[str, ...], settings: dict[str, Any]) -> Reference:
    names = [*CIRCLES[settings["moves"]], *["stay"] * settings["stay"]]
    odds = {name: settings[name] for name in ("slip", "noise", "wind")}
    return Reference(rows, names, **odds, pay=PAY, step_reward=-0.05)


def grid_of(rows: tuple[str, ...], settings: dict[str, Any]) -> GridWorldMDP:
    names = {"goal_reward": "G", "pit_reward": "P", "cliff_reward": "X"}
    given: dict[str, Any] = {name: PAY[glyph] for name, glyph in names.items()}
    more = {glyph: value for glyph, value in PAY.items() if glyph not in names.values()}
    return GridWorldMDP(rows, **settings, **given, rewards=more, step_reward=-0.05)


def assert_alike(grid: GridWorldMDP, reference: Reference) -> None:
    """Compare states, terminal ones, P, R, ends and first states."""
    model = grid.tabulate()
    number = {tuple(place): i for i, place in enumerate(grid.states)}
    assert set(number) == reference.reachable()
    over = np.array([reference.over(state) for state in grid.states])
    np.testing.assert_array_equal(model.terminal, over)
    P, R = np.zeros((len(number), len(grid.actions), len(number))), np.zeros(model.R.shape)
    for i in map(int, np.flatnonzero(~over)):
        for a, name in enumerate(grid.actions):
            for (after, paid), odd in reference.results(grid.states[i], name).items():
                P[i, a, number[after]] += odd
                R[i, a] += odd * paid
    ours = model.P.toarray().reshape(P.shape)
    ends = (P * over).sum(axis=-1)
    # Probabilities are rounded to 2^-24, each by less than that, and up to eight ways meet.
    np.testing.assert_allclose(ours[~over], P[~over] * ~over, rtol=0, atol=8 / UNITS)
    np.testing.assert_allclose(model.terminates[~over], ends[~over], rtol=0, atol=8 / UNITS)
    np.testing.assert_allclose(model.R, R, rtol=0, atol=8 / UNITS * max(map(abs, PAY.values())))
    firsts = Counter(number[state] for state in reference.starts())
    for first, times in firsts.items():
        assert model.initial[first] == pytest.approx(times / firsts.total())


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_states_transitions_and_rewards(first: int) -> None:
    """P and R of every reachable state, and no state more; unsolvable maps are refused."""
    told: Counter[str] = Counter()
    for seed in range(first, first + 50):
        rows, settings = random_world(seed)
        reference = reference_of(rows, settings)
        read_map(rows)
        if not reference.solvable():
            with pytest.raises(ValueError, match="reached from"):
                grid_of(rows, settings)
            told["refused"] += 1
            continue
        assert_alike(grid_of(rows, settings), reference)
        told["compared"] += 1
    assert min(told["refused"], told["compared"]) >= 5, told


def test_a_slipping_move_by_hand() -> None:
    grid = GridWorldMDP(("S.", ".G"), slip=0.2)
    following = dict(grid.transition(Place(0, 0), "right"))

    assert following == pytest.approx({(0, 1, ""): 0.8, (1, 0, ""): 0.1, (0, 0, ""): 0.1})


@pytest.mark.parametrize(("slip", "noise"), [(0.7, 0.3), (0.9, 0.1), (0.4, 0.6), (0.3, 0.7)])
def test_a_move_that_never_goes_its_own_way(slip: float, noise: float) -> None:
    """What 1 - slip - noise leaves of 0 is no way to go."""
    for name, odds in action_odds(slip=slip, noise=noise).items():
        assert CIRCLES["four"][name] not in odds
        assert sum(odds.values()) == 1.0


def test_the_reward_of_a_fall_depends_on_how_the_start_was_reached() -> None:
    """From the start, up slips to the left (it stays, -1) or into the cliff (-10): -5.5."""
    grid = GridWorldMDP(("...", "SXG"), slip=0.5, step_reward=-1.0, cliff_reward=-9.0)
    start = Place(1, 0)

    assert grid.transition(start, "up").prob(start) == pytest.approx(0.5)
    assert grid.reward(start, "up", start) == pytest.approx(-5.5)
    assert grid.reward(start, "up", Place(0, 0)) == -1.0
    assert grid.reward(start, "up", Place(0, 2)) == 0.0


def test_a_door_needs_its_key() -> None:
    """S a . A G: the key first, so the door is met closed without it and open with it."""
    grid = GridWorldMDP(("aSAG",), step_reward=-1.0, goal_reward=0.0, discount=1.0)

    assert dict(grid.transition(Place(0, 1), "right")) == {(0, 1, ""): 1.0}
    assert dict(grid.transition(Place(0, 1), "left")) == {(0, 0, "a"): 1.0}
    assert dict(grid.transition(Place(0, 1, "a"), "right")) == {(0, 2, "a"): 1.0}
    assert list(grid.states) == [(0, 1, ""), (0, 0, "a"), (0, 1, "a"), (0, 2, "a"), (0, 3, "a")]
    with pytest.raises(KeyError, match="no state"):
        grid.terminal(Place(0, 0))


def test_arrays_equal_the_enumeration() -> None:
    grid = GridWorldMDP(("S.P", ".#0", "a0.", "vAG"), slip=0.3, step_reward=-0.1, noise=0.1)
    fast, slow = TabularModel.from_mdp(grid), _enumerate(grid)
    policy = np.full((len(grid.states), 4), 0.25)

    np.testing.assert_allclose(fast.evaluate(policy), slow.evaluate(policy), atol=1e-12)
    np.testing.assert_allclose(fast.initial, slow.initial)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"slip": -0.1}, r"slip must lie in \[0, 1\], got -0.1"),
        ({"slip": float("nan")}, "slip must be a finite number, got nan"),
        ({"slip": "x"}, "slip must be a finite number, got 'x'"),
        ({"step_reward": None}, "step_reward must be a finite number, got None"),
        ({"noise": 1.2}, r"noise must lie in \[0, 1\], got 1.2"),
        ({"slip": 0.6, "noise": 0.6}, r"slip \+ noise must lie in \[0, 1\]"),
        ({"discount": 1.1}, r"discount must lie in \[0, 1\]"),
        ({"moves": "kings"}, "unknown set of moves 'kings'. Did you mean 'king'"),
        ({"moves": "walk", "slip": 0.1}, "leave out slip and noise"),
        ({"wind": [1, 2]}, "wind must be 8 whole numbers, one a column"),
        ({"wind": [0.5] * 8}, "wind must be 8 whole numbers"),
        ({"rewards": {"?": 1.0}}, "rewards has the key '?'.*the legend|tiles: # wall"),
        ({"rewards": {"8,0": 1.0}}, "cells as 'row,column' from 0 within 8 x 8"),
        ({"rewards": {"G": float("inf")}}, "must be a finite number"),
        ({"goal_reward": float("nan")}, "must be a finite number"),
    ],
)
def test_wrong_settings_are_explained(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        GridWorldMDP(**settings)


def test_a_cells_reward_goes_before_its_tiles() -> None:
    grid = GridWorldMDP(("SG", ".G"), rewards={"0,1": 5.0, "1, 0": -3.0})
    start = Place(0, 0)

    assert grid.reward(start, "right", Place(0, 1)) == 5.0
    assert grid.reward(start, "down", Place(1, 0)) == -3.0
    assert grid.reward(Place(1, 0), "right", Place(1, 1)) == 1.0
