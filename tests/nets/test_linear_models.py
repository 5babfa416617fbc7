"""Chapters 2 and 3: losses, linear, logistic and softmax regression, and ways to train them."""

from collections.abc import Callable
from math import exp, log
from typing import Any

import pytest
import torch
from torch import Tensor, nn, optim
from torch.nn import functional

from rlkit.nets import (
    Cosine,
    EarlyStopping,
    LogisticRegression,
    SoftmaxRegression,
    cross_entropy,
    fit,
    fourier_features,
    hinge_loss,
    l2_penalty,
    lambda_lr,
    least_squares,
    make_optimizer,
    minibatches,
    polynomial_features,
    pytorch_smoothing,
    radial_features,
    smooth_labels,
    squared_loss,
    zero_one_loss,
)

F64 = torch.float64


def problem(n: int = 60, d: int = 3) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(n, d, generator=generator, dtype=F64)
    w = torch.arange(1.0, d + 1, dtype=F64)
    return X, X @ w + 0.5 * torch.randn(n, generator=generator, dtype=F64)


def test_features_by_hand() -> None:
    x = torch.tensor([[2.0], [3.0]], dtype=F64)
    assert polynomial_features(x, 3).tolist() == [[2, 4, 8], [3, 9, 27]]
    bumps = radial_features(x, torch.tensor([[2.0], [5.0]], dtype=F64), 0.5)
    torch.testing.assert_close(bumps, torch.tensor([[1, exp(-18)], [exp(-2), exp(-8)]], dtype=F64))
    waves = fourier_features(x, 2)
    torch.testing.assert_close(
        waves, torch.cat([x.sin(), (2 * x).sin(), x.cos(), (2 * x).cos()], 1)
    )


def test_a_generalised_linear_model_fits_what_its_features_span() -> None:
    x = torch.linspace(-1, 1, 30, dtype=F64).unsqueeze(1)
    w = least_squares(polynomial_features(x, 3), (2 * x - x**3).squeeze(1))
    torch.testing.assert_close(w, torch.tensor([2.0, 0, -1], dtype=F64))
    X, y = problem()
    torch.testing.assert_close(
        least_squares(X, y), torch.linalg.lstsq(X, y[:, None]).solution[:, 0]
    )


def test_the_expected_risk_is_what_the_empirical_risk_tends_to() -> None:
    """Y = w x + noise, x ~ N(0, 1): R(v) = ((w - v)^2 + sigma^2) / 2 in closed form."""
    generator = torch.Generator().manual_seed(0)
    w, v, sigma, n = 2.0, 1.5, 0.5, 200_000
    x = torch.randn(n, generator=generator, dtype=F64)
    y = w * x + sigma * torch.randn(n, generator=generator, dtype=F64)
    losses = (y - v * x).square() / 2
    expected = ((w - v) ** 2 + sigma**2) / 2
    assert squared_loss(v * x, y).item() == losses.mean().item()  # the empirical risk is a mean
    assert abs(losses.mean().item() - expected) < 4 * losses.std().item() / n**0.5


def test_ridge_regression_minimises_the_structural_risk() -> None:
    X, y = problem()
    w = least_squares(X, y, l2=0.3).requires_grad_()
    risk = squared_loss(X @ w, y) + l2_penalty([w], 0.3)
    (gradient,) = torch.autograd.grad(risk, w)
    assert gradient.abs().max() < 1e-12
    wanted = torch.linalg.inv(X.T @ X + 0.3 * len(X) * torch.eye(3, dtype=F64)) @ X.T @ y
    torch.testing.assert_close(w.detach(), wanted)


