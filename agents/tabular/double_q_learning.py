"""Double Q-learning (van Hasselt 2010; Sutton and Barto, sec. 6.7).

repeat for each episode: s
    repeat until s is terminal:
        a = pi^epsilon(s) from (Q1 + Q2) / 2;  act, and observe r, s'
        with probability 1/2:
            Q1(s, a) += alpha (r + discount Q2(s', argmax_a' Q1(s', a')) - Q1(s, a))
        else the same with Q1 and Q2 exchanged
        s = s'
"""

import numpy as np

from rlkit.agents.tabular.config import TabularConfig
from rlkit.agents.tabular.learner import TabularLearner
from rlkit.agents.tabular.loops import Algorithm
from rlkit.agents.tabular.rules import Memory, Settings, Transition, choose
from rlkit.arrays import Array, Bools, Floats
from rlkit.compiled import inlined
from rlkit.schedules import value_at


@inlined
def double_q_target(
    chooser: Floats,
    judge: Floats,
    legal: Bools,
    reward: float,
    next_state: int,
    terminated: bool,
    discount: float,
) -> float:
    """Return r + discount judge(s', argmax_a' chooser(s', a')); r after termination."""
    if terminated:
        return reward
    best = -1
    for a in range(chooser.shape[1]):
        if legal[next_state, a] and (
            best < 0 or chooser[next_state, a] > chooser[next_state, best]
        ):
            best = a
    value: float = judge[next_state, best]
    return reward + discount * value


@inlined
def learn(memory: Memory, t: Transition, settings: Settings) -> None:
    """Learn from one transition: one of the two tables, at random."""
    q, visits, legal, twins, twin_visits = memory
    k = 0 if t.draw < 0.5 else 1
    s, a = t.state, t.action
    target = double_q_target(
        twins[k], twins[1 - k], legal, t.reward, t.next_state, t.terminated, settings.discount
    )
    visits[s, a] += 1
    twin_visits[k, s, a] += 1
    rate = value_at(settings.learning_rate, t.step, twin_visits[k, s, a])
    twins[k, s, a] += rate * (target - twins[k, s, a])
    q[s, a] = 0.5 * (twins[0, s, a] + twins[1, s, a])


class DoubleQLearning(TabularLearner):
    """Q-learning without its optimism: one table chooses the next action, the other judges it.

    The maximum of noisy values is too high on average; two independent tables avoid that. `q` is
    their mean, by which it acts. Step sizes go by the visits of each table of its own. See
    `TabularLearner` for the arguments and `TabularConfig` for the hyper-parameters.
    """

    config_class = TabularConfig
    algorithm = Algorithm(learn, choose, coin=True)

    def _more_memory(self) -> dict[str, Array]:
        shape = (2, *self._shape)
        return {
            "twins": np.full(shape, float(self.config.initial_value)),
            "twin_visits": np.zeros(shape, dtype=np.int64),
        }
