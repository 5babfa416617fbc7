"""Self-attention worked through with numbers. Chapter 8, eq. 8.16-8.22."""

import torch
from torch import Tensor

from rlkit.nets import masked_softmax
from rlkit.nets import self_attention as attend


def worked_example() -> dict[str, Tensor]:
    """Return X, scores, weights and H of three tokens with all projections I and no scaling."""
    X = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], dtype=torch.float64)
    scores = X @ X.T
    weights = masked_softmax(scores, torch.ones(3, 3, dtype=torch.bool))
    return {"X": X, "scores": scores, "weights": weights, "H": weights @ X}


def scaled_example() -> Tensor:
    """Return H of the same tokens with scores divided by sqrt(2), by `nets.self_attention`."""
    X = worked_example()["X"]
    eye = torch.eye(2, dtype=torch.float64)
    return attend(X, eye, eye, eye)
