"""What sounds alike: neighbours by edit distance, from which misheard acts are drawn."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import compiled
from rlkit.envs.cabin.state.tables import NEIGHBOURS, VALUE, cumulative

FLOOR = 0.15
"""Added to each normalised weight, so that distant neighbours stay possible (PyDial)."""
MOST_CANDIDATES = 1000
"""Candidates that one word is compared with; longer lists are thinned out evenly."""


class Alike(NamedTuple):
    """What each of W words can be mistaken for, up to ties between equally distant ones."""

    table: NDArray[np.void]
    """`(W,)` of `VALUE`, with everything but the neighbours, which ties decide."""
    candidates: NDArray[np.int64]
    """`(P,)`: words that may be among the nearest, those of one word after those of another."""
    distances: NDArray[np.int64]
    """`(P,)`: how far each of them is from its word."""
    owners: NDArray[np.int64]
    """`(P,)`: its word."""
    draws: NDArray[np.int64]
    """`(P,)`: which of the random numbers breaks its ties."""
    drawn: int
    """Random numbers of one table: one for every two words that are compared."""


def confusions(
    words: Sequence[str], rng: np.random.Generator, candidates: Sequence[int] | None = None
) -> NDArray[np.void]:
    """Return each word's nearest neighbours with cumulative probabilities, `(W,)` of `VALUE`.

    Args:
        words: The words.
        rng: Breaks ties between neighbours at the same distance.
        candidates: Indices of the words that can be neighbours; all by default.
    """
    return break_ties(sounding_alike(words, candidates), rng)


def sounding_alike(words: Sequence[str], candidates: Sequence[int] | None = None) -> Alike:
    """Return what words can be mistaken for; from it `break_ties` makes any number of tables.

    Weights are 1 / distance, normalised, plus `FLOOR`, normalised.

    Args:
        words: The words.
        candidates: Indices of the words that can be neighbours; all by default.
    """
    chosen = np.arange(len(words)) if candidates is None else np.asarray(candidates, dtype=np.int64)
    if len(chosen) > MOST_CANDIDATES:
        chosen = chosen[np.linspace(0, len(chosen) - 1, MOST_CANDIDATES).astype(np.int64)]
    table = np.zeros(len(words), VALUE)
    letters, starts = _flat(words)
    row = np.zeros(max((len(word) for word in words), default=0) + 1, np.int64)
    distances = np.zeros(len(chosen), np.int64)
    parts, drawn = [], 0
    for index in range(len(words)):
        edit_distances(letters, starts, index, chosen, row, distances)
        others = chosen != index
        near, far = chosen[others], distances[others]
        nearest = np.sort(far)[:NEIGHBOURS]
        table["neighbours"][index] = len(nearest)
        table["neighbour_cdf"][index, : len(nearest)] = _cumulative(nearest)
        kept = np.flatnonzero(far <= nearest[-1]) if len(nearest) else np.zeros(0, np.int64)
        parts.append((near[kept], far[kept], np.full(len(kept), index), drawn + kept))
        drawn += len(near)
    near, far, owners, draws = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Alike(table, near, far, owners, draws, drawn)


def break_ties(alike: Alike, rng: np.random.Generator) -> NDArray[np.void]:
    """Return one table of neighbours, `(W,)` of `VALUE`: `rng` orders those equally distant."""
    numbers = rng.random(alike.drawn)[alike.draws]
    order = np.lexsort((numbers, alike.distances, alike.owners))
    table = alike.table.copy()
    rows = np.searchsorted(alike.owners, np.arange(len(table)))
    places = np.arange(NEIGHBOURS)
    used = places < table["neighbours"][:, None]
    table["neighbour"][used] = alike.candidates[order][(rows[:, None] + places)[used]]
    return table


def _cumulative(distances: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return cumulative probabilities; equal words, at distance 0, count as at distance 1."""
    if len(distances) == 0:
        return np.zeros(0)
    weights = 1.0 / np.maximum(distances, 1)
    return cumulative(weights / np.cumsum(weights)[-1] + FLOOR)


def _flat(words: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return all letters in one array, and where each word starts (one entry more)."""
    letters = np.array([ord(letter) for word in words for letter in word], dtype=np.int64)
    starts = np.cumsum([0, *(len(word) for word in words)], dtype=np.int64)
    return letters, starts


@compiled
def edit_distances(
    letters: NDArray[np.int64],
    starts: NDArray[np.int64],
    word: int,
    others: NDArray[np.int64],
    row: NDArray[np.int64],
    distances: NDArray[np.int64],
) -> None:
    """Write the Levenshtein distance of one word to each of the others.

    Args:
        letters: All words, one after the other.
        starts: Where each begins; the last entry is the end.
        word: Index of the word.
        others: Indices of the others.
        row: Work space, longer than the longest word.
        distances: The result.
    """
    first = letters[starts[word] : starts[word + 1]]
    for index in range(len(others)):
        second = letters[starts[others[index]] : starts[others[index] + 1]]
        for column in range(len(second) + 1):
            row[column] = column
        for line in range(len(first)):
            diagonal = row[0]
            row[0] = line + 1
            for column in range(len(second)):
                cost = diagonal + (0 if first[line] == second[column] else 1)
                diagonal = row[column + 1]
                row[column + 1] = min(cost, diagonal + 1, row[column] + 1)
        distances[index] = row[len(second)]
