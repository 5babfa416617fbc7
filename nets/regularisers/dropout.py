"""Dropout: the chapter's, by sampling at test time, and one mask an episode. Section 7.7."""

from collections.abc import Callable
from math import prod

import numpy as np
import torch
from torch import Tensor, nn

from rlkit.nets.core import Core, State
from rlkit.nets.recurrent import Cell, Cells, Recurrent
from rlkit.nets.recurrent.core import forget, stretches
from rlkit.randomness import GOLDEN, MASK, derive_many, scramble, uniform


class TextbookDropout(nn.Module):
    """m x in training with m ~ Bernoulli(keep), keep x at test time. Chapter 7, eq. 7.65.

    Srivastava et al. 2014. `nn.Dropout(1 - keep)` divides by keep in training instead and leaves x
    alone at test time: the same network up to the factor keep.

    Args:
        keep: The chapter's p, the probability to keep a unit; PyTorch's p is that to drop it.
    """

    def __init__(self, keep: float = 0.5) -> None:
        super().__init__()
        self.keep = check_keep("keep", keep)

    def forward(self, x: Tensor) -> Tensor:
        """Return x with units dropped, or scaled; of the shape of x."""
        return (
            x * torch.bernoulli(torch.full_like(x, self.keep)) if self.training else self.keep * x
        )


@torch.no_grad()
def monte_carlo(network: Callable[[Tensor], Tensor], x: Tensor, samples: int) -> Tensor:
    """Return outputs of a network in training mode, `(samples, *y.shape)`. Eq. 7.67.

    Their mean approximates E[y] over the posterior, their spread its uncertainty (Gal & Ghahramani
    2016). Every module is put in training mode: use it with networks without batch normalisation.

    Raises:
        ValueError: If there is no sample to take.
    """
    if samples < 1:
        raise ValueError(f"the number of samples is positive; got {samples}")
    training = isinstance(network, nn.Module) and network.training
    if isinstance(network, nn.Module):
        network.train()
    try:
        return torch.stack([network(x) for _ in range(samples)])
    finally:
        if isinstance(network, nn.Module):
            network.train(training)


