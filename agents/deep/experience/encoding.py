"""Observations of any space as arrays: how they are stored, and what a core reads."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from rlkit.agents.checking import MASK
from rlkit.arrays import Array

Encoded = NDArray[np.float32]


@dataclass(frozen=True)
class Encoding:
    """How the observations of one space are stored, and encoded for a core.

    A Discrete observation is stored as its number and read one-hot; an image keeps its bytes and
    is read with channels first, in [0, 1]; a Box is what it is; the parts of a Dict or Tuple are
    flattened and joined, but for a mask, which is no feature.

    Attributes:
        space: Of one observation.
        stored_shape: Of one stored observation.
        stored_type: Its dtype.
        input_shape: Of one observation as a core reads it.
        store: Maps a batch of N observations to `(N, *stored_shape)`.
        encode: Maps stored `(N, *stored_shape)` to float32 `(N, *input_shape)`.
    """

    space: gymnasium.Space[Any]
    stored_shape: tuple[int, ...]
    stored_type: Any
    input_shape: tuple[int, ...]
    store: Callable[[Any], Array]
    encode: Callable[[Array], Encoded]

    def batched(self, observation: Any) -> bool:
        """Return whether an observation is a batch of them.

        Raises:
            ValueError: If it is neither an observation of the space nor a batch of them.
        """
        return _is_batch(self.space, observation)

    def store_one(self, observation: Any) -> Array:
        """Store one observation as `(1, *stored_shape)`."""
        return self.store(_batch_of_one(self.space, observation))


def encoding_of(space: gymnasium.Space[Any]) -> Encoding:
    """Return the encoding of an observation space.

    Raises:
        TypeError: If no core can read such observations.
    """
    if isinstance(space, spaces.Dict):
        parts = {name: part for name, part in space.spaces.items() if name != MASK}
        if len(parts) == 1:
            return _only_part(space, *parts.items())
        return _joined(space, list(parts.items()))
    if isinstance(space, spaces.Tuple):
        return _joined(space, list(enumerate(space.spaces)))
    return _simple(space)


def _simple(space: gymnasium.Space[Any]) -> Encoding:
    if isinstance(space, spaces.Discrete):
        return _discrete(space)
    if isinstance(space, spaces.MultiDiscrete):
        return _multi_discrete(space)
    if isinstance(space, spaces.Box) and space.dtype == np.uint8 and len(space.shape) == 3:
        return _image(space)
    if isinstance(space, spaces.Box | spaces.MultiBinary):
        shape = tuple(space.shape) or (1,)

        def store(batch: Any) -> Array:
            return np.asarray(batch, np.float32).reshape(-1, *shape)

        return Encoding(space, shape, np.float32, shape, store, lambda stored: stored)
    raise TypeError(
        f"no core reads observations of {space}. Box, Discrete, MultiDiscrete, MultiBinary, and "
        "Dict or Tuple of them are read; gymnasium.wrappers.FlattenObservation or a "
        "TransformObservation makes a Box of others"
    )


def _discrete(space: spaces.Discrete) -> Encoding:
    first, size = int(space.start), int(space.n)

    def encode(stored: Array) -> Encoded:
        rows = np.zeros((len(stored), size), np.float32)
        rows[np.arange(len(stored)), stored] = 1.0
        return rows

    def store(batch: Any) -> Array:
        return np.asarray(batch, np.int64).reshape(-1) - first

    return Encoding(space, (), np.int64, (size,), store, encode)


def _multi_discrete(space: spaces.MultiDiscrete) -> Encoding:
    sizes, firsts = space.nvec.ravel().astype(np.int64), space.start.ravel().astype(np.int64)
    offsets = np.concatenate([[0], sizes.cumsum()[:-1]])

    def store(batch: Any) -> Array:
        return np.asarray(batch, np.int64).reshape(-1, len(sizes)) - firsts

    def encode(stored: Array) -> Encoded:
        rows = np.zeros((len(stored), int(sizes.sum())), np.float32)
        rows[np.arange(len(stored))[:, None], stored + offsets] = 1.0
        return rows

    return Encoding(space, (len(sizes),), np.int64, (int(sizes.sum()),), store, encode)


def _image(space: spaces.Box) -> Encoding:
    """Encode bytes `(H, W, C)` or `(C, H, W)`; the channels are the smallest of the outer axes."""
    channels_last = space.shape[2] <= space.shape[0]
    shape = tuple(space.shape)
    first = (shape[2], *shape[:2]) if channels_last else shape

    def store(batch: Any) -> Array:
        images = np.asarray(batch, np.uint8).reshape(-1, *shape)
        return images.transpose(0, 3, 1, 2) if channels_last else images

    def encode(stored: Array) -> Encoded:
        return np.ascontiguousarray(stored, np.float32) / np.float32(255)

    return Encoding(space, first, np.uint8, first, store, encode)


def _only_part(space: spaces.Dict, named: tuple[str, gymnasium.Space[Any]]) -> Encoding:
    """Encode a Dict with one part beside the mask as that part."""
    name, part = named
    inner = encoding_of(part)
    return Encoding(
        space,
        inner.stored_shape,
        inner.stored_type,
        inner.input_shape,
        lambda batch: inner.store(batch[name]),
        inner.encode,
    )


def _joined(space: gymnasium.Space[Any], parts: list[tuple[Any, gymnasium.Space[Any]]]) -> Encoding:
    """Encode several parts, each under its key, as one vector."""
    inner = [(key, encoding_of(part)) for key, part in parts]
    if not inner:
        raise TypeError(f"no core reads observations of {space}: they hold nothing but the mask")
    size = sum(prod(one.input_shape) for _, one in inner)

    def store(batch: Any) -> Array:
        rows = [one.encode(one.store(batch[key])) for key, one in inner]
        return np.concatenate([part.reshape(len(part), -1) for part in rows], axis=1)

    return Encoding(space, (size,), np.float32, (size,), store, lambda stored: stored)


def _is_batch(space: gymnasium.Space[Any], observation: Any) -> bool:
    if isinstance(space, spaces.Dict):
        parts = [name for name in space.spaces if name != MASK]
        return {_is_batch(space.spaces[name], observation[name]) for name in parts} == {True}
    if isinstance(space, spaces.Tuple):
        return {_is_batch(*pair) for pair in zip(space.spaces, observation, strict=True)} == {True}
    shape, wanted = np.shape(observation), tuple(space.shape or ())
    if shape == wanted:
        return False
    if shape[1:] == wanted and len(shape) == len(wanted) + 1:
        return True
    batch = ", ".join(["N", *map(str, wanted)])
    raise ValueError(
        f"the agent reads observations of shape {wanted}, or a batch of them, ({batch}); "
        f"got shape {shape}"
    )


def _batch_of_one(space: gymnasium.Space[Any], observation: Any) -> Any:
    if isinstance(space, spaces.Dict):
        return {
            name: _batch_of_one(part, observation[name])
            for name, part in space.spaces.items()
            if name in observation
        }
    if isinstance(space, spaces.Tuple):
        pairs = zip(space.spaces, observation, strict=True)
        return tuple(_batch_of_one(part, one) for part, one in pairs)
    return np.asarray(observation)[None]
