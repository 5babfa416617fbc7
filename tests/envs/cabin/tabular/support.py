"""The exact cabin as several tests look at it: its optimum, restrictions, and expected visits."""

from functools import cache

import numpy as np

from rlkit import TabularModel
from rlkit.agents.planning import ModifiedPolicyIteration
from rlkit.arrays import Bools, Floats, Ints
from rlkit.envs.cabin.tabular.config import TabularCabinConfig
from rlkit.envs.cabin.tabular.problem import TabularCabin
from rlkit.envs.cabin.tabular.states import Situation
from rlkit.solution import Solution

CABIN = TabularCabin()
MODEL = CABIN.tabulate()
ACT = {name: k for k, name in enumerate(CABIN.actions)}
NAMED_START = CABIN.states.index(CABIN.named_start)
AT: Situation = CABIN.states.situation(np.arange(CABIN.states.over))
"""The columns of all states but the last, which is the end."""


@cache
def solved(config: TabularCabinConfig = CABIN.config) -> Solution:
    """Return the optimum of a configuration, certified to 1e-4."""
    return ModifiedPolicyIteration(TabularCabin(config), tolerance=1e-4).solve()


def best(model: TabularModel, allowed: Bools) -> Floats:
    """Return the values of the best policy that keeps to the allowed pairs, `(S,)`."""
    restricted = TabularModel(
        model.P,
        model.R,
        model.discount,
        initial=model.initial,
        terminal=model.terminal,
        terminates=model.terminates,
        legal=model.legal & allowed,
    )
    return ModifiedPolicyIteration(restricted, tolerance=1e-4).solve().values


def without(*names: str) -> Bools:
    """Return which pairs are left when acts whose name begins so are forbidden."""
    kept = [not any(act.startswith(name) for name in names) for act in CABIN.actions]
    return np.broadcast_to(np.array(kept), MODEL.legal.shape)


def only(act: str, where: Bools) -> Bools:
    """Return which pairs are left when nothing but `act` may be done in the states `where`."""
    allowed = np.ones(MODEL.legal.shape, dtype=np.bool_)
    here = np.append(where, False)
    allowed[here] = False
    allowed[here, ACT[act]] = True
    return allowed


def decide(*tests: tuple[Bools, str]) -> Ints:
    """Return a policy `(S,)`: in each state the act of the first test that holds."""
    chosen = np.select([test for test, _ in tests], [ACT[act] for _, act in tests])
    return np.append(chosen, ACT["wait"])


def visits(model: TabularModel, actions: Ints) -> Floats:
    """Return how often a policy is expected to act in each state of one dialogue, `(S,)`.

    The mass of dialogues that go on is followed step by step until next to none is left.
    """
    rows = model.P[np.arange(model.num_states) * model.num_actions + actions].T.tocsr()
    here, total = model.initial.copy(), np.zeros(model.num_states)
    while here.sum() > 1e-10:
        total += here
        here = rows @ here
    return total
