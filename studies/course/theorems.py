"""Two theorems by complete enumeration. Chapter 2, section 2.7."""

from collections.abc import Callable, Sequence
from itertools import combinations, product
from statistics import fmean

Search = Callable[[dict[int, int]], int]
"""Given the points tried and their values, returns a point that was not tried."""

POINTS, VALUES = 4, 3
"""Every function from 4 points to 3 values is a problem: 3^4 = 81 of them."""


def in_order(seen: dict[int, int]) -> int:
    """Return the first point that was not tried."""
    return min(_untried(seen))


def climb(seen: dict[int, int]) -> int:
    """Return the untried point nearest to the best one: a sensible search."""
    if not seen:
        return 0
    best = max(seen, key=lambda point: seen[point])
    return min(_untried(seen), key=lambda point: (abs(point - best), point))


def avoid(seen: dict[int, int]) -> int:
    """Return the untried point farthest from the best one: a foolish search."""
    if not seen:
        return 0
    best = max(seen, key=lambda point: seen[point])
    return max(_untried(seen), key=lambda point: (abs(point - best), point))


SEARCHES: dict[str, Search] = {"in order": in_order, "climb": climb, "avoid the best": avoid}


def best_found(search: Search, problem: Sequence[int], trials: int) -> int:
    """Return the largest value that a search meets in so many trials."""
    seen: dict[int, int] = {}
    for _ in range(trials):
        point = search(seen)
        seen[point] = problem[point]
    return max(seen.values())


def mean_best(search: Search, trials: int, *, rising: bool = False) -> float:
    """Return the mean best value over all problems, or over those whose values rise to one peak."""
    problems = [p for p in product(range(VALUES), repeat=POINTS) if not rising or _one_peak(p)]
    return fmean(best_found(search, problem, trials) for problem in problems)


def shared_predicates(things: int) -> set[int]:
    """Return how many predicates each pair of things shares: one number, the same for all pairs.

    A predicate is any set of things, those of which it is true; a pair shares it when it is true of
    both. Watanabe 1969.
    """
    predicates = [{i for i in range(things) if code >> i & 1} for code in range(2**things)]
    return {
        sum({a, b} <= predicate for predicate in predicates)
        for a, b in combinations(range(things), 2)
    }


def _untried(seen: dict[int, int]) -> list[int]:
    return [point for point in range(POINTS) if point not in seen]


def _one_peak(problem: Sequence[int]) -> bool:
    peak = problem.index(max(problem))
    rise, fall = problem[: peak + 1], problem[peak:]
    return list(rise) == sorted(rise) and list(fall) == sorted(fall, reverse=True)
