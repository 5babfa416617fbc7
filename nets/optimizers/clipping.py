"""Gradients that are too large, cut down. Chapter 7, section 7.2."""

from collections.abc import Iterable

import torch
from torch import Tensor


@torch.no_grad()
def clip_by_value(params: Iterable[Tensor], low: float, high: float) -> None:
    """Set each gradient entry to max(min(g, high), low), in place. Section 7.2.

    `nn.utils.clip_grad_value_` has -high for low.

    Args:
        params: Whose `grad` is clipped, where they have one.
        low: a.
        high: b.

    Raises:
        ValueError: If `low` is not below `high`.
    """
    if not low < high:
        raise ValueError(f"the interval of gradients needs low < high; got [{low}, {high}]")
    for gradient in _gradients(params):
        gradient.clamp_(low, high)


@torch.no_grad()
def clip_by_norm(params: Iterable[Tensor], limit: float) -> Tensor:
    """Scale all gradients together so that their norm is at most `limit`. Section 7.2.

    g becomes limit / |g| g where |g| is above the limit, and stays as it is elsewhere; the notes
    lost that condition. `nn.utils.clip_grad_norm_` divides by |g| + 1e-6.

    Args:
        params: Whose `grad` is clipped, where they have one.
        limit: b, positive.

    Returns:
        The norm before, a scalar; 0 without gradients.

    Raises:
        ValueError: If the limit is not positive, or a gradient is not finite.
    """
    if not limit > 0:
        raise ValueError(f"the largest norm of the gradient is positive; got {limit}")
    gradients = _gradients(params)
    if not gradients:
        return torch.zeros(())
    norm: Tensor = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
    if not norm.isfinite():
        raise ValueError(
            f"the norm of the gradient is {norm.item()}: the loss or a parameter overflowed; "
            "lower the learning rate or look for a division by 0"
        )
    if norm > limit:
        torch._foreach_mul_(gradients, limit / norm)
    return norm


def _gradients(params: Iterable[Tensor]) -> list[Tensor]:
    given = [params] if isinstance(params, Tensor) else params
    return [param.grad for param in given if param.grad is not None]
