"""The problem: a Markov decision process as an immutable object, without any random numbers."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from rlkit.categorical import Categorical

S = TypeVar("S")
A = TypeVar("A")


class MDP(ABC, Generic[S, A]):
    """A finite Markov decision process: states, actions, p(s'|s, a), r(s, a, s') and a discount.

    The order of `states` and `actions` fixes their indices everywhere: in arrays, in Gymnasium
    spaces and in checkpoints. Sutton and Barto, *Reinforcement Learning*, 2nd edition, chapter 3.
    """

    states: Sequence[S]
    actions: Sequence[A]
    initial: Categorical[S]
    discount: float

    @abstractmethod
    def transition(self, s: S, a: A) -> Categorical[S]:
        """Return p(. | s, a), the distribution of the next state."""

    @abstractmethod
    def reward(self, s: S, a: A, s_next: S) -> float:
        """Return r(s, a, s'), the expected reward of this transition."""

    @abstractmethod
    def terminal(self, s: S) -> bool:
        """Return whether an episode is over in s: no action is taken there, its value is 0."""

    def legal(self, s: S) -> Sequence[A]:  # noqa: ARG002 - the default ignores the state
        """Return the actions that may be taken in s; all of them by default."""
        return self.actions
