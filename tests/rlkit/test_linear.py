"""The solver of policy evaluation, where its method breaks down."""

import numpy as np
import pytest
from scipy import sparse

from rlkit.linear import correction


@pytest.mark.parametrize("discount", [0.5, 0.999, 1 - 1e-7])
def test_the_wanted_share_of_errors_is_left(discount: float) -> None:
    """Few states, simple chances and errors in some of them, where breakdowns are common."""
    rng = np.random.default_rng(0)
    for _ in range(500):
        size = int(rng.integers(2, 9))
        P = np.zeros((size, size))
        for row in P:
            share = rng.choice([0.25, 0.5, 1.0])
            row[rng.choice(size, 2, replace=False)] = share, 1 - share
        errors = rng.integers(-2, 3, size=size).astype(np.float64)
        errors[0] = 1.0

        x = correction(sparse.csr_array(P), errors, discount, rng.permutation(size), 1e-3)

        left = errors - x + discount * P @ x
        assert np.linalg.norm(left) <= 1.1e-3 * np.linalg.norm(errors)
