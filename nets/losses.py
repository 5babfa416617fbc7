"""Loss functions of the chapters, each a mean over examples. Chapter 2, section 2.2.

For training on scores use PyTorch's: `cross_entropy` here takes probabilities, as the chapter does.
"""

import torch
from torch import Tensor

__all__ = [
    "cross_entropy",
    "hinge_loss",
    "pytorch_smoothing",
    "smooth_labels",
    "squared_loss",
    "zero_one_loss",
]


def zero_one_loss(predicted: Tensor, y: Tensor) -> Tensor:
    """Return the share of wrong labels, I(y != f(x)). Section 2.2.

    Args:
        predicted: Labels `(N,)`.
        y: Labels `(N,)`.
    """
    _same_shape(predicted, y)
    return (predicted != y).double().mean()


def squared_loss(predicted: Tensor, y: Tensor) -> Tensor:
    """Return 1/2 (y - f(x))^2. Section 2.2; `nn.MSELoss` has no 1/2."""
    _same_shape(predicted, y)
    return (predicted - y).square().mean() / 2


def cross_entropy(probs: Tensor, y: Tensor) -> Tensor:
    """Return -sum_c y_c log f_c, which is -log f_y for labels. Section 2.2.

    Args:
        probs: `(N, C)`, rows that sum to 1.
        y: Labels `(N,)`, or distributions `(N, C)`.

    Raises:
        ValueError: If what should be a distribution is none, or a label does not exist.
    """
    _check_distributions("probs", probs)
    if y.dim() == 1:
        _check_labels(y, probs.shape[-1])
        chosen: Tensor = probs.gather(1, y.unsqueeze(1))
        return -chosen.log().mean()
    _check_distributions("y", y)
    _same_shape(probs, y)
    terms: Tensor = torch.special.xlogy(y, probs)
    return -terms.sum(dim=1).mean()


def hinge_loss(score: Tensor, y: Tensor) -> Tensor:
    """Return max(0, 1 - y f(x)) for y in {-1, 1}. Section 2.2; `nn.HingeEmbeddingLoss` is another.

    Raises:
        ValueError: If y holds anything but -1 and 1.
    """
    _same_shape(score, y)
    if not ((y == 1) | (y == -1)).all():
        raise ValueError(f"labels of the hinge loss are -1 and 1; got {y.unique().tolist()}")
    return (1 - y * score).clamp(min=0).mean()


def smooth_labels(y: Tensor, classes: int, epsilon: float = 0.1) -> Tensor:
    """Return 1 - epsilon for the label and epsilon / (K - 1) for each other class. Section 7.7.

    `nn.CrossEntropyLoss(label_smoothing=...)` mixes with all K classes: pass it
    `pytorch_smoothing(epsilon, K)`.

    Args:
        y: Labels `(N,)`.
        classes: K, at least 2.
        epsilon: In [0, 1].

    Returns:
        Distributions `(N, K)`.
    """
    _check_smoothing(epsilon, classes)
    _check_labels(y, classes)
    smooth = torch.full((len(y), classes), epsilon / (classes - 1), device=y.device)
    return smooth.scatter(1, y.unsqueeze(1), 1 - epsilon)


def pytorch_smoothing(epsilon: float, classes: int) -> float:
    """Return PyTorch's `label_smoothing` for the chapter's epsilon: epsilon K / (K - 1)."""
    _check_smoothing(epsilon, classes)
    return epsilon * classes / (classes - 1)


def _check_smoothing(epsilon: float, classes: int) -> None:
    if classes < 2 or not 0 <= epsilon <= 1:
        raise ValueError(
            f"smoothing needs a probability in [0, 1] and 2 classes or more; got {epsilon} and "
            f"{classes}"
        )


def _check_distributions(name: str, probs: Tensor) -> None:
    inside = ((probs >= 0) & (probs <= 1)).all()
    sums = probs.sum(dim=-1)
    if probs.dim() != 2 or not inside or not torch.allclose(sums, torch.ones_like(sums), atol=1e-5):
        raise ValueError(
            f"{name} must be (N, C) probabilities in [0, 1] whose rows sum to 1; got shape "
            f"{tuple(probs.shape)}, values in [{probs.min():.4g}, {probs.max():.4g}], sums in "
            f"[{sums.min():.4g}, {sums.max():.4g}]. For scores use nn.CrossEntropyLoss"
        )


def _check_labels(y: Tensor, classes: int) -> None:
    if y.is_floating_point() or y.dim() != 1 or not ((y >= 0) & (y < classes)).all():
        raise ValueError(
            f"labels are integers 0 ... {classes - 1} of shape (N,); got {y.dtype}, "
            f"{tuple(y.shape)}, values {y.unique().tolist()[:5]}"
        )


def _same_shape(a: Tensor, b: Tensor) -> None:
    if a.shape != b.shape:
        raise ValueError(f"both must have one shape; got {tuple(a.shape)} and {tuple(b.shape)}")
