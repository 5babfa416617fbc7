"""The rules of tabular learning as pure functions: plain and compiled learners call the same."""

from rlkit.arrays import Bools, Floats
from rlkit.compiled import shared


@shared
def linear(start: float, stop: float, step: int, horizon: int) -> float:
    """Return the value at `step` of a line from `start` to `stop` over `horizon` steps."""
    return stop if step >= horizon else start + (stop - start) * step / horizon


@shared
def step_size(rate: float, decay: float, visits: int) -> float:
    """Return rate / visits^decay, with visits counted from 1 (Robbins and Monro for .5 < decay)."""
    return rate if decay == 0.0 else rate * float(visits) ** -decay


@shared
def best_value(q: Floats, legal: Bools) -> float:
    """Return the largest q of a legal action; `q` and `legal` have shape `(A,)`."""
    best = -1e300
    for a in range(len(q)):
        if legal[a] and q[a] > best:
            best = q[a]
    return best


@shared
def epsilon_greedy(q: Floats, legal: Bools, epsilon: float, draw: float) -> int:
    """Return a legal action: uniform with probability epsilon, else greedy, ties at random.

    One draw decides everything: below epsilon it is uniform in [0, epsilon), above it in
    [epsilon, 1), so its rest chooses among the candidates.
    """
    exploring = draw < epsilon
    best = best_value(q, legal)
    count = 0
    for a in range(len(q)):
        if legal[a] and (exploring or q[a] == best):
            count += 1
    share = draw / epsilon if exploring else (draw - epsilon) / (1.0 - epsilon)
    place = min(int(share * count), count - 1)
    for a in range(len(q)):
        if legal[a] and (exploring or q[a] == best):
            if place == 0:
                return a
            place -= 1
    return 0


@shared
def q_learning_target(
    reward: float, terminated: bool, discount: float, q_next: Floats, legal_next: Bools
) -> float:
    """Return r + discount max_a' Q(s', a'), without the last term after termination.

    Truncation is no termination: it bootstraps (NNDL Alg. 14.4; Sutton and Barto, eq. 6.8).
    """
    return reward if terminated else reward + discount * best_value(q_next, legal_next)
