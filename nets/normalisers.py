"""Inputs brought to one scale. Chapter 7, section 7.4. Batch and layer norm are PyTorch's own.

Each is a module that is fitted to data `(N, features)` and then maps `(..., features)`. What it
found are buffers named `running_*`, so it is saved with the network, and Stable-Baselines3 copies
it into target networks.
"""

from abc import ABC, abstractmethod
from typing import Self

import torch
from torch import Tensor, nn

__all__ = ["MinMax", "Normaliser", "RunningStandard", "Standard", "Whitening"]


class Normaliser(nn.Module, ABC):
    """Fitted to data once; then the same map for ever. Chapter 7, section 7.4.

    Args:
        features: The number of features.
    """

    running_low: Tensor
    running_mean: Tensor
    running_scale: Tensor
    running_map: Tensor

    def __init__(self, features: int) -> None:
        super().__init__()
        if features < 1:
            raise ValueError(f"there must be a feature; got {features}")
        self.features = features

    @abstractmethod
    def fit(self, x: Tensor) -> Self:
        """Find the map from data `(N, features)`; returns itself."""

    def check(self, x: Tensor) -> Tensor:
        """Return data in float64.

        Raises:
            ValueError: If its shape is not `(N, features)`, or an entry is not finite.
        """
        if x.dim() != 2 or x.shape[1] != self.features or not len(x):
            raise ValueError(
                f"data must have the shape (N, {self.features}), N >= 1; got {tuple(x.shape)}"
            )
        if not x.isfinite().all():
            bad = (~x.isfinite()).any(dim=0).nonzero().flatten().tolist()
            raise ValueError(f"data must be finite; the features {bad} are not everywhere")
        return x.double()


class MinMax(Normaliser):
    """(x - min) / (max - min) for every feature, so data lie in [0, 1]. Chapter 7, section 7.4.

    Args:
        features: The number of features.
    """

    def __init__(self, features: int) -> None:
        super().__init__(features)
        self.register_buffer("running_low", torch.zeros(features))
        self.register_buffer("running_scale", torch.ones(features))

    def fit(self, x: Tensor) -> Self:
        """Find the bounds.

        Raises:
            ValueError: If a feature is constant.
        """
        x = self.check(x)
        low, span = x.amin(dim=0), x.amax(dim=0) - x.amin(dim=0)
        _refuse_constant(span == 0)
        self.running_low.copy_(low)
        self.running_scale.copy_(span)
        return self

    def forward(self, x: Tensor) -> Tensor:
        """Map `(..., features)`."""
        return (x - self.running_low) / self.running_scale


class Standard(Normaliser):
    """(x - mean) / sigma for every feature, with sigma^2 = 1/N sum (x - mean)^2. Section 7.4.

    Args:
        features: The number of features.
    """

    def __init__(self, features: int) -> None:
        super().__init__(features)
        self.register_buffer("running_mean", torch.zeros(features))
        self.register_buffer("running_scale", torch.ones(features))

    def fit(self, x: Tensor) -> Self:
        """Find means and deviations.

        Raises:
            ValueError: If a feature is constant.
        """
        x = self.check(x)
        _refuse_constant(x.amax(dim=0) == x.amin(dim=0))
        self.running_mean.copy_(x.mean(dim=0))
        self.running_scale.copy_(x.std(dim=0, correction=0))
        return self

    def forward(self, x: Tensor) -> Tensor:
        """Map `(..., features)`."""
        return (x - self.running_mean) / self.running_scale


