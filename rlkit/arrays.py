"""Names for the array types that signatures use."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Masks = NDArray[np.int8]


def plain(array: Array) -> Any:
    """Return a view of an array that gives Python numbers, and gives them faster."""
    return array.data