def test_losses_by_hand() -> None:
    a, b = torch.tensor([1, 2, 0]), torch.tensor([1, 0, 0])
    assert zero_one_loss(a, b).item() == pytest.approx(1 / 3)
    x, y = torch.tensor([1.0, 3.0]), torch.tensor([2.0, 1.0])
    assert squared_loss(x, y).item() == pytest.approx((1 + 4) / 4)
    assert nn.MSELoss()(x, y).item() == pytest.approx(2 * squared_loss(x, y).item())
    f = torch.tensor([[0.3, 0.3, 0.4]], dtype=F64)
    assert cross_entropy(f, torch.tensor([2])).item() == pytest.approx(-log(0.4))
    one_hot = torch.tensor([[0, 0, 1]], dtype=F64)
    assert cross_entropy(f, one_hot).item() == pytest.approx(-log(0.4))
    score, sign = torch.tensor([2.0, 0.5, -1.0]), torch.tensor([1.0, 1.0, 1.0])
    assert hinge_loss(score, sign).item() == pytest.approx((0 + 0.5 + 2) / 3)
    assert hinge_loss(-score, -sign) == hinge_loss(score, sign)


def test_label_smoothing_is_pytorchs_with_another_epsilon() -> None:
    torch.manual_seed(0)
    scores, y = torch.randn(20, 5, dtype=F64), torch.randint(5, (20,))
    smooth = smooth_labels(y, 5, 0.2).double()
    assert smooth[0, y[0]].item() == pytest.approx(0.8)
    assert smooth.sum(1).tolist() == pytest.approx([1] * 20)
    ours = -(smooth * scores.log_softmax(1)).sum(1).mean()
    theirs = functional.cross_entropy(scores, y, label_smoothing=pytorch_smoothing(0.2, 5))
    assert ours.item() == pytest.approx(theirs.item(), abs=1e-7)
    naive = functional.cross_entropy(scores, y, label_smoothing=0.2)
    assert abs(ours - naive) > 1e-3


def test_logistic_regression_scores_are_log_odds_and_start_at_zero() -> None:
    model = LogisticRegression(3).double()
    x = torch.randn(5, 3, dtype=F64)
    assert model.probability(x).tolist() == [0.5] * 5
    nn.init.normal_(model.linear.weight)
    p = model.probability(x)
    torch.testing.assert_close(model(x), (p / (1 - p)).log())


def test_one_step_of_logistic_regression_by_hand() -> None:
    X, y = problem()
    labels, model = (y > 0).double(), LogisticRegression(3).double()
    optimizer = optim.SGD(model.parameters(), 0.7)
    fit(model, (X, labels), nn.BCEWithLogitsLoss(), optimizer, epochs=1)
    w = 0.7 * (X * (labels - 0.5)[:, None]).mean(0)  # w_0 = 0, so y^ = 1/2
    torch.testing.assert_close(model.linear.weight[0], w)
    scores = X @ w + 0.7 * (labels - 0.5).mean()
    p = torch.sigmoid(scores)
    risk = -(labels * p.log() + (1 - labels) * (1 - p).log()).mean()
    assert nn.BCEWithLogitsLoss()(model(X), labels).item() == pytest.approx(risk.item())


def test_softmax_regression_of_two_classes_is_logistic_regression() -> None:
    torch.manual_seed(0)
    x, softmax, logistic = torch.randn(5, 3), SoftmaxRegression(3, 2), LogisticRegression(3)
    nn.init.normal_(softmax.linear.weight)
    with torch.no_grad():
        logistic.linear.weight.copy_((softmax.linear.weight[1] - softmax.linear.weight[0])[None])
    torch.testing.assert_close(softmax.probabilities(x)[:, 1], logistic.probability(x))


def test_the_gradient_of_softmax_regression_is_its_formula() -> None:
    torch.manual_seed(0)
    X, model, y = (
        torch.randn(9, 3, dtype=F64),
        SoftmaxRegression(3, 4).double(),
        torch.randint(4, (9,)),
    )
    nn.init.normal_(model.linear.weight)
    risk = nn.CrossEntropyLoss()(model(X), y)
    assert risk.item() == pytest.approx(cross_entropy(model.probabilities(X), y).item())
    (gradient,) = torch.autograd.grad(risk, model.linear.weight)
    residual = functional.one_hot(y, 4).double() - model.probabilities(X)
    torch.testing.assert_close(gradient, -(residual.T @ X) / 9)


