"""The default planner against QuantEcon and mdpsolver, on the same arrays at the same accuracy.

Each solver is asked for the same distance to the optimum; `apart` is how far a peer's values end
from ours, which are certified.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np

from rlkit.agents.planning import ModifiedPolicyIteration
from rlkit.model import TabularModel
from rlkit.scripts.benches import Options, Row
from rlkit.scripts.benches.problems import Arrays, random_sparse, slippery_grid
from rlkit.scripts.benches.timing import PATIENCE, Peer, alternating, seconds

PEERS = ("quantecon", "mdpsolver")
PROGRAM = Path(__file__).with_name("peer_planners.py")
HOW_TO = (
    "only ours is measured; for the peers: python -m venv peers && "
    "peers/bin/pip install quantecon mdpsolver, then --peer-python peers/bin/python"
)
DISCOUNTS = (0.9, 0.99, 0.999)
TOLERANCES = {random_sparse: 1e-4, slippery_grid: 1e-6}


def bench(options: Options) -> list[Row]:
    """Return one row for each problem and discount."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if options.peer_python is None:
            options.note(HOW_TO)
            peer = None
        else:
            peer = stack.enter_context(Peer(options.peer_python, PROGRAM))
        warm_up = Race("warm-up", slippery_grid(8), 1e-6, folder, peer)
        for discount in DISCOUNTS:  # fast and slow mixing compile different kernels
            warm_up.run(discount, 1)
        rows: list[Row] = []
        for name, arrays, tolerance in _problems(large=options.large):
            race = Race(name, arrays, tolerance, folder, peer)
            for discount in DISCOUNTS:
                options.note(f"{name}, discount {discount}")
                rows.append(race.run(discount, options.repeats, slow_peers(rows, name, discount)))
        return rows


def slow_peers(rows: list[Row], name: str, discount: float) -> set[str]:
    """Return the peers whose time for a smaller problem of the kind was longer than `PATIENCE`."""
    kind = family(name)
    return {
        solver
        for row in rows
        for solver in PEERS
        if family(row["problem"]) == kind
        and row["discount"] == discount
        and (row.get(solver) or 0.0) > PATIENCE
    }


def family(problem: str) -> str:
    """Return the kind of a problem, without its size."""
    return problem.partition(",")[0]


def _problems(*, large: bool) -> Iterator[tuple[str, Arrays, float]]:
    for states in (1_000, 10_000, 100_000) + large * (1_000_000,):
        yield f"random, {states:,} states", random_sparse(states), TOLERANCES[random_sparse]
    for size in (32, 100) + large * (300, 1_000):
        yield f"grid, {size} x {size}", slippery_grid(size), TOLERANCES[slippery_grid]


class Race:
    """One problem, solved by everybody.

    Args:
        name: What to call it.
        arrays: P and R.
        tolerance: The wanted distance to the optimum.
        folder: Where the peer finds the arrays.
        peer: The peers' program, if any.
    """

    def __init__(
        self, name: str, arrays: Arrays, tolerance: float, folder: Path, peer: Peer | None
    ) -> None:
        self.name, self.arrays, self.tolerance, self.peer = name, arrays, tolerance, peer
        self.file = folder / f"{name}.npz"
        P, R = arrays
        np.savez(self.file, data=P.data, indices=P.indices, indptr=P.indptr, R=R)

    def run(self, discount: float, repeats: int, without: set[str] | None = None) -> Row:
        """Return the median seconds of every contestant, and how far the peers end from ours.

        Args:
            discount: Of the problem.
            repeats: Timings of each contestant.
            without: Peers that do not take part.
        """
        planner = ModifiedPolicyIteration(
            TabularModel(*self.arrays, discount), tolerance=self.tolerance
        )
        contestants: dict[str, Callable[[], float]] = {"rlkit": lambda: seconds(planner.solve)}
        answers: dict[str, str] = {}
        if self.peer is not None:
            for solver in (solver for solver in PEERS if solver not in (without or ())):
                contestants[solver] = partial(self._ask, self.peer, solver, discount, answers)
        medians = alternating(contestants, repeats)
        measured = {name: None if np.isnan(value) else value for name, value in medians.items()}
        optimum = planner.solution.values if planner.solution else np.nan
        apart = {
            f"{solver} apart": float(np.abs(np.load(file) - optimum).max())
            for solver, file in answers.items()
        }
        size = {"problem": self.name, "transitions": self.arrays[0].nnz, "discount": discount}
        return {**size, **measured, **apart}

    def _ask(self, peer: Peer, solver: str, discount: float, answers: dict[str, str]) -> float:
        answer = peer.ask(
            solver=solver, file=str(self.file), discount=discount, tolerance=self.tolerance
        )
        if answer["seconds"] is None:
            return float("nan")
        answers[solver] = answer["values"]
        return float(answer["seconds"])
