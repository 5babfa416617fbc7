"""Gradient descent: on all examples, one by one, or in small batches. Chapter 2, section 2.2."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from rlkit.nets.regularisers import EarlyStopping

__all__ = ["History", "fit", "minibatches"]

Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass
class History:
    """What happened in each epoch. Chapter 2, section 2.2, Algorithm 2.1."""

    losses: list[float] = field(default_factory=list)
    """Mean training loss, penalty included."""
    validation: list[float] = field(default_factory=list)
    """Loss on the validation set after the epoch, without penalty."""


def minibatches(count: int, size: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Yield the indices 0 ... count - 1 in a new order, `size` at a time; the last may be fewer.

    Raises:
        ValueError: If the size is not in 1 ... count.
    """
    if not 1 <= size <= count:
        raise ValueError(f"a batch holds 1 to {count} of {count} examples; got {size}")
    yield from torch.randperm(count, generator=generator).split(size)


def fit(
    network: nn.Module,
    data: tuple[Tensor, Tensor],
    loss: Loss,
    optimizer: Optimizer,
    *,
    epochs: int,
    batch_size: int | None = None,
    seed: int = 0,
    penalty: Callable[[], Tensor] | None = None,
    scheduler: LRScheduler | None = None,
    validation: tuple[Tensor, Tensor] | None = None,
    stopping: EarlyStopping | None = None,
) -> History:
    """Train a network. Chapter 2, section 2.2 and Algorithm 2.1.

    Args:
        network: Changed in place, and left in evaluation mode.
        data: x `(N, ...)` and y `(N, ...)`.
        loss: Of outputs and y, a mean over examples.
        optimizer: Of the network's parameters.
        epochs: Passes over the data, positive.
        batch_size: None takes all examples a step (batch gradient descent), 1 is stochastic
            gradient descent, K between them mini-batches.
        seed: Of the order of examples.
        penalty: A term that is added to the loss of every batch.
        scheduler: Stepped after every update.
        validation: x and y that are not trained on.
        stopping: Fed with the validation loss; its best parameters are restored where it keeps any.

    Raises:
        ValueError: If sizes do not fit, or stopping has nothing to go by.
    """
    x, y = data
    if len(x) != len(y) or epochs < 1:
        raise ValueError(
            f"x and y are of one length and epochs at least 1; got {len(x)}, {len(y)}, {epochs}"
        )
    if stopping is not None and validation is None:
        raise ValueError("early stopping goes by a validation set; pass validation=(x, y)")
    generator, history = torch.Generator().manual_seed(seed), History()
    for _ in range(epochs):
        network.train()
        total = 0.0
        for batch in minibatches(len(x), batch_size or len(x), generator):
            risk = loss(network(x[batch]), y[batch])
            risk = risk if penalty is None else risk + penalty()
            optimizer.zero_grad()
            risk.backward()
            optimizer.step()
            if scheduler is not None:
                scheduler.step()
            total += risk.item() * len(batch)
        history.losses.append(total / len(x))
        network.eval()
        if validation is not None:
            history.validation.append(_evaluate(network, validation, loss))
            if stopping is not None and stopping.update(history.validation[-1]):
                break
    if stopping is not None and stopping.network is not None:
        stopping.restore()
    return history


@torch.no_grad()
def _evaluate(network: nn.Module, data: tuple[Tensor, Tensor], loss: Loss) -> float:
    return loss(network(data[0]), data[1]).item()
