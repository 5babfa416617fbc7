"""Early stopping. Chapter 2, section 2.2; chapter 7, section 7.7."""

from copy import deepcopy
from math import inf, isnan

from torch import nn


class EarlyStopping:
    """Stop when the validation error no longer falls; go back to the best. Chapter 7, section 7.7.

    Args:
        patience: How many errors in a row may fail to be better before it says stop, positive.
        min_delta: By how much an error must be below the best to be better, not negative.
        network: Whose best parameters are kept; None keeps none.

    Raises:
        ValueError: If an argument leaves its range.
    """

    def __init__(
        self, patience: int = 5, min_delta: float = 0.0, network: nn.Module | None = None
    ) -> None:
        if patience < 1 or not 0 <= min_delta < inf:
            raise ValueError(
                f"patience is at least 1 and min_delta not negative; got {patience}, {min_delta}"
            )
        self.patience, self.min_delta, self.network = patience, min_delta, network
        self.best, self.best_index = inf, -1
        self._seen = 0
        self._kept = None if network is None else deepcopy(network.state_dict())

    def update(self, error: float) -> bool:
        """Take note of a validation error; return whether to stop.

        Raises:
            ValueError: If the error is not a number.
        """
        if isnan(error):
            raise ValueError("the validation error is nan: training diverged")
        if error < self.best - self.min_delta:
            self.best, self.best_index = error, self._seen
            if self.network is not None:
                self._kept = deepcopy(self.network.state_dict())
        self._seen += 1
        return self._seen - self.best_index > self.patience

    def restore(self) -> None:
        """Give the network the parameters of its best error.

        Raises:
            ValueError: If no network was given.
        """
        if self.network is None or self._kept is None:
            raise ValueError("there is nothing to restore: EarlyStopping was given no network")
        self.network.load_state_dict(self._kept)
