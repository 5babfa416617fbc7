"""Observations of every space as arrays."""

from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

from rlkit.agents.deep.experience.encoding import encoding_of


def encoded(space: Any, batch: Any) -> Any:
    encoding = encoding_of(space)
    stored = encoding.store(batch)
    assert stored.shape[1:] == encoding.stored_shape
    assert stored.dtype == encoding.stored_type
    x = encoding.encode(stored)
    assert x.shape[1:] == encoding.input_shape
    assert x.dtype == np.float32
    return x


def test_numbers_become_one_hot() -> None:
    x = encoded(spaces.Discrete(3, start=5), np.array([7, 5]))
    np.testing.assert_array_equal(x, [[0, 0, 1], [1, 0, 0]])

    x = encoded(spaces.MultiDiscrete([2, 3]), np.array([[1, 0], [0, 2]]))
    np.testing.assert_array_equal(x, [[0, 1, 1, 0, 0], [1, 0, 0, 0, 1]])


@pytest.mark.parametrize("shape", [(8, 6, 3), (3, 8, 6)])
def test_images_are_read_with_channels_first(shape: tuple[int, ...]) -> None:
    image = np.zeros((1, *shape), np.uint8)
    image[(0, 2, 4, 1) if shape[2] == 3 else (0, 1, 2, 4)] = 255
    x = encoded(spaces.Box(0, 255, shape, np.uint8), image)

    assert x.shape == (1, 3, 8, 6)
    assert x[0, 1, 2, 4] == 1.0
    assert x.sum() == 1.0


def test_the_mask_is_no_feature_and_parts_are_joined() -> None:
    mask = spaces.MultiBinary(4)
    vector = spaces.Box(-1, 1, (2,), np.float32)
    one = {"observation": np.ones((3, 2), np.float32), "action_mask": np.ones((3, 4), np.int8)}
    assert encoded(spaces.Dict(observation=vector, action_mask=mask), one).shape == (3, 2)

    two = {**one, "place": np.array([0, 1, 2])}
    space = spaces.Dict(observation=vector, place=spaces.Discrete(3), action_mask=mask)
    np.testing.assert_array_equal(encoded(space, two)[1], [1, 1, 0, 1, 0])

    pair = spaces.Tuple([spaces.Discrete(2), vector])
    x = encoded(pair, (np.array([1, 0]), np.zeros((2, 2), np.float32)))
    np.testing.assert_array_equal(x, [[0, 1, 0, 0], [1, 0, 0, 0]])


@pytest.mark.parametrize(
    "space",
    [
        spaces.Discrete(3),
        spaces.Box(-1, 1, (2,), np.float32),
        spaces.Dict(a=spaces.Discrete(2), b=spaces.Box(-1, 1, (2,), np.float32)),
        spaces.Tuple([spaces.Discrete(2), spaces.MultiBinary(2)]),
    ],
)
def test_one_observation_is_told_from_a_batch(space: Any) -> None:
    encoding = encoding_of(space)

    assert not encoding.batched(space.sample())
    assert encoding.store_one(space.sample()).shape == (1, *encoding.stored_shape)


def test_a_space_that_no_core_reads_is_refused() -> None:
    with pytest.raises(TypeError, match=r"no core reads observations of Text.*FlattenObservation"):
        encoding_of(spaces.Text(5))
