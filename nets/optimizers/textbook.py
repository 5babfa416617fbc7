"""The chapter's optimizers in the chapter's form. Chapter 7, section 7.2.

They differ from PyTorch's where the chapter does: epsilon stands inside the root, and momentum
keeps the last step and not a velocity to be rescaled by the present learning rate. All take `lr`
as PyTorch's do, so every scheduler works on them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor

from rlkit.nets.optimizers.base import Stepper
from rlkit.nets.optimizers.checks import check_epsilon
from rlkit.nets.optimizers.moments import Average, Latest, Moment, Sum, Tensors


class GeneralOptimizer(Stepper):
    """Delta theta = -alpha M_t / sqrt(G_t + epsilon) with any M = phi(g) and G = psi(g^2).

    Chapter 7, section 7.2 of the printed book.

    Args:
        params: Parameters or parameter groups.
        lr: alpha.
        first: phi, for instance `Average(0.9)`.
        second: psi; None stands for no scale, G_t + epsilon = 1.
        eps: epsilon.
        initial_square: G_0.
    """

    copied = ("first", "second", "initial_square")

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        *,
        first: Moment,
        second: Moment | None = None,
        eps: float = 1e-8,
        initial_square: float = 0.0,
    ) -> None:
        check_epsilon(eps)
        if initial_square < 0:
            raise ValueError(f"initial_square is not negative; got {initial_square}")
        self.first, self.second = first, second
        self.initial_square = initial_square
        super().__init__(params, {"lr": lr, "eps": eps})

    def start(self, param: Tensor) -> dict[str, Tensor]:
        """Return the buffers that the moments need."""
        buffers = {}
        if self.first.remembers:
            buffers["first"] = torch.zeros_like(param)
        if self.second is not None and self.second.remembers:
            buffers["second"] = torch.full_like(param, self.initial_square)
        return buffers

    def update(self, group: dict[str, Any], params: Tensors, grads: Tensors, step: int) -> None:
        """Take one step of the general form."""
        direction = self._moment("first", self.first, params, grads, step)
        if self.second is None:
            torch._foreach_add_(params, direction, alpha=-group["lr"])
            return
        squares = list(torch._foreach_mul(grads, grads))
        scale = self._moment("second", self.second, params, squares, step)
        root = torch._foreach_add(scale, group["eps"])
        torch._foreach_sqrt_(root)
        torch._foreach_addcdiv_(params, direction, root, value=-group["lr"])

    def _moment(
        self, name: str, moment: Moment, params: Tensors, values: Tensors, step: int
    ) -> Tensors:
        buffers = self.remembered(name, params) if moment.remembers else []
        return moment.update(buffers, values, step)


class TextbookAdagrad(GeneralOptimizer):
    """G_t = sum of g^2, Delta theta = -alpha g / sqrt(G_t + epsilon). Chapter 7, section 7.2.

    Duchi et al. 2011; PyTorch has sqrt(G_t) + epsilon.

    Args:
        params: Parameters or parameter groups.
        lr: alpha.
        eps: epsilon, 1e-7 to 1e-10 in the chapter.
    """

    def __init__(self, params: Any, lr: float = 1e-2, eps: float = 1e-10) -> None:
        super().__init__(params, lr, first=Latest(), second=Sum(), eps=eps)


class TextbookRMSprop(GeneralOptimizer):
    """Adagrad with G_t = beta G_(t-1) + (1 - beta) g^2. Chapter 7, section 7.2.

    Tieleman & Hinton 2012. PyTorch has sqrt(G_t) + epsilon; TensorFlow's form, which A2C was tuned
    with, starts at G_0 = 1 (Stable-Baselines3's `RMSpropTFLike`).

    Args:
        params: Parameters or parameter groups.
        lr: alpha.
        beta: Decay rate.
        eps: epsilon.
        initial_square: G_0, 0 in the chapter.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        beta: float = 0.9,
        eps: float = 1e-10,
        initial_square: float = 0.0,
    ) -> None:
        super().__init__(
            params, lr, first=Latest(), second=Average(beta), eps=eps, initial_square=initial_square
        )


