"""Linear models: features, least squares, logistic and softmax regression. Chapters 2 and 3."""

import torch
from torch import Tensor, nn

__all__ = [
    "LogisticRegression",
    "SoftmaxRegression",
    "fourier_features",
    "least_squares",
    "polynomial_features",
    "radial_features",
]


def polynomial_features(x: Tensor, degree: int) -> Tensor:
    """Return x, x^2, ..., x^degree of every input, `(N, d degree)`. Chapter 2, section 2.2."""
    if degree < 1:
        raise ValueError(f"a degree is at least 1; got {degree}")
    return torch.cat([x**k for k in range(1, degree + 1)], dim=1)


def radial_features(x: Tensor, centres: Tensor, width: float) -> Tensor:
    """Return exp(-|x - c|^2 / (2 width^2)) for every centre. Chapter 2, section 2.2.

    Args:
        x: `(N, d)`.
        centres: `(K, d)`.
        width: Positive.

    Returns:
        `(N, K)`.
    """
    if not width > 0:
        raise ValueError(f"a width is positive; got {width}")
    return torch.exp(-torch.cdist(x, centres).square() / (2 * width**2))


def fourier_features(x: Tensor, frequencies: int) -> Tensor:
    """Return sin(k x), cos(k x) for k = 1 ... frequencies, `(N, 2 d frequencies)`. Section 2.2."""
    if frequencies < 1:
        raise ValueError(f"the number of frequencies is at least 1; got {frequencies}")
    waves = torch.cat([k * x for k in range(1, frequencies + 1)], dim=1)
    return torch.cat([waves.sin(), waves.cos()], dim=1)


def least_squares(X: Tensor, y: Tensor, l2: float = 0.0) -> Tensor:
    """Return w that minimises 1/(2N) |y - X w|^2 + l2/2 |w|^2. Chapter 2, section 2.2.

    w = (X'X + l2 N I)^-1 X'y: the strength is scaled to a loss that is a mean.

    Args:
        X: `(N, d)`; a column of ones is a bias, and is penalised like the rest.
        y: `(N,)`.
        l2: Not negative; with 0 the shortest of the solutions.
    """
    if l2 < 0:
        raise ValueError(f"the strength l2 is not negative; got {l2}")
    if not l2:
        shortest: Tensor = torch.linalg.lstsq(X, y.unsqueeze(1), driver="gelsd").solution
        return shortest.squeeze(1)
    eye = torch.eye(X.shape[1], dtype=X.dtype, device=X.device)
    w: Tensor = torch.linalg.solve(X.T @ X + l2 * len(X) * eye, X.T @ y)
    return w


class LogisticRegression(nn.Module):
    """p(y = 1 | x) = sigma(w'x + b); the score is the log-odds. Chapter 3, section 3.2.

    Weights start at 0. Train the score with `nn.BCEWithLogitsLoss`: the logarithm of a sigmoid's
    output underflows.

    Args:
        features: The size of x.
    """

    def __init__(self, features: int) -> None:
        super().__init__()
        self.linear = _zero(nn.Linear(features, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Map `(N, features)` to scores `(N,)`."""
        score: Tensor = self.linear(x)
        return score.squeeze(-1)

    def probability(self, x: Tensor) -> Tensor:
        """Return p(y = 1 | x), `(N,)`."""
        return torch.sigmoid(self(x))


class SoftmaxRegression(nn.Module):
    """p(y = c | x) = softmax(W'x + b)_c. Chapter 3, section 3.3.

    One vector added to all w_c changes nothing, so W needs a penalty to be unique. Weights start at
    0. Train the scores with `nn.CrossEntropyLoss`, which subtracts the largest and never overflows.

    Args:
        features: The size of x.
        classes: C.
    """

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.linear = _zero(nn.Linear(features, classes))

    def forward(self, x: Tensor) -> Tensor:
        """Map `(N, features)` to scores `(N, classes)`."""
        scores: Tensor = self.linear(x)
        return scores

    def probabilities(self, x: Tensor) -> Tensor:
        """Return p(y | x), `(N, classes)`."""
        return torch.softmax(self(x), dim=-1)


def _zero(linear: nn.Linear) -> nn.Linear:
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    return linear
