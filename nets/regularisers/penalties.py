"""Penalties on parameters, as terms of the loss and as steps of their own. Chapter 7, section 7.7.

A penalty in the loss passes through the optimizer, which rescales it; a step of its own (decay,
soft threshold) does not.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.utils.hooks import RemovableHandle


def l1_penalty(params: Iterable[Tensor], strength: float, epsilon: float = 0.0) -> Tensor:
    """Return strength sum |theta|, or with sqrt(theta^2 + epsilon) for |theta|. Eq. 7.62.

    Gradient steps on it only come near 0; `soft_threshold_after` reaches it.
    """
    _check_strength(strength)
    return _sum(params, lambda p: (p.square() + epsilon).sqrt() if epsilon else p.abs(), strength)


def l2_penalty(params: Iterable[Tensor], strength: float) -> Tensor:
    """Return strength / 2 sum theta^2, whose gradient `weight_decay` of SGD adds. Section 2.2."""
    _check_strength(strength)
    return _sum(params, Tensor.square, strength / 2)


def elastic_net_penalty(params: Iterable[Tensor], l1: float, l2: float) -> Tensor:
    """Return l1 sum |theta| + l2 / 2 sum theta^2. Eq. 7.63; Zou & Hastie 2005."""
    params = list(params)
    return l1_penalty(params, l1) + l2_penalty(params, l2)


class StructuralRisk(NamedTuple):
    """R_struct = R_emp + penalty, both terms kept apart. Chapter 2, section 2.2.

    The empirical risk is a mean over N examples; a strength meant for a sum must be divided by N.
    """

    empirical: Tensor
    penalty: Tensor

    @property
    def total(self) -> Tensor:
        """What is minimised."""
        return self.empirical + self.penalty


def soft_threshold(x: Tensor, threshold: float) -> Tensor:
    """Return sign(x) max(|x| - threshold, 0), the proximal step of the L1 norm. Section 7.7."""
    return x.sign() * (x.abs() - threshold).clamp(min=0)


def soft_threshold_after(optimizer: Optimizer, strength: float) -> RemovableHandle:
    """Make every step of an optimizer end with a proximal L1 step of size lr strength.

    Parisi & Boyd 2014, section 4.2: with gradient descent this is ISTA, which sets weights to
    exactly 0. With an adaptive optimizer the threshold does not follow the scale of each weight.

    Args:
        optimizer: Of PyTorch or ours; all its parameters take part.
        strength: lambda, not negative.

    Returns:
        A handle whose `remove()` ends it.
    """
    _check_strength(strength)

    def shrink(built: Optimizer, *_: Any) -> None:
        with torch.no_grad():
            for group in built.param_groups:
                for param in group["params"]:
                    param.copy_(soft_threshold(param, group["lr"] * strength))

    return optimizer.register_step_post_hook(shrink)


def decay_before(optimizer: Optimizer, share: float) -> RemovableHandle:
    """Make every step of an optimizer begin with theta *= 1 - share. Chapter 7, eq. 7.64.

    The chapter's weight decay, which no learning rate scales; `AdamW` takes away lr weight_decay.

    Args:
        optimizer: Of PyTorch or ours; all its parameters take part.
        share: w, in [0, 1), 5e-4 in the chapter.

    Returns:
        A handle whose `remove()` ends it.
    """
    if not 0 <= share < 1:
        raise ValueError(f"the share of decay lies in [0, 1), got {share}")

    def decay(built: Optimizer, *_: Any) -> None:
        with torch.no_grad():
            for group in built.param_groups:
                torch._foreach_mul_(group["params"], 1 - share)

    return optimizer.register_step_pre_hook(decay)


def decay_groups(network: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Return two parameter groups: matrices and kernels decay; biases, gains and slopes do not.

    A decayed PReLU becomes a ReLU, a decayed gain undoes its normalisation. Section 4.1.2.
    """
    _check_strength(weight_decay)
    params = [param for param in network.parameters() if param.requires_grad]
    return [
        {"params": [p for p in params if p.dim() > 1], "weight_decay": weight_decay},
        {"params": [p for p in params if p.dim() <= 1], "weight_decay": 0.0},
    ]


def _sum(params: Iterable[Tensor], term: Callable[[Tensor], Tensor], strength: float) -> Tensor:
    terms = [term(param).sum() for param in params]
    return strength * torch.stack(terms).sum()


def _check_strength(strength: float) -> None:
    if not 0 <= strength < float("inf"):
        raise ValueError(f"the strength of a penalty is finite and not negative; got {strength}")
