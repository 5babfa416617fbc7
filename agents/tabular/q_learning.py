"""Q-learning (Watkins 1989; NNDL Alg. 14.4).

repeat for each episode: s
    repeat until s is terminal:
        a = pi^epsilon(s);  act, and observe r, s'
        Q(s, a) += alpha (r + discount max_a' Q(s', a') - Q(s, a))
        s = s'
pi(s) = argmax_a Q(s, a)
"""

from rlkit.agents.tabular.config import TabularConfig
from rlkit.agents.tabular.learner import TabularLearner
from rlkit.agents.tabular.loops import Algorithm
from rlkit.agents.tabular.rules import Memory, Settings, Transition, best_value, choose, improve
from rlkit.arrays import Bools, Floats
from rlkit.compiled import inlined


@inlined
def q_learning_target(
    q: Floats, legal: Bools, reward: float, next_state: int, terminated: bool, discount: float
) -> float:
    """Return r + discount max_a' Q(s', a'), without the last term after termination.

    Truncation is no termination: it bootstraps (Sutton and Barto, eq. 6.8).
    """
    return reward if terminated else reward + discount * best_value(q, legal, next_state)


@inlined
def learn(memory: Memory, t: Transition, settings: Settings) -> None:
    """Learn from one transition."""
    q, _, legal = memory
    target = q_learning_target(q, legal, t.reward, t.next_state, t.terminated, settings.discount)
    improve(memory, t.state, t.action, target, settings, t.step)


class QLearning(TabularLearner):
    """Learns Q by bootstrapping on its own best next value, while it explores.

    Off-policy: it learns the values of the greedy policy. See `TabularLearner` for the arguments
    and `TabularConfig` for the hyper-parameters.
    """

    config_class = TabularConfig
    algorithm = Algorithm(learn, choose)