class Whitening(Normaliser):
    """Lambda^-1/2 U' (x - mean), whose covariance is I. Chapter 7, section 7.4.

    Sigma = U Lambda U' is the covariance (1/N). The principal components stand in order of falling
    variance; ZCA turns them back by U, so features stay as near to what they were as they can.

    Args:
        features: The number of features.
        zca: Whether to turn back.
        epsilon: Added to every variance, not negative; with 0 a singular covariance is refused.

    Raises:
        ValueError: If epsilon is negative.
    """

    def __init__(self, features: int, *, zca: bool = False, epsilon: float = 0.0) -> None:
        super().__init__(features)
        if not 0 <= epsilon < float("inf"):
            raise ValueError(f"epsilon is finite and not negative; got {epsilon}")
        self.zca, self.epsilon = zca, epsilon
        self.register_buffer("running_mean", torch.zeros(features))
        self.register_buffer("running_map", torch.eye(features))

    def fit(self, x: Tensor) -> Self:
        """Find the map.

        Raises:
            ValueError: If the covariance is singular and epsilon 0.
        """
        x = self.check(x)
        mean = x.mean(dim=0)
        variances, U = torch.linalg.eigh((x - mean).T @ (x - mean) / len(x))
        variances, U = variances.flip(0), U.flip(1)
        rounding = variances[0] * self.features * torch.finfo(torch.float64).eps
        singular = int((variances <= rounding).sum())
        if singular and not self.epsilon:
            raise ValueError(
                f"the covariance is singular: {singular} of {self.features} directions do not vary "
                f"in {len(x)} examples. Drop features, bring more examples, or pass epsilon"
            )
        whiten = U.T / (variances.clamp(min=0) + self.epsilon).sqrt().unsqueeze(1)
        self.running_mean.copy_(mean)
        self.running_map.copy_(U @ whiten if self.zca else whiten)
        return self

    def forward(self, x: Tensor) -> Tensor:
        """Map `(..., features)`."""
        return (x - self.running_mean) @ self.running_map.T


class RunningStandard(nn.Module):
    """(x - mean) / sigma with the moments of all data seen so far. Chapter 7, section 7.4.

    For observations that arrive while learning. Moments are merged batch by batch without loss
    (Chan et al. 1983), and only by `update`: `forward` is frozen, in evaluation and elsewhere.

    Args:
        features: The number of features.
        epsilon: Added to the variance, positive: before the first data, and for constant features.
        clip: Outputs are kept within [-clip, clip]; Stable-Baselines3's `VecNormalize` has 10.

    Raises:
        ValueError: If an argument is not positive.
    """

    running_mean: Tensor
    running_square: Tensor
    running_count: Tensor

    def __init__(self, features: int, epsilon: float = 1e-8, clip: float = 10.0) -> None:
        super().__init__()
        if features < 1 or not epsilon > 0 or not clip > 0:
            raise ValueError(
                f"features, epsilon and clip are positive; got {features}, {epsilon}, {clip}"
            )
        self.features, self.epsilon, self.clip = features, epsilon, clip
        self.register_buffer("running_mean", torch.zeros(features, dtype=torch.float64))
        self.register_buffer("running_square", torch.zeros(features, dtype=torch.float64))
        self.register_buffer("running_count", torch.zeros((), dtype=torch.float64))

    @property
    def variance(self) -> Tensor:
        """1/N sum (x - mean)^2, `(features,)`; 1 before the first data."""
        count = self.running_count
        return self.running_square / count if count else torch.ones_like(self.running_square)

    @torch.no_grad()
    def update(self, x: Tensor) -> None:
        """Take in data `(..., features)`.

        Raises:
            ValueError: If the shape does not fit, or an entry is not finite.
        """
        if x.shape[-1:] != (self.features,) or not x.numel() or not x.isfinite().all():
            raise ValueError(
                f"data must be finite, of shape (..., {self.features}); got {tuple(x.shape)} with "
                f"{int((~x.isfinite()).sum())} entries that are not finite"
            )
        x = x.reshape(-1, self.features).double()
        mean, before = x.mean(dim=0), self.running_count.clone()
        total = before + len(x)
        apart = mean - self.running_mean
        self.running_mean += apart * len(x) / total
        self.running_square += (x - mean).square().sum(dim=0) + apart**2 * before * len(x) / total
        self.running_count.copy_(total)

    def forward(self, x: Tensor) -> Tensor:
        """Map `(..., features)`; statistics stay as they are."""
        scale = (self.variance + self.epsilon).sqrt()
        y = (x - self.running_mean.to(x.dtype)) / scale.to(x.dtype)
        return y.clamp(-self.clip, self.clip)


def _refuse_constant(constant: Tensor) -> None:
    if constant.any():
        columns = constant.nonzero().flatten().tolist()
        raise ValueError(
            f"the features {columns} are constant and have no scale; drop them, they tell nothing"
        )
