"""The best average reward of an end component, by Howard's policy iteration.

In an end component any state can be reached from any other, so all states share the largest gain
g, and one potential h suffices: r + P h - h <= g for every action, with equality for the best
(Puterman, Markov Decision Processes, section 9.5, "communicating models").
"""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import splu

from rlkit.arrays import Array, Floats, Ints
from rlkit.linear import closed_loops

ROUNDS = 1_000
"""Rounds of policy iteration after which to give up; a few are needed."""
SWEEPS = 2_000
"""Sweeps in which the sign of a gain that is not zero nearly always shows."""
CLEARLY = 1e-11
"""Gains and advantages below this, relative to rewards and potentials, count as none."""


def largest_gain(P: sparse.csr_array, rewards: Floats, owner: Ints) -> tuple[float, Floats]:
    """Return the largest gain of an end component and a potential, `(S,)`.

    If the gain is not zero, only its sign is right: it is returned as soon as that is certain.

    Args:
        P: `(rows, S)`, rows that sum to 1.
        rewards: `(rows,)`.
        owner: The state that each row belongs to, ascending, `(rows,)`; each has one.

    Raises:
        ArithmeticError: If policy iteration does not settle.
    """
    from rlkit.agents.planning.graphs import rows_into

    clear = _clear_sign(P, rewards, owner)
    if clear:
        return clear, np.zeros(P.shape[1])
    into = rows_into(P.indptr, P.indices, P.shape[1])
    chosen = _best_rows(rewards, owner)
    for _ in range(ROUNDS):
        chosen = _towards_best_class(P, rewards, owner, into, chosen)
        gains, h = _evaluate(P[chosen], rewards[chosen], np.zeros(len(chosen), dtype=np.int64))
        gain = float(gains[0])
        advantages = rewards + P @ h - h[owner] - gain
        better, least = _best_rows(advantages, owner), threshold(rewards, h)
        most = gain + float(advantages.max())
        if gain > least or most < -least:
            return (gain if gain > least else most), h
        clearly = advantages[better] > least
        if not clearly.any():
            return gain, h
        chosen = np.where(clearly, better, chosen)
    raise ArithmeticError(f"the gain of a loop did not settle in {ROUNDS:,} rounds")


def _clear_sign(P: sparse.csr_array, rewards: Floats, owner: Ints) -> float:
    """Return a bound of the largest gain that shows its sign, or 0 if sweeps do not find one.

    For any V the largest gain lies between min TV - V and max TV - V (Odoni 1969). A half step
    keeps periodic problems from swinging.
    """
    first, values = np.flatnonzero(np.diff(owner, prepend=-1)), np.zeros(P.shape[1])
    least = threshold(rewards, values)
    for _ in range(SWEEPS):
        changes = np.maximum.reduceat(rewards + P @ values, first) - values
        if changes.min() > least:
            return float(changes.min())
        if changes.max() < -least:
            return float(changes.max())
        values += changes / 2
    return 0.0


def threshold(rewards: Floats, h: Floats) -> float:
    """Return how large a gain or an advantage must be to count."""
    return CLEARLY * max(float(np.abs(rewards).max()), float(np.abs(h).max()))


def _best_rows(worth: Floats, owner: Ints) -> Ints:
    """Return the best row of each state, `(S,)`."""
    order = np.lexsort((-worth, owner))
    return order[np.flatnonzero(np.diff(owner[order], prepend=-1))]


def _towards_best_class(
    P: sparse.csr_array, rewards: Floats, owner: Ints, into: tuple[Ints, Array], chosen: Ints
) -> Ints:
    """Return a policy that ends in the recurrent class of `chosen` with the largest gain."""
    from rlkit.agents.planning.graphs import route

    steps = sparse.csr_array(P[chosen])
    _, label = connected_components(steps, directed=True, connection="strong")
    closed = closed_loops(steps)
    classes, places = np.unique(label[closed], return_inverse=True)
    if len(classes) == 1:
        return chosen
    recurrent = np.flatnonzero(closed)
    gains, _ = _evaluate(steps[recurrent][:, recurrent], rewards[chosen][recurrent], places)
    goals = np.zeros(len(chosen), dtype=np.bool_)
    goals[recurrent[places == gains.argmax()]] = True
    routed = chosen.copy()
    route(*into, owner, np.ones(len(owner), dtype=np.bool_), goals, routed)
    return routed


def _evaluate(steps: sparse.csr_array, rewards: Floats, label: Ints) -> tuple[Floats, Floats]:
    """Return the gain of each recurrent class and the bias h of each state.

    With h = 0 in the first state of a class, its place in the system holds the gain instead. A
    transient state is labelled with the class that it ends in.
    """
    size = len(rewards)
    if label.any():
        first = np.unique(label, return_index=True)[1]
    else:
        first = np.flatnonzero(closed_loops(steps))[:1]
    biased = np.ones(size)
    biased[first] = 0.0
    of_gain = sparse.csr_array((np.ones(size), (np.arange(size), first[label])), (size, size))
    system = (sparse.eye_array(size) - steps) @ sparse.diags_array(biased) + of_gain
    solution = splu(sparse.csc_array(system)).solve(rewards)
    return solution[first], solution * biased
