"""Monte Carlo control (NNDL sec. 14.2.2; Sutton and Barto, sec. 5.3 and 5.4).

repeat for each episode:
    play s_0, a_0, r_1, ... with pi^epsilon; with exploring starts (s_0, a_0) is any pair
    G = 0
    for t = T-1, ..., 0:
        G = r_{t+1} + discount G
        Q(s_t, a_t) += (G - Q(s_t, a_t)) / n(s_t, a_t)
"""

from dataclasses import dataclass

import numpy as np

from rlkit.agents.tabular.config import TabularConfig
from rlkit.agents.tabular.learner import TabularLearner
from rlkit.agents.tabular.loops import Algorithm
from rlkit.agents.tabular.rules import (
    Memory,
    Settings,
    Transition,
    choose,
    epsilon_of,
    expected_value,
    improve,
)
from rlkit.arrays import Array
from rlkit.checks import flag, whole
from rlkit.compiled import inlined
from rlkit.schedules import Inverse, Schedule


@dataclass(frozen=True)
class MonteCarloConfig(TabularConfig):
    """Hyper-parameters of Monte Carlo control."""

    learning_rate: Schedule = Inverse()  # noqa: RUF009 - immutable
    """Step size in [0, 1]; 1/n makes Q the mean of all returns."""
    every_visit: bool = False
    """Whether each visit of a pair counts, or only its first in the episode."""
    exploring_starts: bool = False
    """Whether episodes begin with a random state and action; needs a model, or one of our
    environments. With it epsilon may be 0."""
    longest_episode: int = 10_000
    """An episode is truncated after so many steps, if the environment does not do so before."""

    def __post_init__(self) -> None:
        super().__post_init__()
        flag("every_visit", self.every_visit)
        flag("exploring_starts", self.exploring_starts)
        whole("longest_episode", self.longest_episode, 1)


@inlined
def return_of(reward: float, following: float, discount: float) -> float:
    """Return G_t = r_{t+1} + discount G_{t+1}."""
    return reward + discount * following


@inlined
def learn(memory: Memory, t: Transition, settings: Settings) -> None:
    """Remember one step; at the end of the episode learn from all of them, backwards.

    What a truncated episode would still have earned is replaced by the expected Q of the state
    where it was cut.
    """
    q, visits, legal, last_episode, states, actions, rewards, counts, clock = memory
    episode, length = clock[0], clock[1]
    s, a = t.state, t.action
    states[length], actions[length], rewards[length] = s, a, t.reward
    counts[length] = settings.extra[0] != 0.0 or last_episode[s, a] != episode
    last_episode[s, a] = episode
    clock[1] = length + 1
    if not t.cut:
        return
    total = 0.0
    if not t.terminated:
        epsilon = epsilon_of(visits, t.next_state, settings.epsilon, t.step)
        total = expected_value(q, legal, t.next_state, epsilon)
    for k in range(length, -1, -1):
        total = return_of(rewards[k], total, settings.discount)
        if counts[k]:
            improve((q, visits, legal), states[k], actions[k], total, settings, t.step)
    clock[0], clock[1] = episode + 1, 0


class MonteCarlo(TabularLearner):
    """Learns Q as the mean return of whole episodes, and never from its own estimates.

    One exception: a truncated episode has no full return, so it is completed by the present value
    of the state where it was cut; leaving such episodes out would favour the short ones, and
    taking the cut for an end would be wrong. See `TabularLearner` for the arguments.
    """

    config_class = MonteCarloConfig
    config: MonteCarloConfig
    algorithm = Algorithm(learn, choose)

    def _more_memory(self) -> dict[str, Array]:
        if self.config.exploring_starts:
            self.algorithm = Algorithm(learn, choose, exploring_starts=True)
        longest = self._limit()
        return {
            "last_episode": np.zeros(self._shape, dtype=np.int64),
            "states": np.zeros(longest, dtype=np.int64),
            "actions": np.zeros(longest, dtype=np.int64),
            "rewards": np.zeros(longest),
            "counts": np.zeros(longest, dtype=np.bool_),
            "clock": np.array([1, 0]),
        }

    def _extra(self) -> tuple[float, float]:
        return float(self.config.every_visit), 0.0

    def _limit(self) -> int:
        own = super()._limit()
        longest = self.config.longest_episode
        return longest if own < 0 else min(own, longest)

    def _forget_episode(self) -> None:
        self._memory["clock"][:, 1] = 0
        self._memory["clock"][:, 0] += 1
