"""What our own optimizers share: checked learning rates, and parameters grouped by their step."""

from abc import abstractmethod
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from rlkit.nets.optimizers.checks import check_rate
from rlkit.nets.optimizers.moments import Tensors


class Stepper(Optimizer):
    """An optimizer that updates all parameters of one age together. Chapter 7, section 7.2.

    Args:
        params: Parameters or parameter groups.
        defaults: Settings of a group; "lr" is among them.

    Raises:
        ValueError: If a learning rate is negative or not finite.
    """

    copied: tuple[str, ...] = ()
    """Attributes that a copy needs besides what PyTorch copies: defaults, groups and state."""

    def __init__(self, params: Any, defaults: dict[str, Any]) -> None:
        check_rate(defaults["lr"])
        super().__init__(params, defaults)

    def __getstate__(self) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in self.copied}
        return super().__getstate__() | own

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Add parameters with settings of their own."""
        check_rate(param_group.get("lr", 0.0))
        super().add_param_group(param_group)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """Update the parameters that have gradients.

        Args:
            closure: Computes loss and gradients anew; its loss is returned.

        Raises:
            ValueError: If a gradient is sparse.
        """
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for step, params in self._by_step(group["params"]).items():
                self.update(group, params, [_gradient(p) for p in params], step)
        return loss

    @abstractmethod
    def start(self, param: Tensor) -> dict[str, Tensor]:
        """Return what is remembered of a parameter before its first step."""

    @abstractmethod
    def update(self, group: dict[str, Any], params: Tensors, grads: Tensors, step: int) -> None:
        """Change parameters in place.

        Args:
            group: Settings, "lr" among them.
            params: Of one group, all at the same step.
            grads: Their gradients; they must not be changed.
            step: t, from 1.
        """

    def remembered(self, name: str, params: Tensors) -> Tensors:
        """Return what is remembered under a name, one tensor a parameter."""
        return [self.state[p][name] for p in params]

    def _by_step(self, params: Tensors) -> dict[int, Tensors]:
        """Count a step for each parameter that has a gradient, and group them by the count.

        The count is a tensor, as PyTorch's own optimizers keep it.
        """
        ages: dict[int, Tensors] = defaultdict(list)
        for param in params:
            if param.grad is None:
                continue
            state = self.state[param]
            if not state:
                state |= {"step": torch.zeros(()), **self.start(param)}
            state["step"] += 1
            ages[int(state["step"].item())].append(param)
        return ages


def _gradient(param: Tensor) -> Tensor:
    gradient = param.grad
    if gradient is None or gradient.is_sparse:
        raise ValueError("our optimizers take dense gradients; for sparse ones use SparseAdam")
    return gradient
