"""Exact expected returns of many policies of the exact cabin, against published figures."""

import numpy as np
import pytest

from rlkit.arrays import Bools, Floats
from rlkit.envs.cabin.tabular.handcrafted import rules
from rlkit.envs.cabin.tabular.states import CONFIRMED, UNKNOWN
from tests.envs.cabin.tabular.support import (
    ACT,
    AT,
    CABIN,
    MODEL,
    NAMED_START,
    best,
    decide,
    only,
    without,
)

EVERYTHING: Bools = np.ones(len(AT.road), dtype=np.bool_)
SOME_UNKNOWN = (AT.heard[0] == UNKNOWN) | (AT.heard[1] == UNKNOWN)
REFUSABLE = (AT.guarded == 1) & (AT.motorway == 1)


def check(values: Floats, mean: float, named: float | None = None) -> None:
    """Compare the value of the initial distribution, and of the named start, to 0.01."""
    assert MODEL.initial @ values == pytest.approx(mean, abs=0.01)
    if named is not None:
        assert values[NAMED_START] == pytest.approx(named, abs=0.01)


def only_when_confirmed() -> Bools:
    """Return which pairs are left when one executes and refuses only what is confirmed."""
    allowed = np.ones(MODEL.legal.shape, dtype=np.bool_)
    what, value = (heard == CONFIRMED for heard in AT.heard)
    allowed[:-1, ACT["execute"]] = what & value
    allowed[:-1, ACT["refuse"]] = what
    return allowed


RESTRICTIONS = {
    "nothing is forbidden": (without(), 8.5103, 7.1553),
    "never wait": (without("wait"), 6.9001, 6.0242),
    "never quiet": (without("quiet"), 7.5735, 3.6255),
    "never confirm": (without("confirm"), 7.6263, 6.0724),
    "never refuse": (without("refuse"), 8.1424, 6.5258),
    "never hand over": (without("hand over"), 8.4842, 7.1433),
    "never wait, quiet": (without("wait", "quiet"), 6.3533, 3.5665),
    "never wait, quiet, confirm": (without("wait", "quiet", "confirm"), 5.9493, 3.5665),
    "only what is confirmed": (only_when_confirmed(), 6.1776, 5.1775),
    "an open window is closed first": (only("quiet", AT.window == 1), 8.4897, 7.1553),
    "speak only in keep": (only("wait", AT.road % 3 != 0), 8.0254, 6.8144),
}


@pytest.mark.parametrize("name", RESTRICTIONS)
def test_best_policy_under_a_restriction(name: str) -> None:
    allowed, mean, named = RESTRICTIONS[name]

    check(best(MODEL, allowed), mean, named)


@pytest.mark.parametrize(
    ("aware", "sure", "mean", "named"),
    [
        (True, 0.80, 7.7797, 6.6549),
        (True, 0.95, 5.48, None),
        (False, 0.80, 3.1819, -1.3673),
    ],
)
def test_handcrafted_rules(aware: bool, sure: float, mean: float, named: float | None) -> None:
    check(MODEL.evaluate(rules(CABIN, road_aware=aware, sure=sure)), mean, named)


def test_thresholds_of_80_and_90_percent_are_one_policy() -> None:
    lower, higher, highest = (rules(CABIN, sure=sure).table for sure in (0.80, 0.90, 0.95))

    np.testing.assert_array_equal(lower, higher)
    assert (higher != highest).any()


def test_rules_that_close_the_window_in_the_city_too() -> None:
    calm = ~np.isin(AT.road, (2, 5))
    policy = rules(CABIN).table.copy()
    policy[:-1][calm & (AT.window == 1) & SOME_UNKNOWN] = ACT["quiet"]

    check(MODEL.evaluate(policy), 7.82)


def test_the_greedy_talker() -> None:
    """It looks at no road, refuses, and never confirms."""
    policy = decide(
        (AT.heard[0] == UNKNOWN, "request what"),
        (REFUSABLE, "refuse"),
        (AT.heard[1] == UNKNOWN, "request value"),
        (EVERYTHING, "execute"),
    )

    check(MODEL.evaluate(policy), 3.3241, 0.1286)


def test_the_myopic_policy() -> None:
    """It takes the act with the largest expected reward of its own."""
    check(MODEL.evaluate(np.where(MODEL.legal, MODEL.R, -np.inf).argmax(axis=1)), 3.5171, 3.5665)


def test_the_random_policy() -> None:
    values = MODEL.evaluate(MODEL.legal / MODEL.legal.sum(axis=1, keepdims=True))

    check(values, -2.0241, -2.3518)


def best_open_loop(first: Floats, width: int, length: int) -> tuple[float, tuple[str, ...]]:
    """Return the best sequence of acts, fixed in advance, that a beam search finds.

    A sequence ends by handing over; an act that is illegal when its turn comes is nonsense.

    Args:
        first: Distribution of the first state, `(S,)`.
        width: So many prefixes are kept at each length.
        length: The longest sequence.
    """
    P, R, _ = MODEL.outcomes.expectations()
    moves = {act: P[k :: len(ACT)].T.tocsr() for act, k in ACT.items() if act != "hand over"}
    finish = R[:, ACT["hand over"]]
    masses, paid = first[:, None], np.zeros(1)
    prefixes: list[tuple[str, ...]] = [()]
    found = []
    for step in range(length):
        factor = MODEL.discount**step
        worth = paid + factor * (finish @ masses)
        found.append((float(worth.max()), (*prefixes[int(worth.argmax())], "hand over")))
        paid = np.concatenate([paid + factor * (R[:, ACT[act]] @ masses) for act in moves])
        masses = np.concatenate([move @ masses for move in moves.values()], axis=1)
        prefixes = [(*prefix, act) for act in moves for prefix in prefixes]
        kept = np.argsort(-(paid + MODEL.discount * factor * (finish @ masses)))[:width]
        masses, paid = masses[:, kept], paid[kept]
        prefixes = [prefixes[k] for k in kept]
    return max(found)


@pytest.mark.parametrize(
    ("width", "length"), [(12, 6), pytest.param(60, 26, marks=pytest.mark.study)]
)
@pytest.mark.parametrize("start", ["mean", "named"])
def test_without_listening_nothing_beats_handing_over_at_once(
    start: str, width: int, length: int
) -> None:
    first = MODEL.initial if start == "mean" else np.eye(MODEL.num_states)[NAMED_START]
    value, acts = best_open_loop(first, width, length)

    assert acts == ("hand over",)
    assert value == pytest.approx(3.5171 if start == "mean" else 3.5665, abs=1e-4)
