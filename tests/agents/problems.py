"""Random small problems, and their optima by enumeration in exact fractions.

Nothing here is taken from the planners: end components, gains and potentials do not occur. Every
deterministic policy is evaluated by elimination over rational numbers, class by class.
"""

import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from rlkit import TabularModel
from rlkit.arrays import Bools, Ints

Row = dict[int, Fraction]
NEAR = (1 - 1e-5, 1 - 1e-7, 1 - 1e-9, 1 - 1e-12)
DISCOUNTS = (0.0, 0.5, 0.9, 0.99, 0.999, *NEAR, *[1.0] * 9)
OTHER_KINDS = ("any", "swing", "periodic", "multichain", "costly", "proper")
KINDS = (*OTHER_KINDS, "free loop", "free loop", "free loop", "free loop")
ENDING = {"free loop": 0.2, "multichain": 0.1, "costly": 0.1, "proper": 0.9}
"""How often a step can end the episode; 0.3 else."""
CHANCES = [Fraction(n, d) for n, d in ((1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (1, 10), (9, 10))]


@dataclass
class Problem:
    """A problem in exact numbers.

    Attributes:
        discount: As the model has it.
        rows: `rows[s][a]`, the chances of the next states that are not terminal.
        ends: `ends[s][a]`, the chance that the step ends the episode, or leads to a terminal state.
        rewards: `rewards[s][a]`.
        legal: The legal actions of each state.
        terminal: Whether a state is terminal.
        model: The same as the planners take it.
    """

    discount: Fraction
    rows: list[list[Row]]
    ends: list[list[Fraction]]
    rewards: list[list[Fraction]]
    legal: list[list[int]]
    terminal: list[bool]
    model: TabularModel

    @property
    def states(self) -> range:
        """The numbers of the states."""
        return range(len(self.rows))


class Optimum(NamedTuple):
    """The best value of each state, None where no policy has one; or whether it is infinite."""

    values: list[Fraction | None]
    infinite: bool

    @property
    def exists(self) -> bool:
        """Whether it is a finite number everywhere."""
        return not self.infinite and None not in self.values


def random_problem(rng: np.random.Generator) -> Problem:
    """Return 2 to 6 states with 1 to 3 actions, small probabilities and integer rewards."""
    kind = KINDS[rng.integers(len(KINDS))]
    num_states = int(rng.integers(2, 7))
    num_actions = int(rng.integers(1, 4 if num_states < 5 else 3))
    shape = (num_states, num_actions)
    rows: Any = np.empty(shape, dtype=object)
    ends: Any = np.empty(shape, dtype=object)
    for s, a in np.ndindex(shape):
        ends[s, a], rows[s, a] = _random_step(rng, kind, s, num_states)
    rewards = _random_rewards(rng, kind, ends == 0)
    legal = rng.random(shape) < 0.8
    legal[np.arange(num_states), rng.integers(num_actions, size=num_states)] = True
    terminal = rng.random(num_states) < 0.15
    terminal[0] = False
    if kind in {"free loop", "swing"}:
        length = 2 if kind == "swing" else int(rng.integers(1, 3))
        terminal[:length] = False
        for s in range(length):
            a = int(rng.integers(num_actions))
            legal[s, a], rewards[s, a] = True, (kind == "swing") * (3 - 6 * s)
            ends[s, a], rows[s, a] = Fraction(0), {(s + 1) % length: Fraction(1)}
    discount = DISCOUNTS[rng.integers(len(DISCOUNTS))]
    return _problem(rows, ends, rewards, legal, terminal, discount)


def _random_step(
    rng: np.random.Generator, kind: str, state: int, num_states: int
) -> tuple[Fraction, Row]:
    """Return the chance that a step ends the episode, and where else it leads."""
    chance, share = (CHANCES[i] for i in rng.integers(len(CHANCES), size=2))
    end = Fraction(0)
    if rng.random() < ENDING.get(kind, 0.3):
        end = chance if rng.random() < 0.7 else Fraction(1)
    here, there = (int(n) for n in rng.integers(num_states, size=2))
    if kind == "periodic":
        here = there = (state + 1) % num_states
    if kind == "multichain":
        pair = state // 2 * 2
        here, there = (min(pair + int(n), num_states - 1) for n in rng.integers(2, size=2))
    row = dict.fromkeys((here, there), Fraction(0))
    share = share if rng.random() < 0.5 else Fraction(1)
    row[here] += (1 - end) * share
    row[there] += (1 - end) * (1 - share)
    return end, {n: p for n, p in row.items() if p}


def _random_rewards(rng: np.random.Generator, kind: str, inner: Bools) -> Ints:
    """Return integers, some of them 0; `inner` steps, which never end, mostly cost something."""
    largest = int(rng.choice([1, 3, 10]))
    rewards = rng.integers(-largest, largest + 1, size=inner.shape)
    rewards[rng.random(inner.shape) < rng.choice([0.0, 0.3, 0.7])] = 0
    if kind in {"costly", "free loop", "swing"} or rng.random() < 0.5:
        rewards[inner] = -np.abs(rewards[inner])  # else most optima at discount 1 were infinite
    return rewards


def _problem(
    rows: Any, ends: Any, rewards: Ints, legal: Bools, terminal: Bools, discount: float
) -> Problem:
    """Return a problem both ways. With a discount the exact numbers are the model's floats."""
    P = np.zeros((*ends.shape, len(ends)))
    for s, a in np.ndindex(ends.shape):
        for n, chance in rows[s, a].items():
            P[s, a, n] = chance
    model = TabularModel(
        P,
        rewards,
        discount,
        initial=np.eye(len(ends))[0],
        terminal=terminal,
        terminates=ends.astype(np.float64),
        legal=legal,
    )
    exact = rows
    if discount < 1:
        exact = np.empty_like(rows)
        for s, a in np.ndindex(ends.shape):
            exact[s, a] = {n: Fraction(float(p)) for n, p in rows[s, a].items()}
    over = set(np.flatnonzero(terminal).tolist())
    return Problem(
        Fraction(discount),
        [[{n: p for n, p in row.items() if n not in over} for row in line] for line in exact],
        [
            [
                ends[s, a] + sum(p for n, p in rows[s, a].items() if n in over)
                for a in range(ends.shape[1])
            ]
            for s in range(len(ends))
        ],
        [[Fraction(int(r)) for r in line] for line in rewards],
        [np.flatnonzero(line).tolist() for line in legal],
        terminal.tolist(),
        model,
    )


def optimum(problem: Problem) -> Optimum:
    """Return the best of all deterministic policies in each state."""
    best: list[Fraction | None] = [None] * len(problem.rows)
    choices = [[0] if problem.terminal[s] else problem.legal[s] for s in problem.states]
    for policy in itertools.product(*choices):
        values, infinite = worth(problem, policy)
        if infinite:
            return Optimum(best, infinite=True)
        for s, value in enumerate(values):
            known = best[s]
            if value is not None and (known is None or value > known):
                best[s] = value
    return Optimum(best, infinite=False)


def worth(problem: Problem, policy: tuple[int, ...]) -> tuple[list[Fraction | None], bool]:
    """Return the value of each state, None for minus infinity or no limit; or if it is infinite.

    At discount 1 a class that is never left is worth 0 if it pays nothing, infinity if it gains
    on average; a state that can come to another one has no finite value.
    """
    going = [s for s in problem.states if not problem.terminal[s]]
    rows = {s: problem.rows[s][policy[s]] for s in going}
    rewards = {s: problem.rewards[s][policy[s]] for s in going}
    lost: set[int] = set()
    idle: set[int] = set()
    for members in _closed_classes(problem, policy, rows) if problem.discount == 1 else []:
        if all(rewards[s] == 0 for s in members):
            idle |= members
        elif _gain(members, rows, rewards) > 0:
            return [None] * len(problem.rows), True
        else:
            lost |= _coming_to(members, rows)
    solved = [s for s in going if s not in lost and s not in idle]
    place = {s: i for i, s in enumerate(solved)}
    system = []
    for s in solved:
        line = [Fraction(int(s == n)) for n in solved]
        for n, p in rows[s].items():
            if n in place:
                line[place[n]] -= problem.discount * p
        system.append([*line, rewards[s]])
    answer = _solve(system)
    values = [None if s in lost else Fraction(0) for s in problem.states]
    for s in solved:
        values[s] = answer[place[s]]
    return values, False


def free_loop_ahead(problem: Problem) -> bool:
    """Return whether a loop that is free and never left can be reached from state 0."""
    met, found = {0}, [0]
    while found:
        s = found.pop()
        for a in [] if problem.terminal[s] else problem.legal[s]:
            new = set(problem.rows[s][a]) - met
            met |= new
            found.extend(new)
    free = {
        s: [
            set(problem.rows[s][a])
            for a in problem.legal[s]
            if problem.rewards[s][a] == 0 and problem.ends[s][a] == 0
        ]
        for s in met
        if not problem.terminal[s]
    }
    while True:
        kept = {s: [row for row in rows if row <= set(free)] for s, rows in free.items()}
        kept = {s: rows for s, rows in kept.items() if rows}
        if kept == free:
            return bool(free)
        free = kept


def _closed_classes(
    problem: Problem, policy: tuple[int, ...], rows: dict[int, Row]
) -> list[set[int]]:
    """Return the sets of states that a policy never leaves and moves through wholly."""
    reach: dict[int, set[int]] = {}
    for s in rows:
        reach[s], found = {s}, [s]
        while found:
            for n in rows[found.pop()]:
                if n not in reach[s]:
                    reach[s].add(n)
                    found.append(n)
    endless = {s for s in rows if problem.ends[s][policy[s]] == 0}
    classes = [c for c in reach.values() if c <= endless and all(reach[n] == c for n in c)]
    return [set(c) for c in {frozenset(c) for c in classes}]


def _coming_to(members: set[int], rows: dict[int, Row]) -> set[int]:
    """Return the states from which some of `members` can be reached."""
    found = set(members)
    while True:
        more = {s for s in rows if s not in found and any(n in found for n in rows[s])}
        if not more:
            return found
        found |= more


def _gain(members: set[int], rows: dict[int, Row], rewards: dict[int, Fraction]) -> Fraction:
    """Return the average reward of a class: its stationary distribution times its rewards."""
    order = sorted(members)
    system = [
        [rows[s].get(n, Fraction(0)) - int(s == n) for s in order] + [Fraction(0)] for n in order
    ]
    system[0] = [Fraction(1)] * (len(order) + 1)
    stationary = _solve(system)
    return sum((p * rewards[s] for p, s in zip(stationary, order, strict=True)), Fraction(0))


def _solve(system: list[list[Fraction]]) -> list[Fraction]:
    """Return the solution of a regular system [A | b] by elimination."""
    system = [row.copy() for row in system]
    size = len(system)
    for i in range(size):
        pivot = next(j for j in range(i, size) if system[j][i] != 0)
        system[i], system[pivot] = system[pivot], system[i]
        system[i] = [x / system[i][i] for x in system[i]]
        for j in range(size):
            if j != i and system[j][i] != 0:
                system[j] = [
                    x - system[j][i] * y for x, y in zip(system[j], system[i], strict=True)
                ]
    return [row[-1] for row in system]
