"""Tables of the shipped environments do not depend on the last bit of any law.

Every probability that a law gives, and every one that is rounded, is moved by one unit in the last
place: up, down, and either way at random. P, R, first states and alias tables stay the same.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from rlkit.arrays import Array
from rlkit.envs.adapter import Tabular
from rlkit.envs.cabin.car import laws
from rlkit.envs.cabin.tabular import problem, tables
from rlkit.envs.cabin.tabular.config import TabularCabinConfig
from rlkit.envs.gridworld import moves
from rlkit.envs.gridworld import problem as gridworld
from rlkit.mdp import MDP
from rlkit.registration import GRIDWORLDS
from rlkit.rounding import UNITS, on_grid
from tests.shaking import WAYS, moved

LAWS = (
    "level_at_speed",
    "add_levels",
    "error_rate",
    "sure_probability",
    "answer_probability",
    "risk_probability",
    "load_after",
)
CACHES = (tables.tables, tables.risk_profile, tables.load_profile, problem._model)
WORLDS: dict[str, dict[str, Any]] = {
    **GRIDWORLDS,
    "slip": {"slip": 0.2},
    "slip of thirds": {"slip": 2 / 3, "moves": "king"},
    "noise of a king": {"noise": 0.3, "slip": 0.1, "moves": "king", "stay": True},
    "seven starts": {"map": ("SSSSSSS", ".......", "..#G#..")},
}


def cabin(**settings: Any) -> MDP[Any, Any]:
    """Return an exact cabin."""
    return problem.TabularCabin(TabularCabinConfig(**settings))


def gridworld_of(name: str) -> MDP[Any, Any]:
    """Return a gridworld of `WORLDS`."""
    settings = WORLDS[name]
    return gridworld.GridWorldMDP(**settings)


def arrays_of(mdp: MDP[Any, Any]) -> dict[str, Array]:
    """Return everything that planners, simulators and learners read."""
    tabular = Tabular(mdp)
    model, outcomes, first = tabular.model, tabular.outcomes, tabular.first
    return {
        "P": model.P.data,
        "next states of P": model.P.indices,
        "R": model.R,
        "terminates": model.terminates,
        "initial": model.initial,
        "outcomes": outcomes.probs,
        "rewards": outcomes.rewards,
        "next states": outcomes.next_states,
        "records": outcomes.sampler.records,
        "alias": outcomes.sampler.alias,
        "first": first.sampler.records,
    }


def differences(one: dict[str, Array], other: dict[str, Array]) -> list[str]:
    """Return the names of the arrays that differ in any bit."""
    return [name for name in one if one[name].tobytes() != other[name].tobytes()]


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Let nothing that was built of moved laws stay."""
    yield
    forget()


def forget() -> None:
    """Empty the caches of the exact cabin."""
    for cached in CACHES:
        cached.cache_clear()


def move_everything(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """Move what laws return, and what enters the rounding."""
    for seed, name in enumerate(LAWS):
        law = getattr(laws, name)
        monkeypatch.setattr(laws, name, moved_law(law, way, seed))
    for module in (problem, moves, gridworld):
        monkeypatch.setattr(module, "on_grid", lambda probs: on_grid(moved(probs, way)))
    forget()


def moved_law(law: Callable[..., float], way: str, seed: int) -> Callable[..., float]:
    """Return a law whose results are moved."""
    return lambda *arguments: float(moved(law(*arguments), way, seed))


@pytest.mark.parametrize("way", WAYS)
def test_the_exact_cabin(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    plain = arrays_of(cabin())

    move_everything(monkeypatch, way)

    assert differences(plain, arrays_of(cabin())) == []


@pytest.mark.study
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("settings", [{"slots": 3}, {"guarded": 0.5}, {"restate": 1.0}], ids=str)
def test_other_exact_cabins(
    monkeypatch: pytest.MonkeyPatch, way: str, settings: dict[str, Any]
) -> None:
    plain = arrays_of(cabin(**settings))

    move_everything(monkeypatch, way)

    assert differences(plain, arrays_of(cabin(**settings))) == []


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", WORLDS)
def test_gridworlds(monkeypatch: pytest.MonkeyPatch, way: str, name: str) -> None:
    plain = arrays_of(gridworld_of(name))

    move_everything(monkeypatch, way)

    assert differences(plain, arrays_of(gridworld_of(name))) == []


def test_a_law_that_moves_by_more_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = arrays_of(cabin())
    law = laws.answer_probability
    monkeypatch.setattr(laws, "answer_probability", lambda *given: law(*given) * (1 + 1e-6))
    forget()

    assert {"P", "R", "records"} <= set(differences(plain, arrays_of(cabin())))


@pytest.mark.parametrize("name", ["exact cabin", *WORLDS])
def test_rows_are_on_the_grid_and_sum_to_exactly_one(name: str) -> None:
    tabular = Tabular(cabin() if name == "exact cabin" else gridworld_of(name))

    for outcomes in (tabular.outcomes, tabular.first):
        size = outcomes.probs * UNITS
        assert (size == np.rint(size)).all()
        assert (size >= 1).all()
        assert (np.bincount(outcomes.rows, outcomes.probs) == 1).all()


def test_single_transitions_are_those_of_the_table() -> None:
    exact, model = problem.TabularCabin(), problem.TabularCabin().tabulate()
    rng = np.random.default_rng(0)
    for place in rng.integers(exact.states.over, size=10).tolist():
        action = int(rng.integers(len(exact.actions)))
        row = model.P[[place * len(exact.actions) + action]].toarray()[0]
        for state, prob in exact.transition(exact.states[place], exact.actions[action]):
            if not exact.terminal(state):
                assert row[exact.states.index(state)] == prob
