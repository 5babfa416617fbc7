"""What tabular learners share: transitions, epsilon-greedy choice, values of a state, step sizes.

All are pure functions of numbers and tables, called by the plain and by the compiled loop; only
`improve` writes, and it writes one entry of a table. A *memory* is the tuple of the arrays of one
table; the first three are always `q`, `visits` and `legal`, each `(S, A)`.
"""

import math
from typing import Any, NamedTuple

from rlkit.arrays import Bools, Floats, Ints
from rlkit.compiled import inlined
from rlkit.schedules.values import POLYNOMIAL, Parameters, value_at

Memory = Any
"""A tuple of arrays, `(q, visits, legal, ...)`."""


class Transition(NamedTuple):
    """One step as a learner sees it.

    `terminated` says that the episode really ended, so nothing follows; `cut` that it stops here,
    `terminated` or truncated. `next_action` is -1 unless the learner is on-policy. `draw` is a
    uniform number for learners that toss a coin, else 0.
    """

    state: int
    action: int
    reward: float
    next_state: int
    next_action: int
    terminated: bool
    cut: bool
    step: int
    draw: float


class Settings(NamedTuple):
    """The hyper-parameters of a learner in the form that compiled loops take.

    `extra` holds two numbers to which each algorithm gives its own meaning.
    """

    discount: float
    epsilon: Parameters
    learning_rate: Parameters
    count_bonus: float
    extra: tuple[float, float]


@inlined
def best_value(q: Floats, legal: Bools, s: int) -> float:
    """Return max_a Q(s, a) over the legal actions."""
    best = -1e300
    for a in range(q.shape[1]):
        if legal[s, a] and q[s, a] > best:
            best = q[s, a]
    return best


@inlined
def expected_value(q: Floats, legal: Bools, s: int, epsilon: float) -> float:
    """Return E Q(s, a) for an epsilon-greedy a: (1 - epsilon) max + epsilon mean."""
    total, count = 0.0, 0
    for a in range(q.shape[1]):
        if legal[s, a]:
            total += q[s, a]
            count += 1
    return (1.0 - epsilon) * best_value(q, legal, s) + epsilon * total / count


@inlined
def appeal(memory: Memory, s: int, a: int, count_bonus: float) -> float:
    """Return Q(s, a) + c / sqrt(n(s, a)), by which actions are chosen; an untried one counts as 1.

    The bonus of rarely tried actions is that of Strehl and Littman (2008), here in the behaviour
    alone: no target contains it.
    """
    value: float = memory[0][s, a]
    if count_bonus > 0.0:
        value += count_bonus / math.sqrt(max(memory[1][s, a], 1))
    return value


@inlined
def greedy_action(memory: Memory, s: int, count_bonus: float, draw: float) -> int:
    """Return a legal action of the largest appeal, ties decided by a draw in [0, 1)."""
    legal = memory[2]
    best, chosen, count = -1e300, 0, 0
    for a in range(legal.shape[1]):
        if legal[s, a]:
            value = appeal(memory, s, a, count_bonus)
            if value > best:
                best, chosen, count = value, a, 1
            elif value == best:
                count += 1
    if count == 1:
        return chosen
    place = min(int(draw * count), count - 1)
    for a in range(chosen, legal.shape[1]):
        if legal[s, a] and appeal(memory, s, a, count_bonus) == best:
            if place == 0:
                return a
            place -= 1
    return chosen


@inlined
def any_action(legal: Bools, s: int, draw: float) -> int:
    """Return a legal action, each with the same probability, by a draw in [0, 1)."""
    count = 0
    for a in range(legal.shape[1]):
        if legal[s, a]:
            count += 1
    place = min(int(draw * count), count - 1)
    for a in range(legal.shape[1]):
        if legal[s, a]:
            if place == 0:
                return a
            place -= 1
    return 0


@inlined
def epsilon_greedy(memory: Memory, s: int, epsilon: float, count_bonus: float, draw: float) -> int:
    """Return a legal action: any with probability epsilon, else the best (NNDL sec. 14.2.2).

    One draw decides everything: below epsilon it is uniform in [0, epsilon), above it in
    [epsilon, 1), so its rest chooses among the candidates.
    """
    if draw < epsilon:
        return any_action(memory[2], s, draw / epsilon)
    return greedy_action(memory, s, count_bonus, (draw - epsilon) / (1.0 - epsilon))


@inlined
def epsilon_of(visits: Ints, s: int, schedule: Parameters, step: int) -> float:
    """Return epsilon in a state; it may depend on the visits of its pairs so far."""
    count = 1
    if schedule.kind == POLYNOMIAL:
        for a in range(visits.shape[1]):
            count += visits[s, a]
    return value_at(schedule, step, count)


@inlined
def choose(memory: Memory, s: int, settings: Settings, step: int, draw: float) -> int:
    """Return the epsilon-greedy action in s."""
    epsilon = epsilon_of(memory[1], s, settings.epsilon, step)
    return epsilon_greedy(memory, s, epsilon, settings.count_bonus, draw)


@inlined
def sarsa_target(
    q: Floats, reward: float, next_state: int, next_action: int, terminated: bool, discount: float
) -> float:
    """Return r + discount Q(s', a'), without the last term after termination.

    After a truncation a' is what would have been done next (Sutton and Barto, eq. 6.7).
    """
    return reward if terminated else reward + discount * q[next_state, next_action]


@inlined
def improve(memory: Memory, s: int, a: int, target: float, settings: Settings, step: int) -> None:
    """Move Q(s, a) by its step size towards a target: Q += alpha (target - Q)."""
    q, visits = memory[0], memory[1]
    visits[s, a] += 1
    rate = value_at(settings.learning_rate, step, visits[s, a])
    q[s, a] += rate * (target - q[s, a])
