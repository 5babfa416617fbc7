"""Regularisers and losses at work: L1 against L2, squared loss against cross-entropy."""

import torch
from torch import Tensor, nn

from rlkit.nets import (
    LogisticRegression,
    fit,
    least_squares,
    make_optimizer,
    soft_threshold_after,
    squared_loss,
)

F64 = torch.float64
TRUE = (3.0, -2.0, 1.5, *[0.0] * 17)
"""Weights of the regression: 3 of 20 matter."""
STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0)


def regression(seed: int = 0, n: int = 60) -> tuple[Tensor, Tensor]:
    """Return X `(n, 20)` and y = X w + noise `(n,)`."""
    generator = torch.Generator().manual_seed(seed)
    X = torch.randn(n, len(TRUE), generator=generator, dtype=F64)
    noise = torch.randn(n, generator=generator, dtype=F64)
    return X, X @ torch.tensor(TRUE, dtype=F64) + noise


def lasso(X: Tensor, y: Tensor, strength: float, steps: int = 500) -> Tensor:
    """Return w that minimises 1/(2N) |y - X w|² + strength |w|_1, by proximal gradient descent."""
    model = nn.Linear(X.shape[1], 1, bias=False, dtype=F64)
    nn.init.zeros_(model.weight)
    steepest = torch.linalg.matrix_norm(X, 2) ** 2 / len(X)
    optimizer = make_optimizer("sgd", model.parameters(), lr=1 / float(steepest))
    soft_threshold_after(optimizer, strength)
    fit(model, (X, y[:, None]), squared_loss, optimizer, epochs=steps)
    return model.weight.detach()[0]


def paths() -> dict[str, Tensor]:
    """Return the weights under each strength of L1 and L2, `(strengths, 20)` each."""
    X, y = regression()
    return {
        "L1": torch.stack([lasso(X, y, strength) for strength in STRENGTHS]),
        "L2": torch.stack([least_squares(X, y, strength) for strength in STRENGTHS]),
    }


def learn_from_wrong(loss: str, start: float, epochs: int = 200) -> list[float]:
    """Return the share of right answers after each epoch, from weights that are firmly wrong.

    Args:
        loss: "cross-entropy" or "squared", the latter of the probability.
        start: Both weights at first; the true ones are positive, so -5 is wrong and saturated.
        epochs: Batch steps at the rate 1.
    """
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(200, 2, generator=generator, dtype=F64)
    y = (X.sum(dim=1) > 0).double()
    model = LogisticRegression(2).double()
    nn.init.constant_(model.linear.weight, start)
    optimizer = make_optimizer("sgd", model.parameters(), lr=1.0)
    criterion = nn.BCEWithLogitsLoss() if loss == "cross-entropy" else _squared_of_probability
    shares = []
    for _ in range(epochs):
        fit(model, (X, y), criterion, optimizer, epochs=1)
        with torch.no_grad():
            shares.append(float(((model(X) > 0) == (y > 0)).double().mean()))
    return shares


def gradients(scores: Tensor) -> dict[str, Tensor]:
    """Return the size of the gradient of both losses by the score, for a label of 1."""
    z = scores.clone().requires_grad_()
    (squared,) = torch.autograd.grad(((torch.sigmoid(z) - 1) ** 2 / 2).sum(), z)
    (entropy,) = torch.autograd.grad(nn.functional.softplus(-z).sum(), z)
    return {"squared loss": squared.abs(), "cross-entropy": entropy.abs()}


def _squared_of_probability(score: Tensor, y: Tensor) -> Tensor:
    return squared_loss(torch.sigmoid(score), y)
