"""Expected SARSA (van Seijen et al. 2009; Sutton and Barto, eq. 6.9).

repeat for each episode: s
    repeat until s is terminal:
        a = pi^epsilon(s);  act, and observe r, s'
        Q(s, a) += alpha (r + discount sum_a' pi^epsilon(a'|s') Q(s', a') - Q(s, a))
        s = s'
"""

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
from rlkit.arrays import Bools, Floats
from rlkit.compiled import inlined


@inlined
def expected_sarsa_target(
    q: Floats,
    legal: Bools,
    reward: float,
    next_state: int,
    terminated: bool,
    discount: float,
    epsilon: float,
) -> float:
    """Return r + discount E Q(s', a') for an epsilon-greedy a'; r after termination."""
    if terminated:
        return reward
    return reward + discount * expected_value(q, legal, next_state, epsilon)


@inlined
def learn(memory: Memory, t: Transition, settings: Settings) -> None:
    """Learn from one transition."""
    q, visits, legal = memory
    epsilon = epsilon_of(visits, t.next_state, settings.epsilon, t.step)
    target = expected_sarsa_target(
        q, legal, t.reward, t.next_state, t.terminated, settings.discount, epsilon
    )
    improve(memory, t.state, t.action, target, settings, t.step)


class ExpectedSARSA(TabularLearner):
    """SARSA that averages over its next action instead of drawing it: the same aim, less noise.

    See `TabularLearner` for the arguments and `TabularConfig` for the hyper-parameters.
    """

    config_class = TabularConfig
    algorithm = Algorithm(learn, choose)