class TextbookAdam(GeneralOptimizer):
    """Delta theta = -alpha M^ / sqrt(G^ + epsilon), corrected averages. Chapter 7, section 7.2.

    Kingma & Ba 2015. PyTorch has sqrt(G^) + epsilon; epsilon inside is a floor of sqrt(epsilon).

    Args:
        params: Parameters or parameter groups.
        lr: alpha.
        betas: Decay rates of M and G; the chapter's second is .99, PyTorch's .999.
        eps: epsilon.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.99),
        eps: float = 1e-8,
    ) -> None:
        first, second = (Average(beta, corrected=True) for beta in betas)
        super().__init__(params, lr, first=first, second=second, eps=eps)


class TextbookAdaDelta(Stepper):
    """Delta theta = -sqrt(X_(t-1) + epsilon) / sqrt(G_t + epsilon) g. Chapter 7, section 7.2.

    X is the average of squared steps. Zeiler 2012; PyTorch's is equal where both rates are.

    Args:
        params: Parameters or parameter groups.
        lr: A factor of the step, 1 in the chapter.
        beta: Decay rate of G.
        beta_steps: Decay rate of X.
        eps: epsilon.
    """

    copied = ("squares", "steps")

    def __init__(
        self,
        params: Any,
        lr: float = 1.0,
        beta: float = 0.9,
        beta_steps: float = 0.9,
        eps: float = 1e-6,
    ) -> None:
        check_epsilon(eps)
        self.squares, self.steps = Average(beta), Average(beta_steps)
        super().__init__(params, {"lr": lr, "eps": eps})

    def start(self, param: Tensor) -> dict[str, Tensor]:
        """Return both averages at 0."""
        return {"square": torch.zeros_like(param), "square_step": torch.zeros_like(param)}

    def update(self, group: dict[str, Any], params: Tensors, grads: Tensors, step: int) -> None:
        """Take one step, as large as recent steps were."""
        eps, past = group["eps"], self.remembered("square_step", params)
        squares = list(torch._foreach_mul(grads, grads))
        G = self.squares.update(self.remembered("square", params), squares, step)
        move = list(torch._foreach_add(past, eps))
        torch._foreach_div_(move, torch._foreach_add(G, eps))
        torch._foreach_sqrt_(move)
        torch._foreach_mul_(move, grads)
        torch._foreach_add_(params, move, alpha=-group["lr"])
        self.steps.update(past, list(torch._foreach_mul(move, move)), step)


class TextbookMomentum(Stepper):
    """Delta theta_t = rho Delta theta_(t-1) - alpha_t g_t. Chapter 7, section 7.2.

    PyTorch keeps the velocity sum rho^(t - tau) g_tau and multiplies all of it by the present
    alpha: equal for a constant alpha, another path under a schedule. Polyak 1964.

    Args:
        params: Parameters or parameter groups.
        lr: alpha.
        momentum: rho, in [0, 1).

    Raises:
        ValueError: If rho lies outside [0, 1).
    """

    def __init__(self, params: Any, lr: float = 1e-2, momentum: float = 0.9) -> None:
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum must lie in [0, 1), got {momentum}")
        super().__init__(params, {"lr": lr, "momentum": momentum})

    def start(self, param: Tensor) -> dict[str, Tensor]:
        """Return the step before the first, 0."""
        return {"move": torch.zeros_like(param)}

    def update(self, group: dict[str, Any], params: Tensors, grads: Tensors, step: int) -> None:
        """Take one step."""
        del step
        torch._foreach_add_(params, self.next_moves(group, params, grads))

    def next_moves(self, group: dict[str, Any], params: Tensors, grads: Tensors) -> Tensors:
        """Return Delta theta_t, which is remembered."""
        moves = self.remembered("move", params)
        torch._foreach_mul_(moves, group["momentum"])
        torch._foreach_add_(moves, grads, alpha=-group["lr"])
        return moves


class TextbookNesterov(TextbookMomentum):
    """Delta theta_t = rho Delta theta_(t-1) - alpha_t g(theta_(t-1) + rho Delta theta_(t-1)).

    Chapter 7, eq. 7.18; Nesterov 1983; Sutskever et al. 2013. Between steps the parameters hold the
    look-ahead point theta_t + rho Delta theta_t, where the next gradient belongs, so no closure is
    needed; `settled()` shows theta_t itself. Unlike PyTorch's it is exact under a schedule.

    Args:
        params: Parameters or parameter groups.
        lr: alpha.
        momentum: rho, in [0, 1).
    """

    def update(self, group: dict[str, Any], params: Tensors, grads: Tensors, step: int) -> None:
        """Go from one look-ahead point to the next: - alpha g + rho Delta theta_t."""
        del step
        torch._foreach_add_(params, grads, alpha=-group["lr"])
        moves = self.next_moves(group, params, grads)
        torch._foreach_add_(params, moves, alpha=group["momentum"])

    @contextmanager
    def settled(self) -> Iterator[None]:
        """Let the parameters hold theta_t, for instance to evaluate or to save them."""
        ahead = {}
        with torch.no_grad():
            for group in self.param_groups:
                for param in group["params"]:
                    if "move" in self.state[param]:
                        ahead[param] = param.clone()
                        param.sub_(self.state[param]["move"], alpha=group["momentum"])
        try:
            yield
        finally:
            with torch.no_grad():
                for param, point in ahead.items():
                    param.copy_(point)
