"""What the pages of the course measure, against what is known on paper."""

import re
from math import comb
from pathlib import Path

import numpy as np
import pytest
import torch

from rlkit.nets import least_squares
from studies.course import attention, fits, minima, signals, surfaces, theorems
from studies.course.answer_course import PAGES

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_surfaces_have_their_minima() -> None:
    for surface in surfaces.SURFACES:
        point = torch.tensor(surface.minimum, dtype=torch.float64, requires_grad=True)
        height = surface.at(point)
        (slope,) = torch.autograd.grad(height, point)
        assert height.item() == pytest.approx(0, abs=1e-15)
        assert slope.abs().max() < 1e-12


def test_descent_in_the_valley_is_its_formula() -> None:
    path = surfaces.descend(surfaces.BOWL, "sgd", 0.03, steps=50)
    t = np.arange(51)
    np.testing.assert_allclose(path[:, 0], -9 * 0.97**t, atol=1e-12)
    np.testing.assert_allclose(path[:, 1], 1.8 * (1 - 20 * 0.03) ** t, atol=1e-12)


def test_a_path_that_leaves_the_plane_is_infinitely_high() -> None:
    path = surfaces.descend(surfaces.ROSENBROCK, "sgd", 0.1)
    assert len(path) < surfaces.STEPS
    assert surfaces.mean_height(surfaces.ROSENBROCK, path) == float("inf")


def test_noise_leaves_a_saddle_and_plain_descent_does_not() -> None:
    still = surfaces.leave_saddle(0.0)
    assert (still[:, 1] == 0).all()
    assert still[-1].norm() < 1e-6
    assert surfaces.steps_to_leave(still) is None
    for seed in range(5):
        path = surfaces.leave_saddle(0.01, seed)
        assert surfaces.steps_to_leave(path) is not None
        assert path[-1].abs().tolist() == pytest.approx([0, 1], abs=0.05)


def test_minima_grow_rare_with_the_dimension() -> None:
    """One dimension: 1/2; two: P(both positive) = (2 - sqrt 2) / 4 for this ensemble."""
    n = 20_000
    one, two = (surfaces.share_of_minima(d, n) for d in (1, 2))
    assert one == pytest.approx(0.5, abs=4 * 0.5 / n**0.5)
    assert two == pytest.approx((2 - 2**0.5) / 4, abs=4 * 0.36 / n**0.5)
    assert surfaces.share_of_minima(8) < 1e-3


def test_flat_minima_bear_shifts() -> None:
    """Within one parabola a shift of N(0, s^2) costs c s^2 / 2."""
    assert minima.mean_loss(minima.SHARP, 0.05) == pytest.approx(50 / 2 * 0.05**2, rel=1e-3)
    assert minima.mean_loss(minima.FLAT, 0.5) == pytest.approx(0.5 / 2 * 0.5**2, rel=1e-3)


def test_a_large_step_leaves_a_sharp_minimum() -> None:
    """A curvature of 50 holds rates below 2 / 50."""
    assert minima.share_that_leaves(0.039) == 0
    assert minima.share_that_leaves(0.042) == 1


def test_the_lasso_meets_its_optimality_conditions() -> None:
    """|X'(y - X w)| / N is the strength where w is not 0, and at most that elsewhere."""
    X, y = fits.regression()
    w = fits.lasso(X, y, 0.3)
    pull = X.T @ (y - X @ w) / len(X)
    torch.testing.assert_close(pull[w != 0], 0.3 * w[w != 0].sign(), rtol=0, atol=1e-9)
    assert (pull[w == 0].abs() <= 0.3).all()
    assert (w == 0).sum() > 10
    assert (w[:3] != 0).all()
    assert (least_squares(X, y, 0.3) != 0).all()


def test_cross_entropy_learns_where_squared_loss_is_stuck() -> None:
    assert fits.learn_from_wrong("cross-entropy", -5.0)[-1] > 0.95
    assert fits.learn_from_wrong("squared", -5.0, 20)[-1] < 0.2
    found = fits.gradients(torch.tensor([-10.0], dtype=torch.float64))
    assert found["squared loss"].item() == pytest.approx(4.5e-5, rel=0.01)


def test_signals_fade_by_the_law_of_their_weights() -> None:
    """ReLU halves the second moment: Gaussian .01 leaves (.01 sqrt(256 / 2))^l, He leaves 1."""
    spread, gradient = signals.flow("ReLU, Gaussian .01")
    assert spread[-1] / spread[0] == pytest.approx((0.01 * 128**0.5) ** 19, rel=0.9)
    assert gradient[0] == pytest.approx((0.01 * 128**0.5) ** 19, rel=0.9)
    spread, gradient = signals.flow("ReLU, He")
    assert spread[-1] > 0.1
    assert 0.3 < gradient[0] < 3


def test_gates_carry_the_gradient() -> None:
    """sigma(b) is how much an LSTM keeps a step; an SRN's gradient falls or rises like a power."""
    found = {name: norms[0] / norms[-1] for name, norms in signals.memories(60).items()}
    assert found["SRN, PyTorch's default weights"] < 1e-12
    assert found["SRN, ReLU, orthogonal x2"] > 1e4
    biases = [found[f"LSTM, forget bias {b}"] for b in (0, 1, 3)]
    assert biases == sorted(biases)
    assert biases[-1] > 1e-3


def test_no_search_is_better_over_all_problems() -> None:
    for trials in (1, 2, 3, 4):
        means = {theorems.mean_best(s, trials) for s in theorems.SEARCHES.values()}
        exact = sum(best * ((best + 1) ** trials - best**trials) for best in range(3)) / 3**trials
        assert len({round(mean, 12) for mean in means}) == 1
        assert means.pop() == pytest.approx(exact)
    sensible, foolish = (
        theorems.mean_best(theorems.SEARCHES[name], 2, rising=True)
        for name in ("climb", "avoid the best")
    )
    assert sensible != foolish  # on problems with structure the choice matters


def test_every_pair_shares_as_many_predicates() -> None:
    for things in (2, 3, 4, 5):
        assert theorems.shared_predicates(things) == {2 ** (things - 2)}
        assert sum(comb(things - 2, k) for k in range(things - 1)) == 2 ** (things - 2)


def test_attention_worked_by_hand() -> None:
    """Row 3 scores (1, 1, 2): weights e, e, e^2 over their sum."""
    e = np.e
    weights = np.array([e, e, e**2]) / (2 * e + e**2)
    steps = attention.worked_example()
    np.testing.assert_allclose(steps["weights"][2], weights)
    np.testing.assert_allclose(steps["H"][2], [weights[0] + weights[2]] * 2)


@pytest.mark.parametrize("page", PAGES)
def test_pages_show_pictures_that_exist(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    pictures = re.findall(r"!\[[^]]+\]\(([^)]+)\)", text)
    assert len(pictures) >= 4
    assert all((DOCS / picture).is_file() for picture in pictures)


@pytest.mark.study
@pytest.mark.parametrize("page", PAGES)
def test_pages_are_up_to_date(page: str) -> None:
    assert PAGES[page]() == (DOCS / page).read_text(encoding="utf-8")