def test_softmax_is_redundant_and_does_not_overflow() -> None:
    torch.manual_seed(0)
    scores, y = torch.randn(4, 3, dtype=F64), torch.tensor([0, 1, 2, 0])
    torch.testing.assert_close((scores + 1e4).softmax(1), scores.softmax(1))
    far = functional.cross_entropy(scores + 1e4, y)
    assert far.item() == pytest.approx(functional.cross_entropy(scores, y).item())
    X, labels = torch.randn(30, 3, dtype=F64), torch.randint(3, (30,))
    sums = []
    for strength in (0.0, 0.1):  # the penalty picks the W whose columns sum to 0
        model = SoftmaxRegression(3, 3).double()
        nn.init.constant_(model.linear.weight, 1.0)
        optimizer = make_optimizer("sgd", model.parameters(), lr=0.5)
        penalty = lambda m=model, s=strength: l2_penalty([m.linear.weight], s)  # noqa: E731
        fit(model, (X, labels), nn.CrossEntropyLoss(), optimizer, epochs=300, penalty=penalty)
        sums.append(model.linear.weight.sum(0).abs().max().item())
    assert sums[0] == pytest.approx(3.0)
    assert sums[1] < 1e-5


def test_squared_loss_saturates_where_cross_entropy_does_not() -> None:
    """At score -10 for a label 1: gradients 4.5e-5 and 1, and both losses are smooth."""
    z = torch.tensor(-10.0, dtype=F64, requires_grad=True)
    (squared,) = torch.autograd.grad((torch.sigmoid(z) - 1) ** 2 / 2, z)
    (entropy,) = torch.autograd.grad(functional.softplus(-z), z)
    assert squared.item() == pytest.approx(-4.5e-5, rel=0.01)
    assert entropy.item() == pytest.approx(-1.0, abs=1e-4)


def test_the_mean_of_stochastic_gradients_is_the_batch_gradient() -> None:
    X, y = problem()
    w = torch.tensor([0.3, -0.2, 0.1], dtype=F64)
    each = (X @ w - y)[:, None] * X
    model = nn.Linear(3, 1, bias=False, dtype=F64)
    with torch.no_grad():
        model.weight.copy_(w[None])
    seen = []
    for index in minibatches(60, 1, torch.Generator().manual_seed(0)):
        (gradient,) = torch.autograd.grad(
            squared_loss(model(X[index])[:, 0], y[index]), model.weight
        )
        seen.append(gradient[0])
    torch.testing.assert_close(torch.stack(seen).mean(0), each.mean(0), rtol=0, atol=1e-12)


def test_the_variance_of_a_minibatch_gradient_falls_with_its_size() -> None:
    """Without replacement: sigma^2 / K (N - K) / (N - 1), exactly, over all pairs of 6 examples."""
    X, y = problem(6, 1)
    g = ((X[:, 0] * 0.5 - y) * X[:, 0]).tolist()
    mean = sum(g) / 6
    spread = sum((one - mean) ** 2 for one in g) / 6
    pairs = [(g[i] + g[j]) / 2 for i in range(6) for j in range(6) if i != j]
    variance = sum((one - mean) ** 2 for one in pairs) / len(pairs)
    assert variance == pytest.approx(spread / 2 * (6 - 2) / (6 - 1))


