"""Solves planning problems with QuantEcon or mdpsolver, in an interpreter that has them.

It reads a line of JSON a request, `{"solver", "file", "discount", "tolerance"}`, and answers
`{"seconds", "values"}`, the name of a file; seconds is null where the solver is missing or its
input would not fit. Building a solver's own data is not timed, as it is not for ours. This program
runs alone and imports nothing of this library.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from scipy import sparse

LISTS_LIMIT = 200_000
"""States up to which mdpsolver's nested Python lists fit in memory."""

Solve = Callable[[float], Any]
"""Takes the tolerance, returns the values."""


def quantecon(P: sparse.csr_matrix, R: np.ndarray, discount: float) -> Solve:
    """Return QuantEcon's modified policy iteration, with its own defaults."""
    from quantecon.markov import DiscreteDP

    states, actions = (index.ravel() for index in np.indices(R.shape))
    problem = DiscreteDP(R.ravel(), P, discount, states, actions)
    return lambda tolerance: (
        problem.solve(method="modified_policy_iteration", epsilon=tolerance, max_iter=10**6).v
    )


def mdpsolver(P: sparse.csr_matrix, R: np.ndarray, discount: float) -> Solve | None:
    """Return mdpsolver's modified policy iteration, with its own defaults."""
    import mdpsolver

    if len(R) > LISTS_LIMIT:
        return None
    ends = P.indptr[1:-1]
    probs = [row.tolist() for row in np.split(P.data, ends)]
    columns = [row.tolist() for row in np.split(P.indices, ends)]
    width = R.shape[1]
    starts = range(0, len(probs), width)
    model = mdpsolver.model()
    model.mdp(
        discount=discount,
        rewards=R.tolist(),
        tranMatProbs=[probs[i : i + width] for i in starts],
        tranMatColumns=[columns[i : i + width] for i in starts],
    )

    # Left to itself it begins where it ended before, and a second call would have nothing to do.
    start = {"initValueVector": [0.0] * len(R), "initPolicy": [0] * len(R)}

    def solve(tolerance: float) -> Any:
        model.solve(algorithm="mpi", tolerance=tolerance, **start)
        return model.getValueVector()

    return solve


SOLVERS = {"quantecon": quantecon, "mdpsolver": mdpsolver}


@lru_cache(maxsize=len(SOLVERS))
def prepared(solver: str, file: str, discount: float) -> Solve | None:
    """Return a solver with the problem loaded, or None where that cannot be."""
    with np.load(file) as arrays:
        R = arrays["R"]
        P = sparse.csr_matrix(
            (arrays["data"], arrays["indices"], arrays["indptr"]), shape=(R.size, len(R))
        )
    try:
        return SOLVERS[solver](P, R, discount)
    except ImportError as error:
        print(f"peer {solver}: {error}", file=sys.stderr)
        return None


def answer(solver: str, file: str, discount: float, tolerance: float) -> dict[str, Any]:
    """Solve one problem."""
    solve = prepared(solver, file, discount)
    if solve is None:
        return {"seconds": None, "values": None}
    start = time.perf_counter()
    values = solve(tolerance)
    seconds = time.perf_counter() - start
    saved = f"{file}.{solver}.npy"
    np.save(saved, np.asarray(values))
    return {"seconds": seconds, "values": saved}


def main() -> None:
    """Answer requests until there are no more; what solvers print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(answer(**json.loads(line))), file=answers, flush=True)


if __name__ == "__main__":
    main()
