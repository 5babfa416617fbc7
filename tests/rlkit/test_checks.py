"""Numbers as people write them: taken, or refused by their name."""

from typing import Any

import numpy as np
import pytest

from rlkit.checks import seed_of, whole


@pytest.mark.parametrize("value", [5, 5.0, np.int64(5), np.uint8(5), np.float32(5), np.array(5)])
def test_whole_numbers_become_pythons(value: Any) -> None:
    number = whole("steps", value)
    assert number == 5
    assert type(number) is int


@pytest.mark.parametrize("value", [5.5, float("nan"), float("inf"), "5", None, True, -1, [5]])
def test_others_are_refused_by_name(value: Any) -> None:
    with pytest.raises(ValueError, match="steps must be a whole number from 0 on, got "):
        whole("steps", value)


def test_a_seed_is_whole_or_none() -> None:
    assert seed_of(np.int64(3)) == 3
    assert seed_of(2**70) == 2**70
    assert seed_of(None) != seed_of(None)
    with pytest.raises(ValueError, match="seed must be a whole number from 0 on, got -1"):
        seed_of(-1)