class VariationalDropout(Core):
    """A core under dropout with one mask for all steps of an episode. Chapter 7, section 7.7.

    Gal & Ghahramani 2016. Masks multiply the input, the output and, in step-by-step cells, what U
    reads of h_(t-1). They and the key they are drawn from are part of the state, and a reset draws
    the next ones from the key alone: who replays a rollout from its stored first state meets the
    same masks, so PPO's ratio before the first gradient step is 1. Masks divide by keep, as
    `nn.Dropout` does; in evaluation mode they are carried along but not applied. Roll out in
    training mode, as you learn.

    Args:
        core: Any; for `keep_hidden` below 1 `Recurrent(Cells(...))` of cells whose h is only read
            by U, such as `LSTMCell`.
        keep_input: Probability to keep an input, in (0, 1].
        keep_hidden: Probability to keep a unit of h_(t-1) for U, in (0, 1].
        keep_output: Probability to keep an output, in (0, 1].
        mask_seed: Of the masks; row i of `initial_state` has a stream of its own.

    Raises:
        ValueError: If a probability lies outside (0, 1].
        TypeError: If the core has no h that could be masked.
    """

    def __init__(
        self,
        core: Core,
        *,
        keep_input: float = 0.9,
        keep_hidden: float = 1.0,
        keep_output: float = 0.9,
        mask_seed: int = 0,
    ) -> None:
        super().__init__(core.input_shape, core.output_size)
        self.core = core
        self.forgets = False  # the next masks depend on the key of the last
        self.mask_seed = mask_seed
        shapes = {
            "input": (keep_input, core.input_shape),
            "hidden": (keep_hidden, _hidden_shape(core) if keep_hidden < 1 else ()),
            "output": (keep_output, (core.output_size,)),
        }
        self.masks = {
            name: (check_keep(f"keep_{name}", keep), shape)
            for name, (keep, shape) in shapes.items()
            if keep != 1
        }

    def initial_state(self, batch: int) -> State:
        """Return keys `(B, 1)` int64, a mask for each place, and the inner core's state."""
        keys = torch.from_numpy(derive_many(self.mask_seed, batch).view(np.int64)).unsqueeze(1)
        inner = self.core.initial_state(batch)
        like = next(self.core.parameters(), torch.empty(0))
        keys = keys.to(like.device)
        return (keys, *self._draw(keys, like), *inner)

    def unroll(self, x: Tensor, state: State, reset: Tensor) -> tuple[Tensor, State]:
        """Read a sequence; new masks are drawn where an episode opens."""
        self.check(x, state, reset)
        opens, outputs = reset.bool(), []
        for start, end in stretches(opens):
            state = self._redrawn(state, opens[start])
            y, state = self._read(x[start:end], state, reset[start:end])
            outputs.append(y)
        return torch.cat(outputs), state

    def _read(self, x: Tensor, state: State, reset: Tensor) -> tuple[Tensor, State]:
        """Read a stretch under the masks of the state."""
        kept = state[: 1 + len(self.masks)]
        inner = state[len(kept) :]
        active = dict(zip(self.masks, kept[1:], strict=True)) if self.training else {}
        if "input" in active:
            x = x * active["input"]
        if "hidden" in active:
            layer = self.core.layer
            y, inner = layer(x, forget(inner, reset[0].bool()), active["hidden"])  # type: ignore[operator]
        else:
            y, inner = self.core.unroll(x, inner, reset)
        if "output" in active:
            y = y * active["output"]
        return y, (*kept, *inner)

    def _redrawn(self, state: State, opens: Tensor) -> State:
        """Return the state with the next key and masks in the rows that open an episode."""
        if not opens.any():
            return state
        keys, *masks = (part.clone() for part in state[: 1 + len(self.masks)])
        words = keys[opens].cpu().numpy().view(np.uint64)
        following = np.asarray(scramble((words + np.uint64(GOLDEN)) & np.uint64(MASK)))
        keys[opens] = torch.from_numpy(following.view(np.int64)).to(keys.device)
        like = next(self.core.parameters(), torch.empty(0))
        for mask, drawn in zip(masks, self._draw(keys[opens], like), strict=True):
            mask[opens] = drawn
        return (keys, *masks, *state[1 + len(masks) :])

    def _draw(self, keys: Tensor, like: Tensor) -> State:
        """Return a mask for each place: 0, or 1 / keep; pure functions of the keys `(n, 1)`."""
        words, first, drawn = keys.cpu().numpy().view(np.uint64), 0, []
        for keep, shape in self.masks.values():
            units = np.arange(first, first + prod(shape), dtype=np.uint64)
            first += prod(shape)
            kept = torch.from_numpy(np.asarray(uniform(words, units)) < keep)
            drawn.append((kept.to(like) / keep).reshape(-1, *shape))
        return tuple(drawn)


def check_keep(name: str, keep: float) -> float:
    """Return a probability to keep a unit, or raise a ValueError unless it lies in (0, 1]."""
    if not 0 < keep <= 1:
        raise ValueError(f"{name} is a probability in (0, 1] to keep a unit; got {keep}")
    return keep


def _hidden_shape(core: Core) -> tuple[int, ...]:
    layer: object = core.layer if isinstance(core, Recurrent) else None
    if isinstance(layer, Cells):
        cells = [cell for cell in layer.cells if isinstance(cell, Cell)]
        if not any(cell.carries_h for cell in cells):
            return layer.state_shapes[0]
    raise TypeError(
        "keep_hidden below 1 needs Recurrent(Cells(...)) of cells whose h is only read by U, such "
        f"as LSTMCell or SRNCell; got {type(core if layer is None else layer).__name__}"
    )
