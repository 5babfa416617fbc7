"""What sounds alike: neighbours by edit distance, from which misheard acts are drawn."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rlkit.compiled import compiled
from rlkit.envs.cabin.state.tables import NEIGHBOURS, VALUE, cumulative

FLOOR = 0.15
"""Added to each normalised weight, so that distant neighbours stay possible (PyDial)."""
MOST_CANDIDATES = 1000
"""Candidates that one word is compared with; longer lists are thinned out evenly."""


def confusions(
    words: Sequence[str], rng: np.random.Generator, candidates: Sequence[int] | None = None
) -> NDArray[np.void]:
    """Return each word's nearest neighbours with cumulative probabilities.

    Weights are 1 / distance, normalised, plus `FLOOR`, normalised.

    Args:
        words: The words.
        rng: Breaks ties between neighbours at the same distance.
        candidates: Indices of the words that can be neighbours; all by default.

    Returns:
        A structured array of `VALUE`, shape `(len(words),)`.
    """
    chosen = np.arange(len(words)) if candidates is None else np.asarray(candidates, dtype=np.int64)
    if len(chosen) > MOST_CANDIDATES:
        chosen = chosen[np.linspace(0, len(chosen) - 1, MOST_CANDIDATES).astype(np.int64)]
    table = np.zeros(len(words), VALUE)
    letters, starts = _flat(words)
    row = np.zeros(max((len(word) for word in words), default=0) + 1, np.int64)
    distances = np.zeros(len(chosen), np.int64)
    for index in range(len(words)):
        edit_distances(letters, starts, index, chosen, row, distances)
        others = chosen != index
        near, far = chosen[others], distances[others]
        order = np.lexsort((rng.random(len(near)), far))[:NEIGHBOURS]
        table["neighbours"][index] = len(order)
        table["neighbour"][index, : len(order)] = near[order]
        table["neighbour_cdf"][index, : len(order)] = _cumulative(far[order])
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