@pytest.mark.parametrize(("batch_size", "near"), [(None, 1e-9), (8, 0.01), (1, 0.02)])
def test_descent_finds_the_least_squares(batch_size: int | None, near: float) -> None:
    X, y = problem()
    model = nn.Linear(3, 1, bias=False, dtype=F64)
    optimizer = optim.SGD(model.parameters(), 0.05 if batch_size else 0.5)
    epochs = 400 if batch_size is None else 60
    updates = epochs * (-(-60 // (batch_size or 60)))
    history = fit(
        model,
        (X, y[:, None]),
        squared_loss,
        optimizer,
        epochs=epochs,
        batch_size=batch_size,
        scheduler=lambda_lr(optimizer, Cosine(updates)),
    )
    torch.testing.assert_close(model.weight[0], least_squares(X, y), rtol=0, atol=near)
    assert len(history.losses) == epochs
    assert history.losses[-1] < history.losses[0]


def test_a_batch_step_is_its_formula() -> None:
    X, y = problem()
    model = nn.Linear(3, 1, bias=False, dtype=F64)
    w = model.weight.detach().clone()[0]
    fit(model, (X, y[:, None]), squared_loss, optim.SGD(model.parameters(), 0.1), epochs=1)
    torch.testing.assert_close(model.weight[0], w - 0.1 * X.T @ (X @ w - y) / 60)


def test_minibatches_are_an_order_of_all_examples() -> None:
    batches = list(minibatches(10, 4, torch.Generator().manual_seed(0)))
    assert [len(batch) for batch in batches] == [4, 4, 2]
    assert sorted(torch.cat(batches).tolist()) == list(range(10))
    assert torch.cat(batches).tolist() != list(range(10))


def test_training_stops_early_and_keeps_the_best() -> None:
    """As many parameters as examples: the validation error rises again."""
    X, y = problem(24, 20)
    model = nn.Linear(20, 1, dtype=F64)
    stopping = EarlyStopping(patience=5, network=model)
    optimizer = optim.SGD(model.parameters(), 0.05)
    valid = (X[16:], y[16:, None])
    history = fit(
        model,
        (X[:16], y[:16, None]),
        squared_loss,
        optimizer,
        epochs=2000,
        validation=valid,
        stopping=stopping,
    )
    assert len(history.validation) == stopping.best_index + 6 < 2000
    assert squared_loss(model(valid[0]), valid[1]).item() == min(history.validation)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cross_entropy(torch.tensor([[1.5, -0.5]]), torch.tensor([0])), r"in \[0, 1\]"),
        (lambda: cross_entropy(torch.tensor([[0.5, 0.2]]), torch.tensor([0])), "sum to 1"),
        (lambda: cross_entropy(torch.tensor([[0.5, 0.5]]), torch.tensor([2])), "0 ... 1"),
        (
            lambda: hinge_loss(torch.zeros(2), torch.tensor([0.0, 1.0])),
            r"-1 and 1; got \[0.0, 1.0\]",
        ),
        (lambda: squared_loss(torch.zeros(2, 1), torch.zeros(2)), r"got \(2, 1\) and \(2,\)"),
        (lambda: smooth_labels(torch.tensor([0]), 3, 1.5), r"in \[0, 1\] .* got 1.5 and 3"),
        (lambda: smooth_labels(torch.tensor([3]), 3), "integers 0 ... 2"),
        (lambda: pytorch_smoothing(0.1, 1), "2 classes or more"),
        (lambda: least_squares(torch.eye(2), torch.ones(2), -1.0), "not negative; got -1"),
        (lambda: polynomial_features(torch.zeros(1, 1), 0), "at least 1; got 0"),
        (lambda: radial_features(torch.zeros(1, 1), torch.zeros(1, 1), 0.0), "positive; got 0"),
        (lambda: fourier_features(torch.zeros(1, 1), 0), "at least 1; got 0"),
        (lambda: next(minibatches(5, 6, torch.Generator())), "1 to 5 of 5 examples; got 6"),
    ],
)
def test_mistakes_are_explained(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_wrong_training_is_explained() -> None:
    model = nn.Linear(1, 1)
    arguments: Any = (squared_loss, optim.SGD(model.parameters(), 0.1))
    with pytest.raises(ValueError, match="got 3, 2, 1"):
        fit(model, (torch.zeros(3, 1), torch.zeros(2, 1)), *arguments, epochs=1)
    data = (torch.zeros(3, 1), torch.zeros(3, 1))
    with pytest.raises(ValueError, match="validation set"):
        fit(model, data, *arguments, epochs=1, stopping=EarlyStopping())
