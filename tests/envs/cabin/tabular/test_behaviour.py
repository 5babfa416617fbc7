"""What the optimum does, state by state, and by how much it prefers that to the second best act."""

import numpy as np
import pytest

from rlkit.arrays import Floats
from rlkit.envs.cabin.tabular.states import CabinState
from tests.envs.cabin.tabular.support import ACT, CABIN, MODEL, best, solved, without

LAST, USUAL = 1, 3
# what and value; window; road; load; patience; act (its first words); gap as published.
BEHAVIOURS = [
    ("- -", "closed", "mk", "low", USUAL, "request what", "0.27"),
    ("- -", "closed", "cm", "low", USUAL, "wait", "3.4"),
    ("- -", "closed", "mm", "low", USUAL, "wait", "4.1"),
    ("- -", "closed", "mf", "low", USUAL, "wait", "0.50"),
    ("- -", "closed", "cf", "high", USUAL, "wait", "3.1"),
    ("uq sq", "closed", "cm", "low", USUAL, "wait", "1.0"),
    ("uq sq", "closed", "mm", "low", USUAL, "wait", "1.4"),
    ("- -", "open", "mk", "low", USUAL, "quiet", "0.35"),
    ("sq -", "open", "mk", "low", USUAL, "quiet", "0.41"),
    ("- -", "open", "mm", "low", USUAL, "quiet", "0.10"),
    ("sq -", "open", "ck", "low", USUAL, "request value", "0.54"),
    ("C um", "open", "mk", "low", USUAL, "confirm value", "0.35"),
    ("C ul", "open", "mk", "low", USUAL, "confirm value", "0.17"),
    ("um um", "open", "mk", "low", USUAL, "quiet", "0.36"),
    ("C uq", "closed", "ck", "low", USUAL, "confirm value", "0.51"),
    ("C um", "closed", "ck", "low", USUAL, "confirm value", "0.51"),
    ("C ul", "closed", "ck", "low", USUAL, "confirm value", "0.51"),
    ("C sl", "closed", "ck", "low", USUAL, "confirm value", "0.51"),
    ("sq sq", "closed", "ck", "low", USUAL, "execute", "0.45"),
    ("C sq", "closed", "ck", "low", USUAL, "execute", "0.43"),
    ("sm sm", "closed", "ck", "low", USUAL, "execute", "0.48"),
    ("sq sq", "closed", "mm", "low", USUAL, "execute", "0.16"),
    ("!C -", "closed", "mk", "low", USUAL, "refuse", "0.31"),
    ("!sq -", "closed", "mk", "low", USUAL, "refuse", "0.30"),
    ("!C C", "closed", "mk", "low", USUAL, "refuse", "0.31"),
    ("!C C", "closed", "ck", "low", USUAL, "execute", "0.41"),
    ("!uq -", "closed", "mk", "low", USUAL, "confirm what", "0.36"),
    ("!sl -", "closed", "mk", "low", USUAL, "confirm what", "0.35"),
    ("- -", "open", "mf", "low", LAST, "hand over", "0.23"),
    ("ul ul", "closed", "mk", "low", LAST, "hand over", "0.24"),
    # Which slot comes first is a tie here.
    ("- -", "closed", "ck", "low", LAST, "request", None),
    ("ul ul", "closed", "mk", "low", 2, "confirm", None),
]


def q_at(slots: str, window: str, road: str, load: str, patience: int) -> Floats:
    """Return Q* of every act in a state; minus infinity for illegal ones."""
    state = CabinState(tuple(slots.split()), window, road, load, patience)
    return np.asarray(solved().q[CABIN.states.index(state)])


@pytest.mark.parametrize(("slots", "window", "road", "load", "patience", "act", "gap"), BEHAVIOURS)
def test_behaviour(
    slots: str, window: str, road: str, load: str, patience: int, act: str, gap: str | None
) -> None:
    q = q_at(slots, window, road, load, patience)
    second, first = np.sort(q)[-2:]

    assert CABIN.actions[int(q.argmax())].startswith(act)
    if gap is not None:
        last_digit = 10.0 ** -len(gap.partition(".")[2])
        assert first - second == pytest.approx(float(gap), abs=0.5 * last_digit + 0.002)


@pytest.mark.parametrize(
    ("slots", "window", "road", "worth", "otherwise"),
    [("- -", "open", "mf", 3.48, 1.81), ("um ul", "closed", "mk", 3.57, 0.91)],
)
def test_the_last_chance_rests_on_handing_over(
    slots: str, window: str, road: str, worth: float, otherwise: float
) -> None:
    """Handing over is worth far more there than the best policy that never does it."""
    place = CABIN.states.index(CabinState(tuple(slots.split()), window, road, "low", LAST))
    proud = best(MODEL, without("hand over"))

    assert solved().q[place, ACT["hand over"]] == pytest.approx(worth, abs=0.01)
    assert proud[place] == pytest.approx(otherwise, abs=0.01)
