"""SARSA(lambda) with eligibility traces, backward view (Sutton and Barto, sec. 12.7).

repeat for each episode: e = 0;  s, a = pi^epsilon(s)
    repeat until s is terminal:
        act, and observe r, s';  a' = pi^epsilon(s')
        delta = r + discount Q(s', a') - Q(s, a)
        e(s, a) += 1, or = 1 with replacing traces
        for all x with e(x) > 0:  Q(x) += alpha delta e(x);  e(x) *= discount lambda
        s, a = s', a'
"""

import math
from dataclasses import dataclass

import numpy as np

from rlkit.agents.tabular.config import TabularConfig
from rlkit.agents.tabular.learner import TabularLearner
from rlkit.agents.tabular.loops import Algorithm
from rlkit.agents.tabular.rules import Memory, Settings, Transition, choose, sarsa_target
from rlkit.arrays import Array
from rlkit.checks import in_unit_interval
from rlkit.compiled import inlined
from rlkit.names import unknown
from rlkit.schedules import value_at

FAINT = 1e-6
"""A trace below this is dropped, so that a step costs what is remembered, not the whole table."""
CEILINGS = {"accumulating": math.inf, "replacing": 1.0}


@dataclass(frozen=True)
class SARSALambdaConfig(TabularConfig):
    """Hyper-parameters of SARSA(lambda)."""

    lambda_: float = 0.9
    """Decay of the traces in [0, 1]: 0 is SARSA, 1 is close to Monte Carlo."""
    traces: str = "accumulating"
    """`accumulating` adds 1 at every visit, as the forward view asks; `replacing` sets 1 (Singh
    and Sutton 1996), which is steadier where episodes come back to the same pair."""

    def __post_init__(self) -> None:
        super().__post_init__()
        in_unit_interval("lambda_", self.lambda_)
        if self.traces not in CEILINGS:
            raise ValueError(unknown("kind of traces", self.traces, CEILINGS))


@inlined
def marked(trace: float, ceiling: float) -> float:
    """Return the trace of the pair just visited: one more, up to the ceiling."""
    return min(trace + 1.0, ceiling)


@inlined
def learn(memory: Memory, t: Transition, settings: Settings) -> None:
    """Learn about every pair that is still remembered."""
    q, visits, _, traces, remembered, length = memory
    decay, ceiling = settings.extra
    s, a, num_actions = t.state, t.action, q.shape[1]
    visits[s, a] += 1
    if traces[s, a] == 0.0:
        remembered[length[0]] = s * num_actions + a
        length[0] += 1
    traces[s, a] = marked(traces[s, a], ceiling)
    target = sarsa_target(q, t.reward, t.next_state, t.next_action, t.terminated, settings.discount)
    delta = target - q[s, a]
    kept = 0
    for i in range(length[0]):
        pair = remembered[i]
        x, b = pair // num_actions, pair % num_actions
        rate = value_at(settings.learning_rate, t.step, visits[x, b])
        q[x, b] += rate * delta * traces[x, b]
        traces[x, b] *= settings.discount * decay
        if t.cut or traces[x, b] < FAINT:
            traces[x, b] = 0.0
        else:
            remembered[kept] = pair
            kept += 1
    length[0] = kept


class SARSALambda(TabularLearner):
    """SARSA that credits all pairs of the episode at once, the more the younger they are.

    Each pair has the step size of its own visits. See `TabularLearner` for the arguments.
    """

    config_class = SARSALambdaConfig
    config: SARSALambdaConfig
    algorithm = Algorithm(learn, choose, on_policy=True)

    def _more_memory(self) -> dict[str, Array]:
        return {
            "traces": np.zeros(self._shape),
            "remembered": np.zeros(self._shape[0] * self._shape[1], dtype=np.int64),
            "length": np.zeros(1, dtype=np.int64),
        }

    def _extra(self) -> tuple[float, float]:
        return self.config.lambda_, CEILINGS[self.config.traces]

    def _forget_episode(self) -> None:
        self._memory["traces"][:] = 0.0
        self._memory["length"][:] = 0
