"""What every planner promises, on random problems whose optima are known exactly.

Values and the worth of the policy are within the certified bound of the optimum; what has an
optimum is not refused; what has none is, in the right words.
"""

import warnings
from collections import Counter
from typing import Any

import numpy as np
import pytest

from rlkit import TabularModel
from rlkit.agents.planning import (
    ConvergenceError,
    InPlaceValueIteration,
    ModifiedPolicyIteration,
    PolicyIteration,
    PrecisionWarning,
    ValueIteration,
    bounds,
    loops,
    refinement,
)
from rlkit.arrays import Floats, Ints
from tests.agents.problems import NEAR, Problem, free_loop_ahead, optimum, random_problem

PLANNERS = (PolicyIteration, ValueIteration, InPlaceValueIteration, ModifiedPolicyIteration)


def faults(kind: Any, problem: Problem) -> list[str]:
    """Return what a planner does wrong with a problem."""
    best = optimum(problem)
    try:
        solution = kind(problem.model).solve()
    except ValueError as error:
        wanted = "optimum is infinite" if best.infinite else "minus infinity|no policy has a value"
        said = any(words in str(error) for words in wanted.split("|"))
        return [] if said and not best.exists else [f"refused: {error}"]
    if not best.exists:
        return [f"solved what has no optimum: {solution.values}"]
    exact = np.array([float(value) for value in best.values if value is not None])
    try:
        played = problem.model.evaluate(solution.policy)
    except ValueError as error:
        return [f"the policy has no values: {error}"]
    scale = max(1.0, float(np.abs(exact).max()))
    # Exact chances are no floats, and evaluation has rounding errors of its own: both grow with the
    # length of an episode, which near discount 1 can be that of the discount.
    length = 1 / (1 - float(problem.discount)) if problem.discount in NEAR else 1e4
    rounding = 1e-15 * length * scale
    found = []
    if not np.abs(solution.values - exact).max() <= solution.bound + rounding:
        found.append(f"values {solution.values} +- {solution.bound:.1e}, not {exact}")
    if not np.abs(solution.values - played).max() <= solution.bound + rounding:
        found.append(f"values {solution.values} +- {solution.bound:.1e}, policy {played}")
    if not solution.bound <= max(1e-8, 10 * rounding):
        found.append(f"loose bound {solution.bound:.1e}")
    return found


def check(kinds: Any, seeds: range) -> tuple[Counter[str], list[str]]:
    """Return how many problems of which sort there were, and everything that was wrong."""
    sorts: Counter[str] = Counter()
    wrong = []
    for seed in seeds:
        problem = random_problem(np.random.default_rng(seed))
        sorts["free loop"] += free_loop_ahead(problem)
        sorts["undiscounted"] += problem.discount == 1
        for kind in kinds:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", PrecisionWarning)
                try:
                    found = faults(kind, problem)
                except ConvergenceError as error:
                    found = [f"gave up: {error}"]
            wrong += [f"{kind.__name__} on problem {seed}: {fault}" for fault in found]
    return sorts, wrong


@pytest.mark.parametrize("kind", PLANNERS)
def test_random_problems(kind: Any) -> None:
    sorts, wrong = check([kind], range(300))

    assert wrong == []
    assert sorts["free loop"] >= 100
    assert sorts["undiscounted"] >= 100


@pytest.mark.parametrize(
    "seed",
    [
        10_559,  # the linear solver breaks down
        1_239,  # at discount 1 - 1e-12 rounding errors add up to a thousandth of the values
    ],
)
def test_solvable_problems_on_which_planners_once_gave_up(seed: int) -> None:
    _, wrong = check(PLANNERS, range(seed, seed + 1))

    assert wrong == []


@pytest.mark.study
@pytest.mark.timeout(3_600)
def test_ten_thousand_random_problems() -> None:
    sorts, wrong = check(PLANNERS, range(1_000, 11_000))

    assert wrong == []
    assert sorts["free loop"] >= 3_334


@pytest.mark.parametrize("kind", PLANNERS)
def test_a_planner_without_its_step_for_free_loops_is_found_out(
    kind: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "without_free_loops", lambda _: None)
    # The old certificate: the last change times the longest episode of the greedy policy.
    monkeypatch.setattr(bounds, "refined", change_times_steps)

    _, wrong = check([kind], range(60))

    assert any("values" in fault or "refused" in fault for fault in wrong)


def change_times_steps(
    model: TabularModel, values: Floats, policy: Ints, _: float
) -> refinement.Refined:
    """Return the certificate that fails where steps without end cost nothing."""
    backed_up = (model.R + model.discount * (model.P @ values).reshape(model.R.shape)).max(axis=1)
    change = float(np.abs(np.where(model.over, 0.0, backed_up - values)).max())
    return refinement.Refined(values, 1e4 * change + 1e-9, policy)


def test_a_policy_that_is_not_led_out_of_free_loops_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        loops.LoopFree, "policy", lambda self, policy: policy[: self.original.num_states]
    )

    _, wrong = check([ModifiedPolicyIteration], range(60))

    assert any("policy" in fault for fault in wrong)


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_bounds_that_are_too_small_are_found_out(
    share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Values that are off by a part in a million, certified as if they were not."""

    def shifted(*arguments: Any) -> Any:
        found = refinement.refined(*arguments)
        return found and found._replace(values=found.values * (1 + 1e-6), bound=share * found.bound)

    monkeypatch.setattr(bounds, "refined", shifted)

    _, wrong = check([PolicyIteration], range(60))

    assert any("values" in fault for fault in wrong)


@pytest.mark.parametrize("odd", [-1, 3, [0, -1], [[2], [3]], 1.0, [True, False, True], "0"])
def test_states_that_are_none_are_not_predicted_for(odd: Any) -> None:
    model = TabularModel(np.full((3, 2, 3), 1 / 3), np.zeros((3, 2)), 0.9)

    for masks in (None, np.ones(2)):
        with pytest.raises(ValueError, match=r"whole numbers, 0 \.\.\. 2, got "):
            PolicyIteration(model).predict(odd, action_masks=masks)
