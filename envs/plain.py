"""Sampling for a single environment: the alias tables as Python numbers."""

from rlkit.arrays import plain
from rlkit.outcomes import Outcomes, place_of
from rlkit.randomness import Stream


class PlainOutcomes:
    """Outcomes in the form that is fastest to look up one by one.

    Args:
        outcomes: None of its rows is empty.
    """

    def __init__(self, outcomes: Outcomes) -> None:
        starts, records, alias = outcomes.sampler
        self._starts, self._alias = plain(starts), plain(alias)
        self._keep = plain(records["keep"])
        self.next_states = plain(outcomes.next_states)
        self.rewards = plain(outcomes.rewards)
        self.terminated = plain(outcomes.terminated)

    def draw(self, row: int, stream: Stream) -> int:
        """Return the place of the outcome that the next draw of `stream` selects in `row`."""
        start, stop = self._starts[row : row + 2]
        place, rest = place_of(start, stop, stream.random())
        chosen: int = place if rest < self._keep[place] else self._alias[place]
        return chosen
