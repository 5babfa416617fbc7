"""What each piece of knowledge is worth: policies that may not see a factor of the state."""

import numpy as np
import pytest

from rlkit.arrays import Floats, Ints
from rlkit.envs.cabin.tabular.handcrafted import rules
from rlkit.envs.cabin.tabular.states import CONFIRMED, UNKNOWN
from tests.envs.cabin.tabular.support import AT, CABIN, MODEL, solved, without

ROUNDS = 12


def status(heard: Ints, *, sure: bool, noise: bool) -> Ints:
    """Return what is seen of a slot's status."""
    told = (heard != UNKNOWN) & (heard != CONFIRMED)
    seen = np.where(heard == CONFIRMED, 99, told.astype(np.int64))
    if noise:
        seen = seen + told * 10 * ((heard - 1) % 3)
    return np.asarray(seen + told * (heard >= 4) if sure else seen)


def groups(hidden: str) -> Ints:
    """Return a number for each state, equal where the states look alike, `(S,)`."""
    noise, sure = hidden not in {"noise", "noise, sure"}, hidden not in {"sure", "noise, sure"}
    columns = [status(heard, sure=sure, noise=noise) for heard in AT.heard]
    following = np.where(AT.road % 3 == 1, AT.road - 1, AT.road)
    roads = {"phase": AT.motorway, "following": following, "traffic": np.zeros_like(AT.road)}
    columns += [AT.guarded, AT.window, roads.get(hidden, AT.road)]
    columns.append(np.zeros_like(AT.load) if hidden in {"load", "traffic"} else AT.load)
    columns.append(np.zeros_like(AT.load) if hidden == "patience" else AT.patience)
    _, number = np.unique(np.stack(columns), axis=1, return_inverse=True)
    return np.append(number.ravel(), number.max() + 1)


def frequencies(actions: Ints) -> Floats:
    """Return the discounted visits of each state, `(S,)`."""
    rows = MODEL.P[np.arange(MODEL.num_states) * MODEL.num_actions + actions].T.tocsr()
    here, total = MODEL.initial.copy(), np.zeros(MODEL.num_states)
    while here.sum() > 1e-9:
        total += here
        here = MODEL.discount * (rows @ here)
    return total


def common(group: Ints, worth: Floats) -> Ints:
    """Return the best act of each group, given the worth of each act in each state."""
    sums = np.stack([np.bincount(group, column) for column in worth.T], axis=1)
    legal = MODEL.legal[np.unique(group, return_index=True)[1]]
    return np.asarray(np.where(legal, sums, -np.inf).argmax(axis=1)[group])


def improved(group: Ints, actions: Ints, share: float, rng: np.random.Generator) -> Ints:
    """Return a policy that is better on the states that this one visits, for a share of groups."""
    values = MODEL.evaluate(actions)
    q = MODEL.R + MODEL.discount * (MODEL.P @ values).reshape(MODEL.R.shape)
    wanted = common(group, (frequencies(actions) + 1e-9)[:, None] * q)
    differing = np.unique(group[wanted != actions])
    changed = differing[rng.random(len(differing)) < share]
    return np.where(np.isin(group, changed), wanted, actions)


def search(group: Ints, start: Ints, seed: int) -> float:
    """Return the value of the policy that a local search over groups ends with."""
    rng = np.random.default_rng(seed)
    votes = np.eye(MODEL.num_actions)[start] * (frequencies(start) + 1e-9)[:, None]
    actions = common(group, votes)
    best, share = float(MODEL.initial @ MODEL.evaluate(actions)), 1.0
    for _ in range(ROUNDS):
        tried = improved(group, actions, share, rng)
        value = float(MODEL.initial @ MODEL.evaluate(tried))
        if value > best:
            best, actions = value, tried
        else:
            share /= 2
    return best


@pytest.mark.study
@pytest.mark.parametrize(
    ("hidden", "loss"),
    [
        ("traffic", 2.50),
        ("phase", 2.46),
        ("noise, sure", 0.96),
        ("sure", 0.95),
        ("following", 0.50),
        ("load", 0.05),
        ("patience", 0.04),
        ("noise", 0.0002),
    ],
)
def test_what_hiding_a_factor_costs(hidden: str, loss: float) -> None:
    """The published losses are of policies that were found, so a search may only do better."""
    group = groups(hidden)
    starts = [
        solved().policy.actions,
        rules(CABIN).actions,
        rules(CABIN, road_aware=False).actions,
        np.where(MODEL.legal & without("wait"), solved().q, -np.inf).argmax(axis=1),
        np.where(MODEL.legal & without("confirm"), solved().q, -np.inf).argmax(axis=1),
    ]
    found = max(search(group, start, seed) for seed, start in enumerate(starts))

    optimum = float(MODEL.initial @ solved().values)
    assert -1e-3 <= optimum - found <= loss + 0.02
