"""SARSA (Rummery and Niranjan 1994; NNDL Alg. 14.3).

repeat for each episode: s, a = pi^epsilon(s)
    repeat until s is terminal:
        act, and observe r, s';  a' = pi^epsilon(s')
        Q(s, a) += alpha (r + discount Q(s', a') - Q(s, a))
        s, a = s', a'
pi(s) = argmax_a Q(s, a)
"""

from rlkit.agents.tabular.config import TabularConfig
from rlkit.agents.tabular.learner import TabularLearner
from rlkit.agents.tabular.loops import Algorithm
from rlkit.agents.tabular.rules import (
    Memory,
    Settings,
    Transition,
    choose,
    improve,
    sarsa_target,
)
from rlkit.compiled import inlined


@inlined
def learn(memory: Memory, t: Transition, settings: Settings) -> None:
    """Learn from one transition."""
    q = memory[0]
    target = sarsa_target(q, t.reward, t.next_state, t.next_action, t.terminated, settings.discount)
    improve(memory, t.state, t.action, target, settings, t.step)


class SARSA(TabularLearner):
    """Learns the values of the policy that it plays, exploration included.

    On-policy: near danger it learns to keep away, because it knows that it will explore. `policy`
    is the greedy one. See `TabularLearner` for the arguments and `TabularConfig` for the
    hyper-parameters.
    """

    config_class = TabularConfig
    algorithm = Algorithm(learn, choose, on_policy=True)
