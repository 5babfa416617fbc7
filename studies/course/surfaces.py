"""Optimizers on standard surfaces of two variables, and out of a saddle."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from rlkit.nets import make_optimizer
from rlkit.nets.optimizers import TextbookNesterov

F64 = torch.float64


@dataclass(frozen=True)
class Surface:
    """A function of two variables with a known minimum."""

    name: str
    height: Callable[[Tensor, Tensor], Tensor]
    start: tuple[float, float]
    minimum: tuple[float, float]
    window: tuple[float, float, float, float]
    """x from, x to, y from, y to."""

    def at(self, point: Tensor) -> Tensor:
        """Return the height of a point `(2,)`."""
        return self.height(point[0], point[1])


BOWL = Surface(
    "a narrow valley, x²/2 + 10 y²",
    lambda x, y: x**2 / 2 + 10 * y**2,
    (-9.0, 1.8),
    (0.0, 0.0),
    (-10, 5, -2.2, 2.6),
)
ROSENBROCK = Surface(
    "Rosenbrock, (1 - x)² + 100 (y - x²)²",
    lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    (-1.2, 1.0),
    (1.0, 1.0),
    (-1.6, 1.5, -0.6, 1.6),
)
BEALE = Surface(
    "Beale",
    lambda x, y: (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2,
    (0.6, 1.6),
    (3.0, 0.5),
    (-1.4, 4.2, -1.7, 2.0),
)
SURFACES = (BOWL, ROSENBROCK, BEALE)
OPTIMIZERS = {
    "sgd": "gradient descent",
    "textbook-momentum": "momentum",
    "textbook-nesterov": "Nesterov",
    "textbook-rmsprop": "RMSprop",
    "textbook-adam": "Adam",
}
GRID = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1)
STEPS = 300


def descend(surface: Surface, optimizer: str, rate: float, steps: int = STEPS) -> Tensor:
    """Return the path of an optimizer, `(steps + 1, 2)`; shorter where it leaves the plane."""
    point = nn.Parameter(torch.tensor(surface.start, dtype=F64))
    built, path = make_optimizer(optimizer, [point], lr=rate), [torch.tensor(surface.start)]
    for _ in range(steps):
        built.zero_grad()
        surface.at(point).backward()
        built.step()
        if not point.isfinite().all() or point.abs().max() > 1e3:
            break
        if isinstance(built, TextbookNesterov):
            with built.settled():
                path.append(point.detach().clone())
        else:
            path.append(point.detach().clone())
    return torch.stack([row.double() for row in path])


def mean_height(surface: Surface, path: Tensor, steps: int = STEPS) -> float:
    """Return the mean of log(height + 1e-9) along a path; infinity where it broke off."""
    if len(path) <= steps:
        return float("inf")
    return float((surface.height(path[:, 0], path[:, 1]) + 1e-9).log().mean())


@cache
def best_path(surface: Surface, optimizer: str) -> tuple[float, Tensor]:
    """Return the learning rate of the grid whose path is lowest on average, and the path."""
    paths = {rate: descend(surface, optimizer, rate) for rate in GRID}
    rate = min(paths, key=lambda lr: mean_height(surface, paths[lr]))
    return rate, paths[rate]


def saddle_height(x: Tensor, y: Tensor) -> Tensor:
    """Return x²/2 - y²/2 + y⁴/4: a saddle at (0, 0), minima of -1/4 at (0, -1) and (0, 1)."""
    return x**2 / 2 - y**2 / 2 + y**4 / 4


def leave_saddle(noise: float, seed: int = 0, steps: int = 150, rate: float = 0.1) -> Tensor:
    """Return the path of gradient descent from (1, 0), where the gradient leads into the saddle.

    Args:
        noise: Standard deviation of what is added to each entry of the gradient.
        seed: Of the noise.
        steps: Of descent.
        rate: The learning rate.

    Returns:
        `(steps + 1, 2)`.
    """
    generator = torch.Generator().manual_seed(seed)
    point = nn.Parameter(torch.tensor([1.0, 0.0], dtype=F64))
    optimizer, path = make_optimizer("sgd", [point], lr=rate), [point.detach().clone()]
    for _ in range(steps):
        optimizer.zero_grad()
        saddle_height(point[0], point[1]).backward()
        assert point.grad is not None  # noqa: S101
        point.grad += noise * torch.randn(2, generator=generator, dtype=F64)
        optimizer.step()
        path.append(point.detach().clone())
    return torch.stack(path)


def noisy_escapes() -> list[Tensor]:
    """Return the paths of five seeds under noise of .05, as the picture and the page show them."""
    return [leave_saddle(0.05, seed) for seed in range(5)]


def steps_to_leave(path: Tensor) -> int | None:
    """Return after how many steps |y| first exceeds 1/2; None where it never does."""
    out = (path[:, 1].abs() > 0.5).nonzero()
    return int(out[0]) if len(out) else None


def share_of_minima(dimension: int, samples: int = 2000, seed: int = 0) -> float:
    """Return how often a random symmetric matrix has only positive eigenvalues.

    The Hessian at a stationary point of a random surface (GOE: independent Gaussian entries); where
    every eigenvalue is positive the point is a minimum, where signs are mixed a saddle.
    """
    generator = torch.Generator().manual_seed(seed)
    A = torch.randn(samples, dimension, dimension, generator=generator, dtype=F64)
    eigenvalues = torch.linalg.eigvalsh((A + A.transpose(1, 2)) / 2)
    return float((eigenvalues > 0).all(dim=1).double().mean())
