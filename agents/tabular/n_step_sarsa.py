"""n-step SARSA (Sutton and Barto, sec. 7.2).

repeat for each episode: s, a = pi^epsilon(s)
    repeat until s is terminal:
        act, and observe r, s';  a' = pi^epsilon(s')
        for the pair (s_k, a_k) of n steps ago, or at the end for all that are left:
            G = r_k + discount r_{k+1} + ... + discount^m Q(s', a')
            Q(s_k, a_k) += alpha (G - Q(s_k, a_k))
        s, a = s', a'
"""

from dataclasses import dataclass

import numpy as np

from rlkit.agents.tabular.config import TabularConfig
from rlkit.agents.tabular.learner import TabularLearner
from rlkit.agents.tabular.loops import Algorithm
from rlkit.agents.tabular.rules import Memory, Settings, Transition, choose, improve
from rlkit.arrays import Array, Floats
from rlkit.checks import whole
from rlkit.compiled import inlined


@dataclass(frozen=True)
class NStepSARSAConfig(TabularConfig):
    """Hyper-parameters of n-step SARSA."""

    n: int = 4
    """Rewards that a target sums before it bootstraps, at least 1; 1 is SARSA."""

    def __post_init__(self) -> None:
        super().__post_init__()
        whole("n", self.n, 1)


@inlined
def n_step_return(
    rewards: Floats, first: int, count: int, last_value: float, discount: float
) -> float:
    """Return r_k + discount r_{k+1} + ... + discount^m V (Sutton and Barto, eq. 7.4).

    Args:
        rewards: Ring of the last n rewards; step i stands at i mod n.
        first: The step k.
        count: Steps so far.
        last_value: V, 0 after termination.
        discount: In [0, 1].
    """
    total = last_value
    for i in range(count - 1, first - 1, -1):
        total = rewards[i % len(rewards)] + discount * total
    return total


@inlined
def learn(memory: Memory, t: Transition, settings: Settings) -> None:
    """Learn about the pair of n steps ago; where the episode is cut, about all that are left."""
    q, visits, legal, states, actions, rewards, length = memory
    n, place = len(states), length[0] % len(states)
    states[place], actions[place], rewards[place] = t.state, t.action, t.reward
    count = length[0] + 1
    oldest = max(count - n, 0)
    ready = count if t.cut else oldest + (count >= n)
    for k in range(oldest, ready):
        last_value = 0.0 if t.terminated else q[t.next_state, t.next_action]
        target = n_step_return(rewards, k, count, last_value, settings.discount)
        s, a = states[k % n], actions[k % n]
        improve((q, visits, legal), s, a, target, settings, t.step)
    length[0] = 0 if t.cut else count


class NStepSARSA(TabularLearner):
    """SARSA whose targets sum n rewards: news travel n states at once, with more noise.

    A truncated episode bootstraps from the action that would have come next. See `TabularLearner`
    for the arguments.
    """

    config_class = NStepSARSAConfig
    config: NStepSARSAConfig
    algorithm = Algorithm(learn, choose, on_policy=True)

    def _more_memory(self) -> dict[str, Array]:
        n = self.config.n
        return {
            "recent_states": np.zeros(n, dtype=np.int64),
            "recent_actions": np.zeros(n, dtype=np.int64),
            "recent_rewards": np.zeros(n),
            "length": np.zeros(1, dtype=np.int64),
        }

    def _forget_episode(self) -> None:
        self._memory["length"][:] = 0
